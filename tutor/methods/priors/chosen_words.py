"""A prior of chosen words."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.priors.prior import AbstractPrior


class Words(AbstractPrior):
    """Vectors of chosen tokens, repeated to the length of the prompt: task-relevant words, or any others (Li & Liang 2021, section 7.4)."""

    label: ClassVar[str] = "chosen words"
    family: ClassVar[str] = "words"
    formula: ClassVar[str] = r"e_i = E_{w_{i \bmod m}}, \; w_1, \dots, w_m \text{ chosen}"
    kind: Literal["words"] = "words"
    tokens: tuple[int, ...] = Field((0,), min_length=1, max_length=64, description="the words' numbers in the vocabulary")

    def check(self, vocab: int) -> None:
        super().check(vocab)
        if not all(0 <= token < vocab for token in self.tokens):
            raise ValueError(f"prior.tokens is {list(self.tokens)}; each must lie between 0 and {vocab - 1}")

    def _draw(self, space, n, normal, uniform):
        repeated = (self.tokens * (-(-n // len(self.tokens))))[:n]
        return space.vocabulary[list(repeated)]
