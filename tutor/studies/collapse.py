"""Do tuned prompt vectors approach the tokens that there are?"""

from collections.abc import Sequence

from tutor.studies.checks import Check
from tutor.studies.embedding_presets import CITED, PRIORS, RATES, RECIPE, soft_spec
from tutor.studies.measured_rows import Band, Row
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
        def band(kind: str, rate: float, metric: str) -> Band:
            return find(rows, prior=kind, rate=rate, metric=metric).bands[0]

        common, (slow, *_, quick) = RECIPE.learning_rate, RATES
        labels = {prior.kind: label for label, prior in PRIORS.items()}
        return [
            *(Check(f"{label}: no more similar to a token than draws that lie as tokens do",
                    band(kind, common, "cosine"), band(kind, common, "shaped"), "below", f"{self.source}; the control is ours")
              for kind, label in labels.items() if kind not in OF_TOKENS),
            *(Check(f"{labels[kind]}: less similar to a token in the end than at the start", band(kind, common, "cosine"),
                    band(kind, common, "start"), "below", f"{self.source}; that it leaves them is our reading") for kind in OF_TOKENS),
            *(Check(f"{labels[kind]}: a high rate drives it farther from the cloud than a low one", band(kind, quick, "mahalanobis"),
                    band(kind, slow, "mahalanobis"), "above", self.source) for kind in ("isotropic", "fitted")),
            Check(f"{labels['vocabulary']}: at a low rate the vectors stay more similar to a token than at a high one",
                  band("vocabulary", slow, "cosine"), band("vocabulary", quick, "cosine"), "above", self.source),
        ]
