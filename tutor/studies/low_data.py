"""With little to learn from: a prefix, all weights, or examples in front of the question?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor import measure
from tutor.methods import FullWT, PrefixPT
from tutor.methods.method import AbstractMethod
from tutor.predictors import Predictor
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import CITED, MODEL, PREFIX, TABLE, WEIGHTS, tuning_spec
from tutor.studies.measured_rows import Band, Row, pool_rows, score_row, untrained_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import PRETRAINED, find
from tutor.studies.study import AbstractStudy

SIZES = (50, 200, 1000, 5000)
FEW = tuple(size for size in SIZES if size < 1000)
MARGIN = 1.0
"""BLEU that count as a difference: a third of the paper's."""
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
    plan = Plan(
        primary=f"on average over {' and '.join(map(str, FEW))} documents a prefix is at least {MARGIN:g} BLEU better than all weights",
        scope="one language model, tables in one style, 300 steps",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-30", "one primary check, the mean that the paper prints, instead of two; networks instead of repetitions are "
                             "counted", before="not reproduced"),
    )

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
        def bleu(method: str, size: int) -> float:
            return find(rows, method=method, documents=size, metric="bleu").value

        ahead = {size: bleu("prefix", size) - bleu("full", size) for size in FEW}
        return [
            Check("with few documents a prefix tells better than tuned weights, on average", sum(ahead.values()) / len(ahead), self.source,
                  low=MARGIN, unit="BLEU", role="primary", reported=2.9),
            *(Check(f"with {size} documents a prefix tells better than tuned weights", value, self.source, low=MARGIN, unit="BLEU")
              for size, value in ahead.items()),
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
