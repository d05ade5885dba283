"""Output that cannot be written ends every command with one sentence and 1, a reader that has left with 141; there is never a traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest

from tutor import cli
from tutor.analysis.evidence_file import write_example
from tutor.cli import output

FULL = "/dev/full"
pytestmark = pytest.mark.skipif(not Path(FULL).exists(), reason="this system has no device that is always full")
COMMANDS = [("runs", "list"), ("runs", "list", "--json"), ("study", "sufficient-statistics"), ("diagnose", "FILE"),
            ("run", "--help"), ("--version",)]


@pytest.fixture
def arguments(request, tmp_path, users_store):
    """A command line, with a file where one is needed."""
    write_example(tmp_path / "example.npz")
    return [str(tmp_path / "example.npz") if one == "FILE" else one for one in request.param]


def full() -> TextIO:
    """A stream to a disk without space."""
    return os.fdopen(os.open(FULL, os.O_WRONLY), "w", encoding="utf-8", buffering=1)


def ended(arguments: list[str], stream, monkeypatch) -> int:
    """The exit code of the whole program when its output goes to `stream`."""
    monkeypatch.setattr(sys, "argv", ["prompt-tutor", *arguments])
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit) as ended_:
        cli.main()
    stream.close()                                 # as the interpreter does at its end
    return ended_.value.code


@pytest.mark.parametrize("arguments", COMMANDS, indirect=True, ids=" ".join)
def test_a_full_disk_is_one_sentence(arguments, monkeypatch, capsys):
    assert ended(arguments, full(), monkeypatch) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "the output cannot be written: no space is left on the device"


@pytest.mark.parametrize("arguments", [one for one in COMMANDS if one[-1] not in ("--help", "--version")], indirect=True, ids=" ".join)
def test_a_reader_that_has_left_is_no_error_to_talk_about(arguments, monkeypatch, capsys):
    read, write = os.pipe()
    os.close(read)
    assert ended(arguments, os.fdopen(write, "w", encoding="utf-8", buffering=1), monkeypatch) == output.LEFT
    assert "cannot" not in capsys.readouterr().err


@pytest.mark.parametrize(("redirection", "code", "said"), [
    (f">{FULL}", 1, "the output cannot be written: no space is left on the device\n"),
    ("<&- >&-", 1, "the output cannot be written: it is closed\n"),
    (">&- 2>&-", 1, ""), (f"2>{FULL} >/dev/null", 0, ""), ("2>&-", 0, ""), ("| true", 141, ""),
])
def test_the_program_itself_leaves_no_traceback_also_not_at_its_end(redirection, code, said, tmp_path):
    program = f"'{sys.executable}' -c 'from tutor.cli import main; main()' runs list --json --store {tmp_path} {redirection}"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {program}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_refusal_keeps_its_exit_code_where_nothing_can_be_said(monkeypatch):
    monkeypatch.setattr(sys, "stderr", full())
    assert cli.answer_command(["run", "absent.toml"]) == 2


def test_an_error_that_names_a_file_names_it():
    assert output.explain_lost_output(OSError(errno.EIO, "x", "out.zip")) == (
        1,
        "the output cannot be written to out.zip: input/output error",
    )
