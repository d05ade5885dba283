"""WaywardPT: a prompt that does its task while it reads as something else."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.priors import Embeddings, Gaussian
from tutor.methods.worded import AbstractWordedPT
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import AnchoredPrompt


class WaywardPT(AbstractWordedPT):
    """A soft prompt pulled to the words of a decoy sentence, so that its nearest tokens read as that (Khashabi et al. 2022, section 3).

    Added to the loss is `strength` times the mean squared distance of every vector from its word, in squared radii of the cloud of
    words: 1 is as far as a random word. The prompt starts as the decoy.
    """

    label: ClassVar[str] = "WaywardPT"
    in_words: ClassVar[str] = "prompt pulled to words"
    kind: Literal["wayward"] = "wayward"
    strength: float = Field(1.0, ge=0, le=10_000, description="nats that a mean squared distance of one radius of the cloud of words costs")

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned, anchor = base.frozen_copy(), self.embed_words(base, seed)
        radius = Gaussian.of(Embeddings(base).vocabulary).radius
        tuned.embedding_prompt = AnchoredPrompt(anchor, anchor, self.strength / radius**2)
        return tuned
