"""Trained through an MLP or directly: which learning rates and which starts does a prefix survive?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_settled
from tutor.studies.language_presets import CITED, MODELS, MODELS_BUDGET, PREFIX, TABLE, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import select
from tutor.studies.study import AbstractStudy

RATES = (2e-3, 1e-2, 5e-2, 0.25)
"""Of what is shown: the best of them is the highest of a direct prefix and the lowest of one through an MLP."""
WAYS = {"direct": PrefixPT(length=5, init="normal"), "through an MLP": PrefixPT(length=5, init="normal", mlp=128)}
"""By how the prefix is trained: the field `way`."""
GRIDS = {"direct": (0.016, 0.063, 0.25, 1.0, 4.0), "through an MLP": (1.25e-4, 5e-4, 2e-3, 8e-3, 0.032)}
"""Learning rates of replications: as many of either way, by a factor of four, around the best of RATES."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})
MARGIN = 0.1
"""Of the best score, on average over the rates: half of what one more of five rates at which it trains is worth."""
EXAMPLES = 200
"""Documents to learn from: with few, a bad start is not forgiven."""
FEW = TABLE.model_copy(update={"examples": EXAMPLES})


class Reparametrisation(AbstractStudy):
    name = "reparametrisation"
    title = "Through an MLP, or directly"
    in_short = "an MLP in front of it keeps a prefix from failing to train"
    claim = (
        "Optimising a prefix directly is sensitive to the learning rate; through an MLP, which is dropped afterwards, it is less so: more "
        "rates around the best one do well."
    )
    source = f"{CITED}, section 4.3 and its footnote 3; no figure of the paper shows it"
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary="what is kept of the best score on average over the learning rates is more through the MLP than directly, by at least half "
                "of what one more rate is worth",
        scope="six language models, 200 tables, 1,500 steps, five rates of either way",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 105",
    )
    ledger = (
        Change("2026-11-30", "the width of the good range of rates instead of the worst of them: one primary check instead of two; "
                             "a grid of five rates around the best of either way, 1,500 steps instead of 300, six language models "
                             "instead of one; where it starts is no longer claimed", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        return [self._spec(preset, name, rate) for name in WAYS for rate in self._rates(preset, name)]

    def rows(self, preset: Preset, load):
        return [row.labelled(f"{name}, rate {rate:g}", way=name, rate=rate) for name in WAYS for rate in self._rates(preset, name)
                for row in score_rows(load(self._spec(preset, name, rate)), preset)]

    def checks(self, rows: Sequence[Row]):
        bleu = {name: {row.fields["rate"]: row.value for row in select(rows, way=name, metric="bleu")} for name in WAYS}
        direct, mapped = ([scores[rate] for rate in sorted(scores)] for scores in bleu.values())
        best = [row for name, scores in bleu.items() for row in select(rows, way=name, rate=max(scores, key=scores.get))]
        return [
            Check("through the MLP more of the best score is kept on average over the learning rates",
                  share_kept(mapped) - share_kept(direct), self.source, low=MARGIN, unit="of the best BLEU", role="primary"),
            Check("at its worst learning rate the MLP does better", min(mapped) - min(direct), self.source, low=0.0, unit="BLEU"),
            Check("at its best it is no worse", max(mapped) - max(direct), f"{self.source}; one BLEU is our margin", low=-1.0, unit="BLEU"),
            check_settled(best),
            Check("either way the rates at both ends of the grid do worse than the best one", max(map(share_at_ends, (direct, mapped))),
                  "else good rates may lie beyond it; a tenth is our margin", high=0.9, unit="of the best BLEU", role="gate"),
        ]

    def _rates(self, preset: Preset, name: str) -> Sequence[float]:
        return preset.choose(RATES, GRIDS[name])

    def _spec(self, preset: Preset, name: str, rate: float):
        shown, decides = (recipe.model_copy(update={"learning_rate": rate}) for recipe in (PREFIX, RECIPE))
        return replicate_spec(tuning_spec(WAYS[name], FEW, shown), preset, decides)


def share_kept(scores: Sequence[float]) -> float:
    """Return what is kept of the best score on average over learning rates: 1 where the rate does not matter."""
    return sum(scores) / len(scores) / max(scores)


def share_at_ends(scores: Sequence[float]) -> float:
    """Return the better score of the lowest and the highest learning rate, as a share of the best."""
    return max(scores[0], scores[-1]) / max(scores)
