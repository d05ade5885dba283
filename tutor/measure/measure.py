"""What a measure of finished networks is: what it needs of a source, and the numbers and curves that it yields, with their units."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tutor.predictors import Predictor
from tutor.sources import AbstractSource


@dataclass(frozen=True)
class AskedSource:
    """On which source a network is measured, what it has to do with its training, and which sequences are drawn."""

    on: AbstractSource
    is_target: bool
    """Whether the network was trained, or tuned, for this very source."""
    overwritten: bool
    """Whether a tuning has changed the network's own weights, so that it may have forgotten other sources."""
    length: int
    sequences: int
    seed: int
    stratified: bool = False


@dataclass(frozen=True)
class Quantity:
    """A number, or a curve over tokens, as it is called in tables, with its unit or range."""

    label: str
    unit: str


class AbstractMeasure(ABC):
    """A measure of a finished network: its name, what it needs of a source (in words), and the quantities that it yields, by name."""

    name: ClassVar[str]
    needs: ClassVar[str]
    curves: ClassVar[Mapping[str, Quantity]] = {}
    """Curves over the tokens of a sequence; kept as `<name>/<source>/<curve>`."""
    scores: ClassVar[Mapping[str, Quantity]] = {}
    """Single numbers; kept as `<score>/<source>`."""

    @abstractmethod
    def applies(self, asked: AskedSource) -> bool:
        """Whether it is defined there, and worth its time."""

    @abstractmethod
    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, np.ndarray | float]:
        """Every curve (float64 [T]) and score by name. Sequences are drawn from what training never met."""


def by_name(*measures: AbstractMeasure) -> dict[str, AbstractMeasure]:
    """Measures by name, in the order given, which is that of tables. Raises ValueError where two share a name, or a score's."""
    registry: dict[str, AbstractMeasure] = {}
    for measure in measures:
        taken = {score for other in registry.values() for score in other.scores}
        if measure.name in registry or taken & measure.scores.keys():
            raise ValueError(f"measure {measure.name!r} is registered twice, or one of its scores {', '.join(measure.scores)} is")
        registry[measure.name] = measure
    return registry
