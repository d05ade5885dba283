"""What an architecture offers to the rest: a frozen specification that builds, and where its state and its linears are."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, model_validator
from torch import nn

from tutor.core.rng import seed_torch
from tutor.core.types import Spec
from tutor.predictors.predictor import Predictor


@dataclass(frozen=True)
class Product:
    """A matrix product [rows, inner] x [inner, columns], `together` of them in one call, `times` calls that each wait for the last."""

    rows: int
    inner: int
    columns: int
    together: int = 1
    times: int = 1
    weights: bool = True
    """Whether one side is weights, which need no gradient where they are frozen."""

    @property
    def operations(self) -> float:
        """Multiplications and additions."""
        return 2.0 * self.rows * self.inner * self.columns * self.together * self.times


class AbstractBody(Spec):
    """Specification of a network; the object is its own configuration."""

    label: ClassVar[str]
    prefix_has_length: ClassVar[bool]
    """Whether a per-layer prefix is a number of rows (attention) or a single state (recurrence)."""
    pretrained: ClassVar[bool] = False
    """Whether its weights come from elsewhere, so that nothing is left to pretrain and nothing of them is kept with a run."""

    width: int = Field(128, ge=4, le=512, description="width D of the hidden states")
    layers: int = Field(1, ge=1, le=4, description="number of layers L")
    embedding: int = Field(128, ge=2, le=512, description="width of the embedding, in which soft prompts live; the width when not given",
                           json_schema_extra={"empty": "the width"})

    @model_validator(mode="before")
    @classmethod
    def _embedding_follows_width(cls, values):
        if isinstance(values, dict) and "width" in values and "embedding" not in values:
            return values | {"embedding": values["width"]}
        return values

    @abstractmethod
    def products(self, batch: int, length: int) -> list[Product]:
        """The matrix products of one forward pass over [batch, length], in order, as if every place were computed by itself."""

    @abstractmethod
    def build_body(self) -> nn.Module:
        """The network from [B, T, embedding] to [B, T, width]."""

    @property
    def name(self) -> str:
        """What a run's label calls this network."""
        return f"{self.label} {self.width}"

    @property
    def longest(self) -> int | None:
        """Most positions that it can read, prompt included; None where there is no limit."""
        return None

    def initialise(self, predictor: Predictor) -> None:
        """Set the initial weights where the architecture wants others than torch's defaults."""

    def build(self, vocab: int, seed: int) -> Predictor:
        """A freshly initialised predictor.

        Parameters
        ----------
        vocab
            Number of symbols V.
        seed
            The same seed gives the same weights.
        """
        with seed_torch(seed, "init"):
            predictor = Predictor(self.build_body(), vocab=vocab, embedding=self.embedding, width=self.width)
            self.initialise(predictor)
        return predictor
