"""How the command line speaks: results on stdout, everything else on stderr, a refusal in one sentence."""

import sys
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

FAILED, BAD_INPUT, STOPPED = 1, 2, 130
LONGEST_NAME = 36


class Refusal(Exception):
    """The command ends here: one sentence for stderr and an exit code."""

    def __init__(self, sentence: str, code: int = BAD_INPUT):
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """One line on stderr."""
    print(" ".join(sentence.split()), file=sys.stderr)


def print_json(value: Any) -> None:
    """The one JSON document of a command, on stdout."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode() + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, as wide as it needs where nobody looks on; a first column of names that somebody may copy stays whole."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table(title=title, title_justify="left")
    names = max((len(str(row[0])) for row in rows), default=0) <= LONGEST_NAME
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=names and column == columns[0])
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def duration(seconds: float) -> str:
    """Seconds as people say them: 8 s, 3 min, 2.1 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def counted(runs: int) -> str:
    """How many runs, as people say it."""
    return "1 run" if runs == 1 else f"{runs} runs"


def number(value: float) -> str:
    """Three digits that say something: 0.123, 12.345, 0.00123, 4.56e-06."""
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.1 else f"{value:#.3g}"
