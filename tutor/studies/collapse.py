"""Do tuned prompt vectors approach the tokens that there are?"""

from collections.abc import Sequence

from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import CITED, PRIORS, RATES, RECIPE, soft_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import score_rows, vector_geometry

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
        primary="of seven priors that do not start on tokens, the vectors of the one that comes nearest are no more similar to a token "
                "than draws from a Gaussian fitted to the tokens; the control is the margin",
        scope="one language model, summaries, ten vectors, 400 steps",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-26", "five tunings from each prior instead of three; what starts on tokens is compared with its own start",
               before="reproduced"),
        Change("2026-11-30", "one primary check, the worst of seven priors, instead of twelve; networks instead of repetitions are "
                             "counted", before="reproduced"),
    )

    def specs(self, preset: Preset):
        return [soft_spec(prior, rate) for prior in PRIORS.values() for rate in RATES]

    def rows(self, preset: Preset, load):
        base = load(soft_spec(next(iter(PRIORS.values()))).base()).predictor
        found = []
        for label, prior in PRIORS.items():
            for rate in RATES:
                run = load(soft_spec(prior, rate))
                found += score_rows(run, f"{label}, rate {rate:g}", vector_geometry(run, base), prior=prior.kind, rate=rate)
        return found

    def checks(self, rows: Sequence[Row]):
        def value(kind: str, rate: float, metric: str) -> float:
            return find(rows, prior=kind, rate=rate, metric=metric).value

        def nearer(kind: str, than: str) -> float:
            return value(kind, common, "cosine") - value(kind, common, than)

        common, (slow, *_, quick) = RECIPE.learning_rate, RATES
        elsewhere = [prior.kind for prior in PRIORS.values() if prior.kind not in OF_TOKENS]
        labels = {prior.kind: label for label, prior in PRIORS.items()}
        return [
            Check("from no prior do vectors end more similar to a token than draws that lie as tokens do",
                  max(nearer(kind, "shaped") for kind in elsewhere), f"{self.source}; the control is ours", high=0.0, unit="of cosine",
                  role="primary"),
            Check("what starts on tokens is less similar to one in the end than at the start",
                  max(nearer(kind, "start") for kind in OF_TOKENS), f"{self.source}; that it leaves them is our reading", high=0.0,
                  unit="of cosine"),
            *(Check(f"{labels[kind]}: a high rate drives it farther from the cloud than a low one",
                    value(kind, quick, "mahalanobis") / value(kind, slow, "mahalanobis"), self.source, low=1.0, unit="of the distance")
              for kind in ("isotropic", "fitted")),
            Check(f"{labels['vocabulary']}: at a low rate the vectors stay more similar to a token than at a high one",
                  value("vocabulary", slow, "cosine") - value("vocabulary", quick, "cosine"), self.source, low=0.0, unit="of cosine"),
        ]
