"""A file of examples: a line each, an input and its answer with a tab between them."""

from tutor.core.parsing import decode

MOST_BYTES = 500_000
"""Bytes of a file of examples: the texts are kept in the specification of their run."""


class TextsError(ValueError):
    """A file whose examples cannot be read: one sentence, with the line where there is one."""


def parse_examples(data: bytes) -> tuple[tuple[str, str], ...]:
    """The examples of a file, an input and its answer each.

    Raises
    ------
    TextsError
        Where it is empty or too large, or a line has no answer.
    """
    if len(data) > MOST_BYTES:
        raise TextsError(f"the file has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    found = []
    for i, line in enumerate(decode("the file", data, TextsError).splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 2 or not cells[1].strip():
            what = "no answer" if len(cells) < 2 or not cells[-1].strip() else f"{len(cells)} columns"
            raise TextsError(f"line {i} has {what}; a line is an input, a tab and its answer")
        found.append((cells[0], cells[1]))
    if not found:
        raise TextsError("the file is empty; a line is an input, a tab and its answer")
    return tuple(found)
