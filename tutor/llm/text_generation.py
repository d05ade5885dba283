"""What a model from elsewhere writes behind a text, with a tuned prompt and without."""

from dataclasses import dataclass

from tutor.llm.causal_model import OwnModel, continue_ids
from tutor.llm.prompted_model import AbstractPrompted

MOST_WRITTEN = 60


@dataclass(frozen=True)
class Continuation:
    """The likeliest continuation, as text."""

    without: str
    behind: str


def write_continuation(model: OwnModel, prompted: AbstractPrompted, text: str, tokens: int) -> Continuation:
    """Continue a text with and without a prompt, always by the likeliest token.

    Parameters
    ----------
    tokens
        How many are written.

    Raises
    ------
    ModelError
        As in `OwnModel.tokens`.
    """
    ids, many = model.tokens(text), min(tokens, MOST_WRITTEN)
    longest = model.longest - prompted.length
    said = (model.decoded(continue_ids(reader, ids, many, longest)) for reader in (model, prompted))
    return Continuation(*said)
