"""DeepPT: free vectors before the first layer, and others in the place of what became of them before the layers above."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.core.rng import stream
from tutor.methods.method import MAX_PROMPT, AbstractGradientMethod
from tutor.methods.priors import AnyPrior, Embeddings, LayerInputs, Xavier
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prompt_inputs import EnteringRows, RealPrompt


def layer_seed(seed: int, layer: int) -> int:
    """A seed of its own for the vectors of every layer."""
    return int(stream(seed, "layer", layer).integers(2**31))


class DeepPT(AbstractGradientMethod):
    """Deep prompt tuning (Sedov et al. 2024, section 3): K vectors in embedding space, and K more before each of the last layers.

    Each layer's K rows are cut and replaced by free ones; unlike a PrefixPT they are vectors of the residual stream, so keys and
    values both come from them. The first layer has those in embedding space.
    """

    label: ClassVar[str] = "DeepPT"
    in_words: ClassVar[str] = "deep prompt"
    kind: Literal["deep"] = "deep"
    length: int = Field(6, ge=0, le=MAX_PROMPT, description="prompt length K")
    layers: int | None = Field(
        None, ge=1, le=32, description="how many of the last layers get rows of their own; all above the first when not given",
        json_schema_extra={"advanced": True},
    )
    prior: AnyPrior = Field(Xavier(), description="what all vectors are drawn from", json_schema_extra={"advanced": True})

    @property
    def positions(self) -> int:
        return self.length

    def check(self, body: AbstractBody, vocab: int) -> None:
        self.prior.check(vocab)
        if self.layers is not None and self.layers >= body.layers:
            raise ValueError(f"layers is {self.layers}; the network has {body.layers - 1} above the first, whose rows are those in "
                             "embedding space")

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embedding_prompt = RealPrompt(self.prior.draw(Embeddings(base), self.length, seed))
        above = list(enumerate(tuned.body.upper, start=1))
        for i, layer in above[-self.layers:] if self.layers else above:
            layer.entry = EnteringRows(self.prior.draw(LayerInputs(base, i), self.length, layer_seed(seed, i)))
        return tuned
