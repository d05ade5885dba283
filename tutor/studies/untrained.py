"""A control: the same methods on networks that were never trained."""

from collections.abc import Sequence

from tutor.methods import EmbedUnembedWT, EmbedWT, LoRAWT, UnembedWT
from tutor.studies.checks import Band, Check, Row, regret_row
from tutor.studies.presets import CITED, NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class Untrained(AbstractStudy):
    name = "untrained"
    title = "Tuning a network that was never trained"
    in_short = "a soft prompt steers a network that was never trained"
    claim = (
        "A soft prompt makes an untrained Transformer a nearly Bayes-optimal predictor of one coin, but hardly changes an untrained LSTM."
    )
    source = f"{CITED}, section 4, untrained networks (known from summaries; the target coin is not named there)"

    def specs(self, preset: Preset):
        methods = (*preset.prompts(), EmbedWT(), UnembedWT(), EmbedUnembedWT(), LoRAWT())
        return [preset.fewer().tuned(preset.untrained(body), method, SINGLE) for body in NETWORKS for method in methods]

    def rows(self, preset: Preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows: Sequence[Row]):
        untuned = find(rows, method="none", network="lstm").after(50)
        return [
            Check(
                "Transformer: SoftPT is nearly optimal after 50 flips",
                find(rows, method="soft", network="transformer").after(50),
                Band.exactly(0.15),
                "below",
                self.source,
            ),
            Check(
                "LSTM: SoftPT leaves more than half of the untuned regret",
                find(rows, method="soft", network="lstm").after(50),
                untuned.scaled(0.5),
                "above",
                self.source,
            ),
        ]
