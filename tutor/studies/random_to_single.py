"""The first main study (Genewein et al. 2025, Fig. 2): pretrained on random coins, tuned to one coin."""

from collections.abc import Sequence

from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, baseline_rows, find, regret_row
from tutor.studies.presets import BODIES, CITED, COINS, NETWORKS, SINGLE, Preset


class RandomToSingle(AbstractStudy):
    name = "random-to-single"
    title = "From random coins to one coin"
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
        best = find(rows, method="PreBayesPT").after(50).median
        for body in BODIES:
            for method in ("SoftPT", "FullWT", "LoRAWT"):
                checks.append(
                    Check(
                        f"{body}: {method} reaches the optimum after 50 flips",
                        find(rows, method=method, body=body).after(50),
                        Band.exactly(0.05),
                        "below",
                        self.source,
                    )
                )
            hard = find(rows, method="HardPT", body=body).after(50)
            exact_source = "exact regret of the best hard prefix of six tokens, plus or minus 0.15 nats for the network's own error"
            checks += [
                Check(
                    f"{body}: HardPT is no better than the exact best hard prefix", hard, Band.exactly(best - 0.15), "above", exact_source
                ),
                Check(
                    f"{body}: HardPT is no worse than the exact best hard prefix", hard, Band.exactly(best + 0.15), "below", exact_source
                ),
            ]
        return checks
