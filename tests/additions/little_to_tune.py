"""Is the unembedding enough? A study of one tuning, shown on the page Skills."""

from collections.abc import Sequence

from tutor.methods import UnembedWT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, regret_row
from tutor.studies.presets import NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class LittleToTune(AbstractStudy):
    name = "little-to-tune"
    title = "As little as one can tune"
    in_short = "the unembedding alone reaches one coin"
    claim = "The unembedding alone tunes a network from random coins to one coin."
    source = "an example of these tests"
    lab = "skills"
    plan = Plan(primary="within 0.05 nats of the optimum", scope="one coin", budget="a minute")
    ledger = (Change("2026-11-30", "made"),)

    def specs(self, preset: Preset):
        return [preset.tuned(preset.base(body), UnembedWT(), SINGLE) for body in NETWORKS]

    def rows(self, preset: Preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows: Sequence[Row]):
        return [Check("at the optimum of one coin", find(rows, method="unembed", network="lstm").after(50), self.source, high=0.05,
                      role="primary")]
