"""WaywardPT: a prompt that does its task while it reads as something else."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.method import MAX_PROMPT, AbstractGradientMethod
from tutor.methods.priors import Embeddings, Gaussian, Words
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prompt_inputs import AnchoredPrompt


class WaywardPT(AbstractGradientMethod):
    """A soft prompt pulled to the words of a decoy sentence, so that its nearest tokens read as that (Khashabi et al. 2022, section 3).

    Added to the loss is `strength` times the mean squared distance of every vector from its word, in squared radii of the cloud of
    words: 1 is as far as a random word. The prompt starts as the decoy.
    """

    label: ClassVar[str] = "WaywardPT"
    in_words: ClassVar[str] = "prompt pulled to words"
    kind: Literal["wayward"] = "wayward"
    words: tuple[int, ...] = Field((0,), min_length=1, max_length=MAX_PROMPT, description="tokens of the sentence that it has to read as")
    strength: float = Field(1.0, ge=0, le=10_000, description="nats that a mean squared distance of one radius of the cloud of words costs")

    @property
    def positions(self) -> int:
        return len(self.words)

    def check(self, body: AbstractBody, vocab: int) -> None:
        if not all(0 <= word < vocab for word in self.words):
            raise ValueError(f"words is {list(self.words)}; each must lie between 0 and {vocab - 1}")

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned, space = base.frozen_copy(), Embeddings(base)
        anchor = Words(tokens=self.words).draw(space, len(self.words), seed)
        tuned.embedding_prompt = AnchoredPrompt(anchor, anchor, self.strength / Gaussian.of(space.vocabulary).radius**2)
        return tuned
