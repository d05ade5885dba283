"""Tune as little as possible: the bias of the unembedding."""

from typing import ClassVar, Literal

from tutor.methods.method import AbstractGradientMethod
from tutor.predictors import Predictor


class BiasWT(AbstractGradientMethod):
    """Tune the bias of the unembedding only: the network may come to like one side better, and nothing else."""

    label: ClassVar[str] = "BiasWT"
    changes_weights: ClassVar[bool] = True
    kind: Literal["bias"] = "bias"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.unembed.bias.requires_grad_(True)
        return tuned
