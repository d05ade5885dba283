"""With little to learn from: a prefix, all weights, or examples in front of the question?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor import measure
from tutor.methods import FullWT, PrefixPT
from tutor.methods.base import AbstractMethod
from tutor.predictors import Predictor
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, of_nothing, pooled, score_row
from tutor.studies.language_presets import CITED, MODEL, PREFIX, TABLE, WEIGHTS, tuned
from tutor.studies.presets import Preset

SIZES = (50, 200, 1000, 5000)
SUBSETS = (0, 1, 2)
WAYS = {"PrefixPT": (PrefixPT(length=5), PREFIX), "FullWT": (FullWT(), WEIGHTS)}
SHOWN = 1
"""Documents of the same kind in front of the one that is asked: what fits into the network's context beside it."""


class LowData(AbstractStudy):
    name = "low-data"
    title = "Few documents to learn from"
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
                    each = pooled([score_row(load(self._spec(name, size, subset)), metric=metric) for subset in SUBSETS])
                    rows.append(replace(each, method=f"{name}, {size} documents", on=TABLE.label))
        return [*rows, *in_context(load(MODEL).predictor, rows[0])]

    def checks(self, rows: Sequence[Row]):
        return [
            Check(f"with {size} documents a prefix tells better than tuned weights",
                  find(rows, method=f"PrefixPT, {size} documents", metric="bleu").bands[0],
                  find(rows, method=f"FullWT, {size} documents", metric="bleu").bands[0], "above", self.source)
            for size in SIZES if size < 1000
        ]

    def _spec(self, name: str, size: int, subset: int):
        method: AbstractMethod = WAYS[name][0]
        on = TABLE.model_copy(update={"examples": size, "subset": subset})
        return tuned(method, on, WAYS[name][1], repetitions=1)


def in_context(network: Predictor, like: Row) -> list[Row]:
    """The untuned network with no document and with SHOWN documents of the same style in front: BLEU of the last text."""
    rows = []
    for shown in (0, SHOWN):
        written, name = measure.write(network, TABLE, n=128, before=shown), f"untuned, {shown or 'no'} document in front"
        rows += [of_nothing(like, method=name, repetitions=1, metric=metric, bands=(Band.exactly(getattr(written, metric)),))
                 for metric in ("bleu", "slots")]
    return rows
