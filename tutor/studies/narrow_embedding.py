"""A control: a soft prompt that has four dimensions instead of 128."""

from collections.abc import Sequence

from tutor.methods import NoTuning, RealPT, SoftPT
from tutor.predictors import LSTM, Transformer
from tutor.studies.checks import Check, Row, regret_row
from tutor.studies.presets import CITED, NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class NarrowEmbedding(AbstractStudy):
    name = "narrow-embedding"
    title = "A soft prompt with four dimensions"
    in_short = "with four dimensions a soft prompt loses its advantage"
    claim = "With an embedding of width 4 a soft prompt loses its advantage: degrees of freedom are what make it strong."
    source = f"{CITED}, appendix; SoftPT at 0.34 (LSTM) and 0.65 nats (Transformer) in the authors' discussion"

    def specs(self, preset: Preset):
        few, methods = preset.fewer(), (NoTuning(), RealPT(), SoftPT())
        narrow = [few.tuned(preset.base(body), method, SINGLE) for body in self._narrow() for method in methods]
        return narrow + [preset.tuned(preset.base(body), SoftPT(), SINGLE) for body in NETWORKS]

    def rows(self, preset: Preset, load):
        rows = [(spec, regret_row(load(spec))) for spec in self.specs(preset)]
        return [row.labelled(f"{row.method}, embedding {spec.body.embedding}", embedding=spec.body.embedding) for spec, row in rows]

    def checks(self, rows: Sequence[Row]):
        return [
            Check(
                f"{body.label}: SoftPT is clearly worse with 4 dimensions than with 128 (by 0.1 nats or more)",
                find(rows, method="soft", embedding=4, network=body.kind).after(50),
                find(rows, method="soft", embedding=128, network=body.kind).after(50).scaled(1.0, 0.1),
                "above",
                self.source,
            )
            for body in NETWORKS
        ]

    @staticmethod
    def _narrow():
        return LSTM(embedding=4), Transformer(embedding=4)
