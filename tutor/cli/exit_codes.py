"""How the command line speaks: results on stdout, everything else on stderr, a refusal in one sentence."""

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

FAILED, BAD_INPUT, STOPPED = 1, 2, 130
LONGEST_NAME = 36


class CommandError(Exception):
    """Ends the command with one sentence on stderr.

    Parameters
    ----------
    sentence
        What is wrong and what to do.
    code
        Exit code: 1 for a failure, 2 for bad input, 130 for Ctrl-C.
    """

    def __init__(self, sentence: str, code: int = BAD_INPUT):
        super().__init__(sentence)
        self.code = code


def print_error(sentence: str) -> None:
    """Write one line to stderr; where that fails as well, only the exit code remains."""
    with suppress(OSError):
        print(" ".join(sentence.split()), file=sys.stderr)


def print_json(value: Any) -> None:
    """Write a value to stdout as indented JSON."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode() + "\n")


class OutputConsole(Console):
    """A console that raises BrokenPipeError when the reader of its output has left, instead of ending the program."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError."""
        raise BrokenPipeError(errno.EPIPE, "the reader has left")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table to stdout, 200 columns wide where that is no terminal; a first column of short names is never wrapped."""
    console = OutputConsole(width=None if sys.stdout.isatty() else 200)
    table = Table(title=title, title_justify="left")
    names = max((len(str(row[0])) for row in rows), default=0) <= LONGEST_NAME
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=names and column == columns[0])
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def format_duration(seconds: float) -> str:
    """Write seconds for people: 8 s, 3 min, 2.1 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def count_runs(runs: int) -> str:
    """Write a number of runs for people: 1 run, 2 runs."""
    return "1 run" if runs == 1 else f"{runs} runs"


def format_number(value: float) -> str:
    """Write a number with three significant digits or three decimals: 0.123, 12.345, 0.00123, 4.56e-06."""
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.1 else f"{value:#.3g}"
