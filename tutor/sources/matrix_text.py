"""Matrices as people write or paste them: one block per token, one line per state, cells as a spreadsheet separates them."""

import math
import re

Tensor3 = tuple[tuple[tuple[float, ...], ...], ...]

EXAMPLE = "0.9, 0; 0, 0.4 | 0, 0.1; 0.6, 0"


def parse_matrices(text: str) -> Tensor3:
    """The matrices in a text.

    Parameters
    ----------
    text
        On one line: commas between numbers, semicolons between rows, "|" between matrices. On several: a row per line, tabs,
        semicolons, commas or spaces between numbers, an empty line or "|" between matrices; beside tabs and semicolons a comma
        is that of a decimal. Fractions such as 1/3 and percentages are read.

    Raises
    ------
    ValueError
        Where a cell is no finite number; one sentence.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").strip("\n")
    on_lines = "\n" in text or "\t" in text
    blocks = re.split(r"\||\n[ \t;,]*\n" if on_lines else r"\|", text)
    rows = [[row for row in re.split("\n" if on_lines else ";", block) if row.strip(" \t;,")] for block in blocks]
    separator = next((mark for mark in "\t;" if on_lines and mark in text), None)
    return tuple(tuple(tuple(map(_number, _cells(row, separator))) for row in block) for block in rows if block)


def _cells(row: str, separator: str | None) -> list[str]:
    if separator is None:
        return [cell for cell in re.split(r"[,\s]+", row) if cell]
    return [cell.strip().replace(",", ".") for cell in row.strip("\n").split(separator) if cell.strip()]


def _number(cell: str) -> float:
    above, fraction, below = cell.partition("/")
    try:
        value = float(above.rstrip("%")) / (100 if above.endswith("%") else 1) / (float(below) if fraction else 1)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{cell[:20]!r} is no number; write a row per state and a matrix per token, such as {EXAMPLE}")
    return value
