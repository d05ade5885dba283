"""A control: the same methods on networks that were never trained."""

from collections.abc import Sequence

from tutor.methods import EmbedUnembedWT, EmbedWT, LoRAWT, NoTuning, SoftPT, UnembedWT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, regret_row
from tutor.studies.presets import CITED, NETWORKS, SINGLE, Preset, faster_recipes
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class Untrained(AbstractStudy):
    name = "untrained"
    title = "Tuning a network that was never trained"
    in_short = "a soft prompt steers a Transformer that was never trained, but no LSTM, and not beyond its tuning length"
    claim = (
        "A soft prompt makes an untrained Transformer a nearly Bayes-optimal predictor of one coin within the length it was tuned on, but "
        "hardly changes an untrained LSTM."
    )
    source = f"{CITED}, section 4, untrained networks (known from summaries; the target coin is not named there)"
    plan = Plan(
        primary="within 50 flips SoftPT leaves an untrained Transformer at least twenty times less of the untuned regret than an LSTM",
        scope="one coin of bias 0.2, within 50 flips; after 200 the Transformer is far off again (see the checks)",
        budget="10 networks of each kind: 3 core minutes",
    )
    ledger = (
        *faster_recipes("reproduced"),
        Change("2026-11-30", "one network of each kind became ten; one primary check, the ratio between the two; regret after 200 flips "
                                   "became part of the claim", before="reproduced"),
    )

    def specs(self, preset: Preset):
        shown = (*preset.prompts(), EmbedWT(), UnembedWT(), EmbedUnembedWT(), LoRAWT())
        methods = preset.choose(shown, (NoTuning(), SoftPT()))
        return [preset.fewer().tuned(preset.untrained(body), method, SINGLE) for body in NETWORKS for method in methods]

    def rows(self, preset: Preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows: Sequence[Row]):
        soft, untuned = ({body.kind: find(rows, method=kind, network=body.kind) for body in NETWORKS} for kind in ("soft", "none"))
        left = {kind: soft[kind].after(50) / untuned[kind].after(50) for kind in soft}
        return [
            Check("SoftPT leaves the Transformer at most a twentieth of the share that it leaves the LSTM",
                  left["transformer"] / left["lstm"],
                  f"{self.source}; a twentieth is our reading of the contrast", high=0.05, unit="", role="primary"),
            Check("Transformer: SoftPT is nearly optimal after 50 flips", soft["transformer"].after(50), self.source, high=0.15),
            Check("LSTM: SoftPT leaves more than half of the untuned regret after 50 flips", left["lstm"], self.source, low=0.5, unit=""),
            Check("Transformer: after 200 flips, four times its tuning length, it is no longer nearly optimal",
                  soft["transformer"].after(200),
                  "our question; one nat is our reading", low=1.0),
        ]
