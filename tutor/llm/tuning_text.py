"""A text to tune on: checked, and cut into examples to learn from and examples to judge by."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.core import parsing
from tutor.llm.causal_model import OwnModel
from tutor.llm.model_location import ModelError

MOST_BYTES = 10_000_000
PIECE = 200_000                                   # characters
HELD_OUT_SHARE = 0.1
"""Share of the examples, from the end of the text, that are only for judging."""


@dataclass(frozen=True)
class TextWindows:
    """Windows of a text: `training` and, from its end, `validation`; each is the model's opening and then `read` tokens."""

    training: Int[Tensor, "N T"]
    validation: Int[Tensor, "M T"]
    read: int


def read_text(data: bytes) -> str:
    """The text in an uploaded file.

    Raises
    ------
    ModelError
        Where it is empty, too large or no text.
    """
    if len(data) > MOST_BYTES:
        raise ModelError(f"the text has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read")
    text = parsing.decode("the text", data, ModelError)
    if not text.strip():
        raise ModelError("the text is empty; give at least a few sentences")
    return text


def cut_windows(model: OwnModel, text: str, window: int) -> TextWindows:
    """Cut a text into windows of so many tokens side by side.

    Raises
    ------
    ModelError
        Where there are not two of them: one to learn from, one to judge by.
    """
    ids = torch.cat([torch.tensor(model.encoded(piece), dtype=torch.int64) for piece in split_text(text)])
    whole = len(ids) // window
    if whole < 2:
        raise ModelError(f"the text is too short to make one training example: it has {len(ids)} tokens, and examples of {window} need "
                      f"at least {2 * window}, one to learn from and one to judge by")
    rows = ids[:whole * window].reshape(whole, window)
    opening = torch.tensor(model.opening, dtype=torch.int64).expand(whole, -1)
    rows = torch.cat([opening, rows], dim=1)
    held = max(1, round(HELD_OUT_SHARE * whole))
    return TextWindows(rows[:-held], rows[-held:], window)


def split_text(text: str) -> Iterator[str]:
    """Split a text into parts that end at the end of a line where there is one: tokenizers take a hundred times a text's memory."""
    at = 0
    while at < len(text):
        end = at + PIECE
        end = text.rfind("\n", at, end) + 1 or end if end < len(text) else end
        yield text[at:end]
        at = end
