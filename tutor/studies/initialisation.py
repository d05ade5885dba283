"""Where should a prefix start, when there is little to learn from: at random, at words of the task, or at other words?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.sources.language import encode
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import CITED, TABLE, score_rows, tuning_spec
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
REAL = ("random words", "words of the task", "other words")
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
        scope="one language model, 50 tables, 300 steps",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-30", "one primary check instead of three; networks instead of repetitions are counted", before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [tuning_spec(method, FEW) for method in WAYS.values()]

    def rows(self, preset: Preset, load):
        return [row.labelled(name, start=name) for name, method in WAYS.items() for row in score_rows(load(tuning_spec(method, FEW)))]

    def checks(self, rows: Sequence[Row]):
        bleu = {name: find(rows, start=name, metric="bleu").value for name in WAYS}
        ahead = {name: bleu[name] - bleu["random numbers"] for name in REAL}
        return [
            Check("the worst of three starts at real words is better than random numbers", min(ahead.values()), self.source, low=MARGIN,
                  unit="BLEU", role="primary"),
            *(Check(f"{name} are a better start than random numbers", value, self.source, low=MARGIN, unit="BLEU")
              for name, value in ahead.items()),
        ]
