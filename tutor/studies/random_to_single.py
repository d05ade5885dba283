"""The first main study (Genewein et al. 2025, Fig. 2): pretrained on random coins, tuned to one coin."""

from collections.abc import Sequence

from tutor.methods import METHODS
from tutor.studies.checks import Band, Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class RandomToSingle(AbstractStudy):
    name = "random-to-single"
    title = "From random coins to one coin"
    in_short = "soft prompts and weights reach one coin, six hard tokens do not"
    claim = (
        "A network pretrained on random coins can be tuned to one coin by a soft prompt as well as by weights: SoftPT, FullWT and "
        "LoRAWT reach the Bayes optimum of the target, six hard tokens fall short of it."
    )
    source = f"{CITED}, section 4 and Fig. 2; SoftPT at 0.01 nats for both networks in the authors' discussion"

    def specs(self, preset: Preset):
        return [preset.tuned(preset.base(body), method, SINGLE) for body in NETWORKS for method in preset.every_method()]

    def rows(self, preset: Preset, load):
        return [*baseline_rows(COINS, SINGLE), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        checks = []
        best = find(rows, reference="PreBayesPT").after(50).median
        for body in NETWORKS:
            for kind in ("soft", "full", "lora"):
                checks.append(
                    Check(
                        f"{body.label}: {METHODS[kind].label} reaches the optimum after 50 flips",
                        find(rows, method=kind, network=body.kind).after(50),
                        Band.exactly(0.05),
                        "below",
                        self.source,
                    )
                )
            hard = find(rows, method="hard", network=body.kind).after(50)
            exact_source = "exact regret of the best hard prefix of six tokens, plus or minus 0.15 nats for the network's own error"
            checks += [
                Check(f"{body.label}: HardPT is no better than the exact best hard prefix", hard, Band.exactly(best - 0.15), "above",
                      exact_source),
                Check(f"{body.label}: HardPT is no worse than the exact best hard prefix", hard, Band.exactly(best + 0.15), "below",
                      exact_source),
            ]
        return checks
