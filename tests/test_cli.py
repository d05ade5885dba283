"""What the command line promises: results on stdout, one sentence for every mistake, and the exit code that says how it ended."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from smallest import SmallStudy, pretraining, tuning

from tutor import cli, studies
from tutor.cli.exit_codes import format_number


def test_a_run_prints_its_key_and_one_json_document(command, users_store, spec_file):
    code, out, _ = command("run", spec_file, "--json")
    found = orjson.loads(out)
    assert (code, found["key"], found["state"]) == (0, pretraining().key(), "done")
    assert found["summary"]["evaluated_on"][0]["kind"] == "dirichlet"


def test_a_run_for_people_shows_every_source_it_was_measured_on(command, users_store, spec_file):
    code, out, _ = command("run", spec_file)
    assert code == 0 and pretraining().key() in out
    assert all(label in out for label in ("Random coins (pretrained on)", "Single coin 0.2", "Two coins 0.2 / 0.8"))


@pytest.mark.parametrize(("value", "said"), [(0.0, "0.000"), (1.23456, "1.235"), (0.1, "0.100"), (-0.0340, "-0.0340"),
                                             (0.00011949, "0.000119"), (3.5e-05, "3.50e-05"), (45.6789, "45.679")])
def test_a_number_of_a_table_has_three_digits_that_say_something(value, said):
    assert format_number(value) == said


def test_the_store_option_decides_where_a_run_is_kept(command, users_store, spec_file, tmp_path):
    command("run", spec_file, "--store", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / pretraining().key()).is_dir() and not users_store.root.exists()


GOOD = pretraining().to_toml()
COINS = "probs = [[0.2, 0.8], [0.8, 0.2]]"
WRONG = {
    "source.probs: probs holds 1.5; every probability must lie between 0 and 1": 'kind = "categorical"\nprobs = [1.5, -0.5]',
    "source: weights sums to 0.9; it must sum to 1": f'kind = "mixture"\n{COINS}\nweights = [0.4, 0.5]',
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_source_that_cannot_be_is_one_sentence(command, users_store, spec_file, sentence):
    spec_file.write_text("[source]\n" + WRONG[sentence] + GOOD[GOOD.index("\n[body]"):])
    assert command("run", spec_file) == (2, "", sentence + "\n")


MISTAKES = {
    "recipe.stepz is not a field; did you mean steps?": ("steps = 12", "stepz = 12"),
    "width is 10 and heads is 4; the width must be divisible by the heads": ('width = 4\nlayers = 1\nembedding = 4\nkind = "lstm"',
                                                                            'width = 10\nheads = 4\nkind = "transformer"'),
    "spec.toml is not valid TOML: Invalid value (at line 12": ("steps = 12", "steps = "),
    "seeds.repetitions is 0; input should be greater than or equal to 1": ("repetitions = 1", "repetitions = 0"),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_in_a_specification_is_one_sentence_that_names_it(command, users_store, spec_file, sentence):
    assert MISTAKES[sentence][0] in GOOD
    spec_file.write_text(GOOD.replace(*MISTAKES[sentence]))
    code, out, err = command("run", spec_file)
    assert (code, out) == (2, "") and sentence in err and err.count("\n") == 1


@pytest.mark.parametrize("length", [-1, 10**9])
def test_a_prompt_length_that_cannot_be_is_one_sentence(command, users_store, spec_file, length):
    spec_file.write_text(re.sub("length = 2", f"length = {length}", tuning().to_toml()))
    code, _, err = command("run", spec_file)
    assert code == 2 and err.startswith(f"method.length is {length}; ") and err.count("\n") == 1


@pytest.mark.parametrize(("arguments", "said"), [
    (["run", "missing.toml"], "missing.toml cannot be read"),
    (["run", "spec.txt"], "must end in .toml or .json"),
    (["run"], "Missing argument 'SPEC'"),
    (["study", "random-to-singel"], "did you mean random-to-single?"),
    (["study"], "no study is named; there are random-to-single, random-to-mixture"),
    (["runs", "show", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["runs", "show", "../../etc"], "is not a run key"),
    (["runs", "show", "01234"], "'01234' is not a run key; a key has 16 hexadecimal digits, of which the first six may do"),
    (["runs", "list", "--last", "0"], "Invalid value for '--last'"),
    (["runs", "export", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["runs", "delete", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["bench", "speed"], "speed is not a bench; there are "),
    (["frobnicate"], "No such command 'frobnicate'"),
    (["--prot", "3"], "No such option: --prot"),
    (["app", "--port", "99999"], "--port is 99999; it must lie between 1 and 65535"),
    (["app", "--host", "nowhere.invalid"], "--host is nowhere.invalid; it must be an address of this computer"),
    (["app", "--lessons", "nowhere"], "--lessons is nowhere; it must be a folder"),
    (["app", "--scheduler", "somewhere"], "--scheduler is somewhere; it must look like tcp://host:8786"),
    (["app", "--scheduler", "tcp://127.0.0.1:9"], "no scheduler answers at tcp://127.0.0.1:9"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bad_input_is_exit_2_and_one_sentence(command, users_store, arguments, said):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["run", "{spec}"], ["app", "--no-browser"], ["study", "small"]])
def test_a_store_that_cannot_be_written_is_one_sentence(command, spec_file, tmp_path, monkeypatch, arguments):
    monkeypatch.setitem(studies.STUDIES, "small", SmallStudy())
    (tmp_path / "file").write_bytes(b"")
    named = [argument.format(spec=spec_file) for argument in arguments]
    code, _, err = command(*named, "--store", tmp_path / "file" / "runs")
    assert code == 2 and err.splitlines()[-1].startswith("cannot write to the store")


def test_a_port_that_is_in_use_is_one_sentence(command, users_store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = command("app", "--port", taken.getsockname()[1], "--no-browser")
    assert code == 2 and re.fullmatch(r"port \d+ of 127\.0\.0\.1 is in use \(.*\); choose another with --port or --host\n", err)


def test_a_run_that_fails_is_exit_1_with_its_reason(command, users_store, spec_file):
    bad = pretraining(steps=60, batch=1, length=12, learning_rate=1.0, clip=1000.0).to_toml()
    two_coins = '[source]\nkind = "mixture"\nprobs = [[0.01, 0.99], [0.99, 0.01]]\nweights = [0.5, 0.5]\n'
    spec_file.write_text(two_coins + bad[bad.index("\n[body]"):])
    code, out, err = command("run", spec_file)
    assert (code, out) == (1, "") and "is diverged: diverged at step" in err


def test_help_and_version_come_without_torch():
    code = ("import sys; from tutor.cli import answer_command; "
            "assert answer_command(['--help']) == answer_command(['--version']) == 0; print(sorted(sys.modules))")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'typer'" in out and not any(f"'{heavy}'" in out for heavy in ("torch", "distributed", "streamlit", "pandas"))


def test_ctrl_c_stops_a_run_with_130_and_it_resumes(users_store, tmp_path):
    path = tmp_path / "spec.toml"
    path.write_text(pretraining(steps=100_000).to_toml())
    program = subprocess.Popen([sys.executable, "-c", "from tutor.cli import main; main()", "run", str(path)],
                               stderr=subprocess.PIPE, text=True, env=os.environ)
    key = pretraining(steps=100_000).key()
    deadline = time.monotonic() + 300
    try:
        while users_store.find(key) is None or users_store.get(key).status().step == 0:
            assert program.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130
        assert f"stopped; continue with `prompt-tutor run {path}`" in program.stderr.read()
    finally:
        program.kill()                             # a test that fails leaves nothing running
    assert users_store.get(key).status().state == "paused"


def test_a_package_that_is_not_installed_is_named_in_one_sentence(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "streamlit", None)
    monkeypatch.delitem(sys.modules, "tutor.ui.server.server", raising=False)
    code, out, err = command("app", "--no-browser")
    assert (code, out) == (1, "") and err.startswith("this command needs streamlit, which is not installed here")


def test_a_command_line_without_command_opens_the_app(monkeypatch):
    from tutor.cli import app_command  # noqa: PLC0415

    asked = []
    monkeypatch.setattr(app_command, "open_app", lambda *place, **how: asked.append((*place, how["browser"], how["store"])))
    assert (
        cli.answer_command(["--port", "8600", "--no-browser"]) == cli.answer_command([]) == cli.answer_command(["app", "--store", "x"]) == 0
    )
    assert asked == [("127.0.0.1", 8600, False, None), ("127.0.0.1", None, True, None), ("127.0.0.1", None, True, Path("x"))]
