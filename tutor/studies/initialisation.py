"""Where should a prefix start, when there is little to learn from: at random, at words of the task, or at other words?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.sources.language import encode
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_scale, check_settled
from tutor.studies.language_presets import CITED, MODELS, MODELS_BUDGET, PREFIX, TABLE, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

WAYS = {
    "random numbers": PrefixPT(length=5, init="normal"),
    "zeros": PrefixPT(length=5, init="zeros"),
    "random words": PrefixPT(length=5),
    "words of the task": PrefixPT(length=5, words=tuple(encode("table : name text :"))),
    "other words": PrefixPT(length=5, words=tuple(encode("compute seven plus two ?"))),
}
"""By what is started from: the field `start`."""
RANDOM = "random numbers"
REAL = ("random words", "words of the task", "other words")
RECIPE = PREFIX.model_copy(update={"steps": 1500})
MARGIN = 1.0
"""BLEU that count as a difference."""
FEW = TABLE.model_copy(update={"examples": 50})


class Initialisation(AbstractStudy):
    name = "initialisation"
    title = "Where a prefix starts"
    in_short = "with little data a prefix does better from real words' activations than from random numbers"
    claim = (
        "With little data a prefix that starts from the activations of real words does better than one that starts at random, whatever "
        "the words."
    )
    source = (
        f"{CITED}, section 7.4 and figure 5 (low data): random lowest and most variable; real words all above it, task-relevant ones "
        "slightly best"
    )
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary=f"the worst of random words, words of the task and other words starts at least {MARGIN:g} BLEU better than random numbers",
        scope="six language models, 50 tables, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 40",
    )
    ledger = (
        Change("2026-11-30", "one primary check instead of three; 1,500 steps instead of 300; six language models instead of one",
               before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [self._spec(preset, start) for start in preset.choose(tuple(WAYS), (RANDOM, *REAL))]

    def rows(self, preset: Preset, load):
        return [row.labelled(start, start=start) for start in preset.choose(tuple(WAYS), (RANDOM, *REAL))
                for row in score_rows(load(self._spec(preset, start)), preset)]

    def checks(self, rows: Sequence[Row]):
        bleu = {name: find(rows, start=name, metric="bleu").value for name in (RANDOM, *REAL)}
        ahead = {name: bleu[name] - bleu[RANDOM] for name in REAL}
        return [
            Check("the worst of three starts at real words is better than random numbers", min(ahead.values()), self.source, low=MARGIN,
                  unit="BLEU", role="primary"),
            *(Check(f"{name} are a better start than random numbers", value, self.source, low=MARGIN, unit="BLEU")
              for name, value in ahead.items()),
            check_settled(rows),
            *check_scale(bleu[RANDOM], max(bleu[name] for name in REAL)),
        ]

    def _spec(self, preset: Preset, start: str):
        return replicate_spec(tuning_spec(WAYS[start], FEW), preset, RECIPE)
