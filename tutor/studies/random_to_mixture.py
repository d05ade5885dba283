"""The second main study (Genewein et al. 2025, Fig. 3): pretrained on random coins, tuned to two."""

from collections.abc import Sequence
from math import log

from tutor.methods import METHODS
from tutor.studies.checks import Band, Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, TWO_COINS, Preset
from tutor.studies.row_fields import select
from tutor.studies.study import AbstractStudy


class RandomToMixture(AbstractStudy):
    name = "random-to-mixture"
    title = "From random coins to two coins"
    in_short = "no prompt reaches two coins, weights do"
    claim = (
        "No prompt or prefix turns a network pretrained on random coins into the ideal predictor of two coins, because its posterior "
        "collapses to one bias; tuning the weights does."
    )
    source = f"{CITED}, section 4 and Fig. 3; SoftPT at 0.98 (LSTM) and 1.20 nats (Transformer) in the authors' discussion"

    def specs(self, preset: Preset):
        return [preset.tuned(preset.base(body), method, TWO_COINS) for body in NETWORKS for method in preset.every_method()]

    def rows(self, preset: Preset, load):
        return [*baseline_rows(COINS, TWO_COINS), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            at50 = {row.fields["method"]: row.after(50) for row in select(rows, network=body.kind)}
            checks += [
                Check(
                    f"{body.label}: {METHODS[kind].label} stays far from the optimum after 50 flips",
                    at50[kind],
                    Band.exactly(1.2),
                    "above",
                    "pseudo-counts cannot do better than 1.462 nats exactly",
                )
                for kind in ("hard", "simplex", "real")
            ]
            checks += [
                Check(f"{body.label}: {METHODS[kind].label} does not reach the optimum ln 2", at50[kind], Band.exactly(log(2) + 0.05),
                      "above", self.source)
                for kind in ("soft", "prefix")
            ]
            checks += [Check(f"{body.label}: SoftPT improves on no tuning", at50["soft"], at50["none"], "below", self.source)]
            checks += [
                Check(f"{body.label}: {METHODS[kind].label} reaches the optimum ln 2", at50[kind], Band.exactly(0.80), "below", self.source)
                for kind in ("full", "lora")
            ]
        return checks
