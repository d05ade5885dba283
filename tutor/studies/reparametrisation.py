"""Trained through an MLP or directly: which learning rates and which starts does a prefix survive?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import CITED, PREFIX, TABLE, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

RATES = (2e-3, 1e-2, 5e-2, 0.25)
WAYS = {"direct": PrefixPT(length=5, init="normal"), "through an MLP": PrefixPT(length=5, init="normal", mlp=128)}
"""By how the prefix is trained: the field `way`."""
MARGIN = 0.5 / len(RATES)
"""Of the best score, on average over the rates: half of what one more rate at which it trains is worth."""
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
    plan = Plan(
        primary="what is kept of the best score on average over the learning rates is more through the MLP than directly, by at least half "
                "of what one more rate is worth",
        scope="one language model, 200 tables, 300 steps, four rates",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-30", "the width of the good range of rates instead of the worst of them: one primary check instead of two; "
                             "networks instead of repetitions are counted", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        return [self._spec(method, rate) for method in WAYS.values() for rate in RATES]

    def rows(self, preset: Preset, load):
        return [row.labelled(f"{name}, rate {rate:g}", way=name, rate=rate) for name, method in WAYS.items() for rate in RATES
                for row in score_rows(load(self._spec(method, rate)))]

    def checks(self, rows: Sequence[Row]):
        direct, mapped = ([find(rows, way=name, rate=rate, metric="bleu").value for rate in RATES] for name in WAYS)
        return [
            Check("through the MLP more of the best score is kept on average over the learning rates",
                  share_kept(mapped) - share_kept(direct), self.source, low=MARGIN, unit="of the best BLEU", role="primary"),
            Check("at its worst learning rate the MLP does better", min(mapped) - min(direct), self.source, low=0.0, unit="BLEU"),
            Check("at its best it is no worse", max(mapped) - max(direct), f"{self.source}; one BLEU is our margin", low=-1.0, unit="BLEU"),
        ]

    def _spec(self, method: PrefixPT, rate: float):
        return tuning_spec(method, FEW, PREFIX.model_copy(update={"learning_rate": rate}))


def share_kept(scores: Sequence[float]) -> float:
    """Return what is kept of the best score on average over learning rates: 1 where the rate does not matter."""
    return sum(scores) / len(scores) / max(scores)
