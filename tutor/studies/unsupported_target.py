"""The second limit of the theory: a coin to which pretraining gave no probability."""

from collections.abc import Sequence

from tutor.methods import METHODS
from tutor.sources import Categorical
from tutor.studies.checks import Band, Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, NETWORKS, TWO_COINS, Preset
from tutor.studies.row_fields import select
from tutor.studies.study import AbstractStudy

FAIR = Categorical(probs=(0.5, 0.5))


class UnsupportedTarget(AbstractStudy):
    name = "unsupported-target"
    title = "A coin the network was never shown"
    in_short = "a coin that pretraining excluded is out of a prompt's reach"
    claim = (
        "A network pretrained on coins of bias 0.2 and 0.8 only gives a fair coin no prior probability, so no prompt can make it predict "
        "one; weights can."
    )
    source = f"{CITED}, section 3, second limitation (a substantially novel task)"

    def specs(self, preset: Preset):
        return [preset.fewer().tuned(preset.base(body, TWO_COINS), method, FAIR) for body in NETWORKS for method in preset.every_method()]

    def rows(self, preset: Preset, load):
        return [*baseline_rows(TWO_COINS, FAIR), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            at50 = {row.fields["method"]: row.after(50) for row in select(rows, network=body.kind)}
            checks += [
                Check(
                    f"{body.label}: {METHODS[kind].label} does not reach the fair coin",
                    at50[kind],
                    Band.exactly(0.5),
                    "above",
                    self.source + "; half a nat after 50 flips is our reading of not reaching",
                )
                for kind in ("hard", "soft", "prefix")
            ]
            checks += [
                Check(f"{body.label}: {METHODS[kind].label} reaches the fair coin", at50[kind], Band.exactly(0.05), "below", self.source)
                for kind in ("full", "lora")
            ]
        return checks
