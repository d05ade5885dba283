"""With little to learn from: a prefix, all weights, or examples in front of the question?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor import measure
from tutor.methods import FullWT, PrefixPT
from tutor.methods.method import AbstractMethod
from tutor.predictors import Predictor
from tutor.studies.checks import Check
from tutor.studies.language_presets import CITED, MODEL, PREFIX, TABLE, WEIGHTS, tuning_spec
from tutor.studies.measured_rows import Band, Row, pool_rows, score_row, untrained_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import PRETRAINED, find
from tutor.studies.study import AbstractStudy

SIZES = (50, 200, 1000, 5000)
SUBSETS = (0, 1, 2)
WAYS = {"PrefixPT": (PrefixPT(length=5), PREFIX), "FullWT": (FullWT(), WEIGHTS)}
SHOWN = 1
"""Documents of the same kind in front of the one that is asked: what fits into the network's context beside it."""


class LowData(AbstractStudy):
    name = "low-data"
    title = "Few documents to learn from"
    in_short = "with few documents a prefix tells tables better than all weights"
    claim = "With few documents to learn from a prefix tells tables better than tuning all weights does."
    source = f"{CITED}, section 6.3: with 50 to 500 documents prefixes are 2.9 BLEU above fine-tuning on average"
    metric = "bleu"
    lab = "anatomy"

    def specs(self, preset: Preset):
        return [MODEL, *(self._spec(name, size, subset) for name in WAYS for size in SIZES for subset in SUBSETS)]

    def rows(self, preset: Preset, load):
        rows = []
        for name in WAYS:
            for size in SIZES:
                for metric in ("bleu", "slots"):
                    each = pool_rows([score_row(load(self._spec(name, size, subset)), metric=metric) for subset in SUBSETS])
                    rows.append(replace(each, on=TABLE.label).labelled(f"{name}, {size} documents", documents=size))
        return [*rows, *in_context_rows(load(MODEL).predictor, rows[0])]

    def checks(self, rows: Sequence[Row]):
        return [
            Check(f"with {size} documents a prefix tells better than tuned weights",
                  find(rows, method="prefix", documents=size, metric="bleu").bands[0],
                  find(rows, method="full", documents=size, metric="bleu").bands[0], "above", self.source)
            for size in SIZES if size < 1000
        ]

    def _spec(self, name: str, size: int, subset: int):
        method: AbstractMethod = WAYS[name][0]
        on = TABLE.model_copy(update={"examples": size, "subset": subset})
        return tuning_spec(method, on, WAYS[name][1], repetitions=1)


def in_context_rows(network: Predictor, like: Row) -> list[Row]:
    """Make the rows of the untuned network with no document and with SHOWN documents in its context: BLEU and facts told of its text."""
    rows = []
    for shown in (0, SHOWN):
        written, label = measure.generate_texts(network, TABLE, n=128, before=shown), f"untuned, {shown or 'no'} document in front"
        rows += [untrained_row(like, repetitions=1, metric=metric, bands=(Band.exactly(getattr(written, metric)),))
                 .labelled(label, method=PRETRAINED, shown=shown) for metric in ("bleu", "slots")]
    return rows
