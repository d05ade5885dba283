"""What a model from elsewhere writes behind a text, with a tuned prompt and without."""

from dataclasses import dataclass

from tutor.llm.model import OwnModel, continued
from tutor.llm.prompted import AbstractPrompted

MOST_WRITTEN = 60


@dataclass(frozen=True)
class Written:
    """The likeliest continuation, as text."""

    without: str
    behind: str


def written(model: OwnModel, prompted: AbstractPrompted, text: str, tokens: int) -> Written:
    """So many tokens behind a text, always the likeliest one, without the prompt and behind it. Refused as in `OwnModel.tokens`."""
    ids, many = model.tokens(text), min(tokens, MOST_WRITTEN)
    longest = model.longest - prompted.length
    said = (model.tokenizer.decode(continued(reader, ids, many, longest)) for reader in (model, prompted))
    return Written(*said)
