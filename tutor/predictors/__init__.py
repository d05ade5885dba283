"""The networks. A new architecture is one file here and one entry in BODIES."""

from tutor.core.types import by_kind
from tutor.predictors.body import AbstractBody
from tutor.predictors.gpt2 import GPT2
from tutor.predictors.lstm import LSTM
from tutor.predictors.predictor import Predictor
from tutor.predictors.transformer import Transformer

BODIES = by_kind(LSTM, Transformer, GPT2)

__all__ = ["BODIES", "GPT2", "LSTM", "AbstractBody", "Predictor", "Transformer"]
