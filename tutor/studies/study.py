"""What a study is: a claim of a paper, the runs that bear on it, and the checks and plan by which it is decided."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tutor.runs.run import Run
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row
from tutor.studies.presets import FAST, PAPER, Preset
from tutor.studies.row_fields import Fields, HasFields, matches

Load = Callable[[RunSpec], Run]


@dataclass(frozen=True)
class Reported:
    """A number printed in the source of a claim, and the fields of the row to compare it with."""

    value: float
    fields: Fields


class AbstractStudy(ABC):
    """A claim with its runs, checks and plan; `metric` names what the rows measure, `lab` the page that shows them."""

    name: ClassVar[str]
    title: ClassVar[str]
    in_short: ClassVar[str] = ""
    """The claim as half a sentence, for tables; the title where it says nothing."""
    claim: ClassVar[str]
    source: ClassVar[str]
    metric: ClassVar[str] = "regret"
    lab: ClassVar[str] = "coins"
    reported: ClassVar[Sequence[Reported]] = ()
    """What the source itself reports."""
    plan: ClassVar[Plan]
    """Fixed before the runs that decide: the primary check, over how many networks, at what price."""
    ledger: ClassVar[Sequence[Change]] = ()
    """Every change of a bound, a check or the recipe, with the verdict before it."""
    paper_settings: ClassVar[bool] = False
    """Whether the source's own settings are known, so that the study can be run with PAPER."""

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The presets that make a difference to this study."""
        return (FAST, PAPER) if self.paper_settings else (FAST,)

    @abstractmethod
    def specs(self, preset: Preset) -> list[RunSpec]:
        """Return the runs that the study reads: those that it shows, or with `preset.replicates` those of one replication."""

    @abstractmethod
    def rows(self, preset: Preset, load: Load) -> list[Row]:
        """Compute the rows from finished runs.

        Parameters
        ----------
        load
            Returns the finished run of a specification.
        """

    @abstractmethod
    def checks(self, rows: Sequence[Row]) -> list[Check]:
        """Compare the rows of one replication with the bounds of the claim, one check per statement; exactly one is primary."""

    def reported_for(self, row: HasFields | Mapping[str, Any]) -> float | None:
        """Return the number that the source reports for a row (in memory or stored); None where it reports none."""
        return next((one.value for one in self.reported if matches(row, one.fields)), None)
