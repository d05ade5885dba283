"""A text to tune on: checked, and cut into examples to learn from and examples to judge by."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.llm.model import OwnModel
from tutor.llm.places import Refused

MOST_BYTES = 10_000_000
PIECE = 200_000                                   # characters
HELD_OUT = 0.1
"""Share of the examples, from the end of the text, that are only for judging."""


@dataclass(frozen=True)
class Examples:
    """Windows of a text: `training` and, from its end, `validation`; each is the model's opening and then `read` tokens."""

    training: Int[Tensor, "N T"]
    validation: Int[Tensor, "M T"]
    read: int


def text_of(data: bytes) -> str:
    """The text in a file. Refused where it is empty, too large or not UTF-8."""
    if len(data) > MOST_BYTES:
        raise Refused(f"the text has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"the text is not UTF-8 (byte {error.start + 1:,} is {data[error.start]:#04x}); save it as UTF-8") from error
    if not text.strip():
        raise Refused("the text is empty; give at least a few sentences")
    return text


def examples(model: OwnModel, text: str, window: int) -> Examples:
    """Windows of so many tokens side by side. Refused where there are not two of them: one to learn from, one to judge by."""
    ids = torch.cat([torch.tensor(model.encoded(piece), dtype=torch.int64) for piece in pieces(text)])
    whole = len(ids) // window
    if whole < 2:
        raise Refused(f"the text is too short to make one training example: it has {len(ids)} tokens, and examples of {window} need "
                      f"at least {2 * window}, one to learn from and one to judge by")
    rows = ids[:whole * window].reshape(whole, window)
    opening = torch.tensor(model.opening, dtype=torch.int64).expand(whole, -1)
    rows = torch.cat([opening, rows], dim=1)
    held = max(1, round(HELD_OUT * whole))
    return Examples(rows[:-held], rows[-held:], window)


def pieces(text: str) -> Iterator[str]:
    """A text in parts, each up to the end of a line where there is one: tokenizers take a hundred times a text's memory for a moment."""
    at = 0
    while at < len(text):
        end = at + PIECE
        end = text.rfind("\n", at, end) + 1 or end if end < len(text) else end
        yield text[at:end]
        at = end
