"""A prefix made of a matrix that is smaller than itself: does it need as many numbers as it has?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_scale, check_settled
from tutor.studies.language_presets import CITED, MODELS, MODELS_BUDGET, PREFIX, TRADE, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find, select
from tutor.studies.study import AbstractStudy

LENGTH = 10
"""Rows of the prefix in every layer; as many as the work takes for two of its four tasks."""
WAYS = {"direct": PrefixPT(length=LENGTH), "smaller": PrefixPT(length=LENGTH, mlp=4, columns=4)}
"""By how the prefix is trained, the field `way`: 7,680 numbers, or 3,900 of which an MLP of four hidden units makes them."""
SHOWN = {"direct": 5e-2, "smaller": 1e-2}
"""Learning rates of what is shown."""
GRIDS = {"direct": (0.0125, 0.05, 0.2), "smaller": (2.5e-3, 0.01, 0.04)}
"""Learning rates of replications, as many of either way, around those: the best of each is compared."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})
FEW = TRADE.model_copy(update={"examples": 50})
"""Few enough documents for room above: on the model of seed 0 a prefix of five rows reaches 57.0 BLEU and all weights 62.5."""
MARGIN = 2.0
"""BLEU that the smaller one may lose: about half of what tuned weights are ahead of a prefix here."""


class SmallerPrefix(AbstractStudy):
    name = "smaller-prefix"
    title = "A prefix of half as many numbers"
    in_short = "a prefix made of half as many numbers tells tables as well as one that is free"
    claim = (
        "A prefix whose rows a narrow MLP makes of a matrix of few columns, half as many numbers in all, tells tables as well as a prefix "
        "whose numbers are all free."
    )
    source = (f"our own question after {CITED}, section 4.3: the rows are made of a matrix with fewer columns than they have; the MLP "
              "between them makes the numbers that are trained more in the work, and fewer here")
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary=f"at its best learning rate the prefix of half as many numbers loses at most {MARGIN:g} BLEU against the free one at its "
                "best",
        scope=f"six language models, tables told in one of two ways by trade, 50 documents, {LENGTH} rows per layer, 1,500 steps, three "
              "rates of either way",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        own_question=True,
        budget=f"{MODELS_BUDGET} 60",
    )
    ledger = (Change("2026-12-01", "a study of its own; its plan was fixed before any prefix of it was trained"),)

    def specs(self, preset: Preset):
        return [self._spec(preset, way, rate) for way in WAYS for rate in self._rates(preset, way)]

    def rows(self, preset: Preset, load):
        return [row.labelled(f"{way}, rate {rate:g}", way=way, rate=rate) for way in WAYS for rate in self._rates(preset, way)
                for row in score_rows(load(self._spec(preset, way, rate)), preset)]

    def checks(self, rows: Sequence[Row]):
        best = {way: max(select(rows, way=way, metric="bleu"), key=lambda row: row.value) for way in WAYS}
        direct, smaller = best["direct"].value, best["smaller"].value
        at_best = {way: row.fields["rate"] for way, row in best.items()}
        losses = {way: find(rows, way=way, rate=rate, metric="loss").value for way, rate in at_best.items()}
        return [
            Check("made of half as many numbers, a prefix tells tables as well as a free one", smaller - direct,
                  f"{self.source}; two BLEU are our margin", low=-MARGIN, unit="BLEU", role="primary"),
            Check("its held-out loss is no higher than that of the free one", losses["smaller"] - losses["direct"], "our question",
                  high=0.02, unit="nats per token"),
            check_settled([row for way, rate in at_best.items() for row in select(rows, way=way, rate=rate)]),
            *check_scale(direct, smaller),
        ]

    def _rates(self, preset: Preset, way: str) -> Sequence[float]:
        return preset.choose((SHOWN[way],), GRIDS[way])

    def _spec(self, preset: Preset, way: str, rate: float) -> RunSpec:
        shown, decides = (recipe.model_copy(update={"learning_rate": rate}) for recipe in (PREFIX, RECIPE))
        return replicate_spec(tuning_spec(WAYS[way], FEW, shown, repetitions=1), preset, decides)
