"""Trained through an MLP or directly: which learning rates and which starts does a prefix survive?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Check
from tutor.studies.language_presets import CITED, PREFIX, TABLE, score_rows, tuning_spec
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

RATES = (2e-3, 1e-2, 5e-2, 0.25)
WAYS = {"direct": PrefixPT(length=5, init="normal"), "through an MLP": PrefixPT(length=5, init="normal", mlp=128)}
"""By how the prefix is trained: the field `way`."""
EXAMPLES = 200
"""Documents to learn from: with few, a bad start is not forgiven."""
FEW = TABLE.model_copy(update={"examples": EXAMPLES})


class Reparametrisation(AbstractStudy):
    name = "reparametrisation"
    title = "Through an MLP, or directly"
    in_short = "an MLP in front of it keeps a prefix from failing to train"
    claim = (
        "Optimising a prefix directly is sensitive to the learning rate and to where it starts; through an MLP, which is dropped "
        "afterwards, it is stable."
    )
    source = f"{CITED}, section 4.3 and its footnote 3; no figure of the paper shows it"
    metric = "bleu"
    lab = "anatomy"

    def specs(self, preset: Preset):
        return [self._spec(method, rate) for method in WAYS.values() for rate in RATES]

    def rows(self, preset: Preset, load):
        return [row.labelled(f"{name}, rate {rate:g}", way=name, rate=rate) for name, method in WAYS.items() for rate in RATES
                for row in score_rows(load(self._spec(method, rate)))]

    def checks(self, rows: Sequence[Row]):
        direct, mapped = (sorted((self._band(rows, name, rate) for rate in RATES), key=lambda band: band.median) for name in WAYS)
        return [
            Check("at its worst learning rate the MLP does better", mapped[0], direct[0], "above", self.source),
            Check("at its best it is no worse (within one BLEU)", mapped[-1], direct[-1].scaled(1.0, -1.0), "above", self.source),
        ]

    def _spec(self, method: PrefixPT, rate: float):
        return tuning_spec(method, FEW, PREFIX.model_copy(update={"learning_rate": rate}))

    def _band(self, rows: Sequence[Row], name: str, rate: float) -> Band:
        return find(rows, way=name, rate=rate, metric="bleu").bands[0]
