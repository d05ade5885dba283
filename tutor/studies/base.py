"""What a study is: a claim of a paper, the runs that bear on it, and the checks whose thresholds stand in its file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from tutor.run import Run
from tutor.spec import RunSpec
from tutor.studies.evidence import Check, Row
from tutor.studies.presets import Preset

Load = Callable[[RunSpec], Run]


class AbstractStudy(ABC):
    """A claim, its runs and its checks. `metric` names what the rows measure, `lab` the page that shows them."""

    name: ClassVar[str]
    title: ClassVar[str]
    claim: ClassVar[str]
    source: ClassVar[str]
    metric: ClassVar[str] = "regret"
    lab: ClassVar[str] = "coins"
    reported: ClassVar[Mapping[tuple[str, str], float]] = {}
    """What the source itself reports, by method and label of the source of sequences."""

    @abstractmethod
    def specs(self, preset: Preset) -> list[RunSpec]:
        """Every run that the study reads."""

    @abstractmethod
    def rows(self, preset: Preset, load: Load) -> list[Row]:
        """Measurements from the finished runs."""

    @abstractmethod
    def checks(self, rows: Sequence[Row]) -> list[Check]:
        """The statements of the claim, each against its bound."""
