"""Weight tuning: set some or all of the network's own weights free."""

from typing import ClassVar, Literal

from tutor.methods.method import AbstractGradientMethod
from tutor.predictors import Predictor


class EmbedWT(AbstractGradientMethod):
    """Tune the embedding only."""

    label: ClassVar[str] = "EmbedWT"
    in_words: ClassVar[str] = "tuned embedding"
    changes_weights: ClassVar[bool] = True
    kind: Literal["embed"] = "embed"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embed.requires_grad_(True)
        return tuned


class UnembedWT(AbstractGradientMethod):
    """Tune the unembedding only."""

    label: ClassVar[str] = "UnembedWT"
    in_words: ClassVar[str] = "tuned unembedding"
    changes_weights: ClassVar[bool] = True
    kind: Literal["unembed"] = "unembed"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.unembed.requires_grad_(True)
        return tuned


class EmbedUnembedWT(AbstractGradientMethod):
    """Tune embedding and unembedding, the body frozen."""

    label: ClassVar[str] = "Un+EmbedWT"
    in_words: ClassVar[str] = "both embeddings tuned"
    changes_weights: ClassVar[bool] = True
    kind: Literal["embed_unembed"] = "embed_unembed"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embed.requires_grad_(True)
        tuned.unembed.requires_grad_(True)
        return tuned


class FullWT(AbstractGradientMethod):
    """Tune every weight of the network."""

    label: ClassVar[str] = "FullWT"
    in_words: ClassVar[str] = "all weights tuned"
    changes_weights: ClassVar[bool] = True
    kind: Literal["full"] = "full"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        return base.frozen_copy().requires_grad_(True)
