"""Prompts that have to read as a given sentence: what WaywardPT and CellPT have in common."""

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from tutor.methods.method import MAX_PROMPT, AbstractGradientMethod
from tutor.methods.priors import Embeddings, Words
from tutor.predictors import AbstractBody, Predictor


class AbstractWordedPT(AbstractGradientMethod):
    """A soft prompt that starts as the words of a decoy sentence, one vector per word."""

    words: tuple[int, ...] = Field((0,), min_length=1, max_length=MAX_PROMPT, description="tokens of the sentence that it has to read as")

    @property
    def positions(self) -> int:
        return len(self.words)

    def check(self, body: AbstractBody, vocab: int) -> None:
        if not all(0 <= word < vocab for word in self.words):
            raise ValueError(f"words is {list(self.words)}; each must lie between 0 and {vocab - 1}")

    def embed_words(self, base: Predictor, seed: int) -> Float[Tensor, "K D"]:
        """Look up the words' embeddings in a network."""
        return Words(tokens=self.words).draw(Embeddings(base), len(self.words), seed)
