"""A control: width 256 and two layers."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

from tutor.methods import METHODS, FullWT, LoRAWT, NoTuning, SoftPT
from tutor.predictors import LSTM, Transformer
from tutor.studies.checks import Band, Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, TWO_COINS, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class LargeNet(AbstractStudy):
    name = "large-net"
    title = "A larger network"
    in_short = "width 256 and two layers change nothing"
    claim = "Width 256 and two layers change nothing in the conclusions: SoftPT reaches one coin but not two, weights reach both."
    source = f"{CITED}, appendix; SoftPT at 0.01 and 0.03 (one coin), 0.91 and 1.04 nats (two coins) in the authors' discussion"

    def specs(self, preset: Preset):
        methods = (NoTuning(), SoftPT(), FullWT(), LoRAWT())
        larger = LSTM(width=256, layers=2), Transformer(width=256, layers=2)
        few = replace(preset, repetitions=3)
        return [few.tuned(preset.base(body), method, on) for body in larger for on in (SINGLE, TWO_COINS) for method in methods]

    def rows(self, preset: Preset, load):
        exact_rows = [*baseline_rows(COINS, SINGLE), *baseline_rows(COINS, TWO_COINS)]
        return exact_rows + [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            for kind in ("soft", "full", "lora"):
                checks.append(
                    Check(
                        f"{body.label}: {METHODS[kind].label} reaches the optimum of one coin",
                        find(rows, method=kind, network=body.kind, source=SINGLE.kind).after(50),
                        Band.exactly(0.06),
                        "below",
                        self.source,
                    )
                )
            at50 = {kind: find(rows, method=kind, network=body.kind, source=TWO_COINS.kind).after(50) for kind in ("soft", "full", "lora")}
            checks.append(
                Check(f"{body.label}: SoftPT does not reach two coins", at50["soft"], Band.exactly(log(2) + 0.05), "above", self.source)
            )
            checks += [
                Check(f"{body.label}: {METHODS[kind].label} reaches two coins", at50[kind], Band.exactly(0.80), "below", self.source)
                for kind in ("full", "lora")
            ]
        return checks
