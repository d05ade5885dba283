"""Do tuned prompt vectors approach the tokens that there are?"""

from collections.abc import Sequence

from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import CITED, LONGER, PRIORS, RATES, RECIPE, soft_spec
from tutor.studies.gates import check_settled, fall_row
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, replicate_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find, select
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import score_rows, vector_geometry

CHECKED = {"isotropic": (RECIPE.learning_rate,), "far": (RECIPE.learning_rate,), "fitted": RATES, "vocabulary": RATES}
"""Learning rates of replications, by kind of prior."""
OF_TOKENS = ("vocabulary", "words")
"""Kinds of priors that start on tokens, so that there is nothing to approach."""


class Collapse(AbstractStudy):
    name = "embedding-collapse"
    title = "Do vectors collapse onto words?"
    in_short = "tuned vectors need not come near words: prior and learning rate decide"
    claim = "Tuned vectors need not collapse onto existing tokens: whether they come near any depends on the prior and the learning rate."
    source = f"{CITED}, sections 4.2 and 5, figures 6 to 8 (pictures, no numbers): at a high rate prompts leave the cloud, at a low one not"
    metric = "cosine"
    lab = "priors"
    plan = Plan(
        primary="of three priors that do not start on tokens, the vectors of the one that comes nearest are no more similar to a token "
                "than draws from a Gaussian fitted to the tokens; the control is the margin",
        scope="six language models, summaries, ten vectors, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 40, and the runs of priors-move-positions-not-quality",
    )
    ledger = (
        Change("2026-11-26", "five tunings from each prior instead of three; what starts on tokens is compared with its own start",
               before="reproduced"),
        Change("2026-11-30", "one primary check, the worst of three priors that do not start on tokens, instead of twelve; 1,500 "
                             "steps instead of 400; six language models instead of one", before="reproduced"),
    )

    def specs(self, preset: Preset):
        return list(self._specs(preset).values())

    def rows(self, preset: Preset, load):
        runs, found = {named: load(spec) for named, spec in self._specs(preset).items()}, []
        base = load(next(iter(runs.values())).spec.base()).predictor
        for (label, rate), run in runs.items():
            named = {"prior": PRIORS[label].kind, "rate": rate}
            found += score_rows(run, f"{label}, rate {rate:g}", vector_geometry(run, base), **named)
            found += [fall_row(run).labelled(label, **named)] if preset.replicates else []
        return found

    def checks(self, rows: Sequence[Row]):
        def value(kind: str, rate: float, metric: str) -> float:
            return find(rows, prior=kind, rate=rate, metric=metric).value

        def nearer(kind: str, than: str) -> float:
            return value(kind, common, "cosine") - value(kind, common, than)

        common, (slow, *_, quick) = RECIPE.learning_rate, RATES
        elsewhere = [kind for kind in CHECKED if kind not in OF_TOKENS]
        labels = {prior.kind: label for label, prior in PRIORS.items()}
        return [
            Check("from no prior do vectors end more similar to a token than draws that lie as tokens do",
                  max(nearer(kind, "shaped") for kind in elsewhere), f"{self.source}; the control is ours", high=0.0, unit="of cosine",
                  role="primary"),
            Check("what starts on tokens is less similar to one in the end than at the start",
                  nearer("vocabulary", "start"), f"{self.source}; that it leaves them is our reading", high=0.0,
                  unit="of cosine"),
            Check(f"{labels['fitted']}: a high rate drives it farther from the cloud than a low one",
                  value("fitted", quick, "mahalanobis") / value("fitted", slow, "mahalanobis"), self.source, low=1.0,
                  unit="of the distance"),
            Check(f"{labels['vocabulary']}: at a low rate the vectors stay more similar to a token than at a high one",
                  value("vocabulary", slow, "cosine") - value("vocabulary", quick, "cosine"), self.source, low=0.0, unit="of cosine"),
            check_settled(select(rows, rate=common)),
        ]

    def _specs(self, preset: Preset) -> dict[tuple[str, float], RunSpec]:
        """Specify the runs by label of the prior and rate; a replication has other rates only where a check compares them."""
        return {(label, rate): replicate_spec(soft_spec(prior, rate), preset, LONGER.model_copy(update={"learning_rate": rate}))
                for label, prior in PRIORS.items() for rate in preset.choose(RATES, CHECKED.get(prior.kind, ()))}
