"""The second limit of the theory: a coin to which pretraining gave no probability."""

from collections.abc import Sequence

from tutor.sources import Categorical
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, baseline_rows, regret_row
from tutor.studies.presets import BODIES, CITED, NETWORKS, TWO_COINS, Preset

FAIR = Categorical(probs=(0.5, 0.5))


class UnsupportedTarget(AbstractStudy):
    name = "unsupported-target"
    title = "A coin the network was never shown"
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
        for body in BODIES:
            at50 = {row.method: row.after(50) for row in rows if row.body == body}
            checks += [
                Check(
                    f"{body}: {method} does not reach the fair coin",
                    at50[method],
                    Band.exactly(0.5),
                    "above",
                    self.source + "; half a nat after 50 flips is our reading of not reaching",
                )
                for method in ("HardPT", "SoftPT", "PrefixPT")
            ]
            checks += [
                Check(f"{body}: {method} reaches the fair coin", at50[method], Band.exactly(0.05), "below", self.source)
                for method in ("FullWT", "LoRAWT")
            ]
        return checks
