"""How sure a network is, whether it is right or not."""

from collections.abc import Mapping
from typing import ClassVar

import torch

from tutor.measure.measure import AbstractMeasure, AskedSource, Quantity
from tutor.predictors import Predictor


class Confidence(AbstractMeasure):
    """The mean probability of the likeliest token."""

    name = "confidence"
    needs = "any source"
    scores: ClassVar = {"confidence": Quantity("probability of the likeliest token", "share, 0 to 1")}

    def applies(self, asked: AskedSource) -> bool:
        return True

    @torch.inference_mode()
    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, float]:
        batch = asked.on.held_out().sample(min(asked.sequences, 64), asked.length, asked.seed)
        return {"confidence": predictor(batch.tokens).exp().amax(-1)[batch.mask].mean().item()}
