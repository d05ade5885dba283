"""A control: width 256 and two layers."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

from tutor.methods import FullWT, LoRAWT, NoTuning, SoftPT
from tutor.predictors import LSTM, Transformer
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, baseline_rows, find, regret_row
from tutor.studies.presets import BODIES, CITED, COINS, SINGLE, TWO_COINS, Preset


class LargeNet(AbstractStudy):
    name = "large-net"
    title = "A larger network"
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
        for body in BODIES:
            for method in ("SoftPT", "FullWT", "LoRAWT"):
                checks.append(
                    Check(
                        f"{body}: {method} reaches the optimum of one coin",
                        find(rows, method=method, body=body, on=SINGLE.label).after(50),
                        Band.exactly(0.06),
                        "below",
                        self.source,
                    )
                )
            at50 = {row.method: row.after(50) for row in rows if row.body == body and row.on == TWO_COINS.label}
            checks.append(
                Check(f"{body}: SoftPT does not reach two coins", at50["SoftPT"], Band.exactly(log(2) + 0.05), "above", self.source)
            )
            checks += [
                Check(f"{body}: {method} reaches two coins", at50[method], Band.exactly(0.80), "below", self.source)
                for method in ("FullWT", "LoRAWT")
            ]
        return checks
