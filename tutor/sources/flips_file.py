"""Recorded flips as spreadsheets and statistics programs write them: which cells are flips, and which flips are of one coin.

A line is a coin and a cell a flip, unless the file says otherwise: one column is one coin; columns called coin 1, coin 2, ... are coins;
and where a column called coin says whose flip a line is, each line is a flip.
Names of columns and rows, and cells that are empty or NA, are passed over.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.core.parsing import as_one_sentence, decode, shorten_line

MOST_BYTES, MOST_LINES, MOST_FLIPS = 1_000_000, 5_000, 1_000
SIDES = {"H": 0, "1": 0, "T": 1, "0": 1}
"""How a flip may be written in one letter; as everywhere, token 0 is heads."""
WORDS = {"HEADS": 0, "HEAD": 0, "TRUE": 0, "KOPF": 0, "WAHR": 0, "TAILS": 1, "TAIL": 1, "FALSE": 1, "ZAHL": 1, "FALSCH": 1}
MISSING = {"", "NA", "N/A", "NAN", "NULL", "NONE", "#N/A", "#NV", ".", "-", "?"}
COIN = re.compile(r"(the[ _.-]?)?(coin|subject|participant|person|münze)([ _.-]?(id|name|number|no|nr))?", re.IGNORECASE)
COINS = re.compile(r"(coin|münze)[ _.-]*([0-9]{1,4}|[a-z])", re.IGNORECASE)
COUNT = re.compile(r"(flip|toss|trial|throw|wurf|step|round|time|index|nr|no|n|i|t)([ _.-]?(id|number|no|nr))?", re.IGNORECASE)

Flips = tuple[int, ...]


class FlipsError(ValueError):
    """A file whose flips cannot be read: one sentence, with line and column where there is one."""


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the table, counted from one."""

    text: str
    line: int
    column: int

    @property
    def flips(self) -> Flips | None:
        """The flips in the cell, none for a missing one, or None where it is no flip."""
        word = self.text.upper()
        if word in MISSING:
            return ()
        if word in WORDS:
            return (WORDS[word],)
        if all(letter in SIDES for letter in word):
            return tuple(SIDES[letter] for letter in word)
        number = re.fullmatch(r"\+?([01])[.,]0*(E[+-]?0+)?", word)
        return number and (SIDES[number[1]],)

    def read(self) -> Flips:
        """The flips in the cell. Raises FlipsError."""
        if self.flips is None:
            raise FlipsError(f"line {self.line}, column {self.column}: {shorten_line(self.text, 20)!r} is no flip; "
                             "write H or 1 for heads, T or 0 for tails")
        return self.flips


Row = Sequence[Cell]


def parse_flips(data: bytes) -> list[Flips]:
    """The flips of every coin in a CSV or TSV file.

    Parameters
    ----------
    data
        The bytes of the file: a line or a column per coin, H or 1 for heads, T or 0 for tails.

    Returns
    -------
    list
        Per coin its flips, 0 for heads.

    Raises
    ------
    FlipsError
        With line and column where a cell is no flip.
    """
    if len(data) > MOST_BYTES:
        raise FlipsError(f"the file has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    with as_one_sentence("the file", FlipsError):
        rows = _table(decode("the file", data, FlipsError))
        header = rows[0] if _is_header(rows) else ()
        coins = _coins(header, rows[1:] if header else rows)
    if not any(coins):
        raise FlipsError("the file holds no flips; a line is one coin, such as H,T,T,H")
    return [coin for coin in coins if coin]


def _table(text: str) -> list[Row]:
    """The lines that hold something, split into cells."""
    marked = re.match(r"sep=(.)\s*\n", text, re.IGNORECASE)              # what Excel reads as the mark of the separator
    separator = marked[1] if marked else _separator(text)
    rows, reader = [], csv.reader(io.StringIO(text, newline=None), delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            if (marked and reader.line_num == 1) or (cells and cells[0].startswith("#")) or not any(cell.strip() for cell in cells):
                continue
            if len(rows) > MOST_LINES:
                raise FlipsError(f"the file has more than {MOST_LINES:,} lines; at most so many are read")
            rows.append([Cell(cell.strip(" \t'\u00a0"), reader.line_num, column) for column, cell in enumerate(cells, 1)])
    except csv.Error as error:
        raise FlipsError(f"line {reader.line_num + 1} is no line of a CSV file: {error}") from error
    return rows


def _separator(text: str) -> str:
    """What stands between cells, quoted ones left out; a comma beside semicolons is that of a decimal."""
    bare = re.sub(r'"[^"\n]*"', '""', text)
    return next((mark for mark in "\t;,|" if mark in bare), " ")


def _is_header(rows: Sequence[Row]) -> bool:
    """Whether the first line names the columns: none of its cells is a flip, or it counts them, or only it has words for sides."""
    if len(rows) < 2:
        return False
    named = [cell.text for cell in rows[0] if cell.text]
    counted = [name.strip("XVxv") for name in named]
    if len(named) > 2 and any(counted == [str(first + i) for i in range(len(named))] for first in (0, 1)):
        return True
    worded = not any(cell.text.upper() in WORDS for row in rows[1:] for cell in row)
    return all(cell.flips is None or cell.text.upper() in MISSING or (worded and cell.text.upper() in WORDS) for cell in rows[0])


def _coins(header: Row, rows: Sequence[Row]) -> list[Flips]:
    """The flips of every coin, by the layout of the table."""
    names = {cell.column: cell.text for cell in header}
    if tallied := [cell for cell in header if WORDS.get(cell.text.upper()) == 1]:
        raise FlipsError(f"line {tallied[0].line}, column {tallied[0].column}: a column called {tallied[0].text!r} may count tails or "
                         "mark them with 1; write every flip, H for heads and T for tails")
    whose = next((column for column, name in names.items() if COIN.fullmatch(name)), None)
    others = [column for column in names if column != whose]
    told = others if len(others) == 1 else [column for column in others if not COUNT.fullmatch(names[column])]
    if whose is not None and len(others) <= 2 and len(told) == 1:
        return _by_name(whose, told[0], names, rows)
    rows = _without_names(header, rows)
    used = sorted({cell.column for row in rows for cell in row})
    if len(used) > 1 and all(COINS.fullmatch(names.get(column, "")) for column in used):
        return [_coin([cell for row in rows for cell in row if cell.column == column], MOST_LINES) for column in used]
    if len(rows) > MOST_LINES:
        raise FlipsError(f"the file has more than {MOST_LINES:,} lines; at most so many are read")
    found = [[cell for cell in row if cell.read()] for row in rows]
    if len(found) > 1 and all(len(row) <= 1 and all(len(cell.read()) == 1 for cell in row) for row in found):
        return [_coin([cell for row in found for cell in row], MOST_LINES)]              # one column is one coin
    return [_coin(row, MOST_FLIPS) for row in found]


def _coin(cells: Row, most: int) -> Flips:
    flips = tuple(flip for cell in cells for flip in cell.read())
    if len(flips) > most:
        raise FlipsError(f"line {cells[0].line} has {len(flips):,} flips; at most {most:,} are read")
    return flips


def _by_name(whose: int, flip: int, names: dict[int, str], rows: Sequence[Row]) -> list[Flips]:
    """A line for each flip: the column `whose` names the coin, the column `flip` says how it fell."""
    coins: dict[str, list[Cell]] = {}
    for row in rows:
        cells = {cell.column: cell for cell in row}
        if flip not in cells or whose not in cells:
            raise FlipsError(f"line {row[0].line} has {len(row)} cells; the columns {names[whose]!r} and {names[flip]!r} are needed")
        coins.setdefault(cells[whose].text, []).append(cells[flip])
    return [_coin(cells, MOST_LINES) for cells in coins.values()]


def _without_names(header: Row, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows without a first column that only names or numbers them."""
    first = [row[0].text for row in rows]
    wide = len(rows) > 0 and all(len(row) > 1 for row in rows)
    unnamed = bool(header) and (not header[0].text or all(len(row) == len(header) + 1 for row in rows))
    numbered = len(first) > 2 and any(first == [str(start + i) for i in range(len(first))] for start in (0, 1))
    named = len(first) > 1 and all(row[0].flips is None for row in rows)
    return [row[1:] for row in rows] if wide and (unnamed or numbered or named) else rows
