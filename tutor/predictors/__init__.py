"""The networks. A new architecture is one file here and one entry in BODIES, or in PRETRAINED where its weights come from elsewhere."""

from tutor.core.types import by_kind
from tutor.predictors.body import AbstractBody
from tutor.predictors.gpt2 import GPT2
from tutor.predictors.llama import Llama
from tutor.predictors.lstm import LSTM
from tutor.predictors.predictor import Predictor
from tutor.predictors.transformer import Transformer

BODIES = by_kind(LSTM, Transformer, GPT2)
PRETRAINED = by_kind(Llama)
"""Networks whose weights come from elsewhere: no form builds one, a hash names it."""

__all__ = ["BODIES", "GPT2", "LSTM", "PRETRAINED", "AbstractBody", "Llama", "Predictor", "Transformer"]
