"""The networks. A new architecture is one file here and one entry in BODIES, or in PRETRAINED where its weights come from elsewhere."""

from collections.abc import Mapping
from typing import Any

from tutor.core.types import by_kind
from tutor.predictors.body import AbstractBody
from tutor.predictors.gpt2 import GPT2
from tutor.predictors.llama import Llama
from tutor.predictors.lstm import LSTM
from tutor.predictors.predictor import Predictor
from tutor.predictors.pretrained import AbstractPretrained, NotHeld
from tutor.predictors.pretrained_gpt2 import PretrainedGPT2
from tutor.predictors.transformer import Transformer

BODIES = by_kind(LSTM, Transformer, GPT2)
PRETRAINED = by_kind(Llama, PretrainedGPT2)
"""Networks whose weights come from elsewhere: no form builds one, a hash names it."""


def find_pretrained(config: Mapping[str, Any]) -> type[AbstractPretrained]:
    """The network that holds the model with this configuration.

    Raises
    ------
    NotHeld
        Where none does.
    """
    kind, known = str(config.get("model_type")), {name: body for body in PRETRAINED.values() for name in body.architectures}
    if kind not in known:
        raise NotHeld(f"the architecture is {kind[:40]}; the decoders here hold {', '.join(known)}")
    known[kind].read_shape(config)
    return known[kind]


__all__ = ["BODIES", "GPT2", "LSTM", "PRETRAINED", "AbstractBody", "AbstractPretrained", "Llama", "NotHeld", "Predictor",
           "PretrainedGPT2", "Transformer", "find_pretrained"]
