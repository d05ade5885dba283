"""Do tuned prompt vectors approach the tokens that there are?"""

from collections.abc import Sequence

from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import CITED, PRIORS, RATES, RECIPE, soft
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.presets import Preset
from tutor.studies.vectors import geometry, rows_of

OF_TOKENS = ("sampled vocabulary", "chosen words")
"""Priors that start on tokens, so that there is nothing to approach."""


def cell(label: str, rate: float) -> str:
    """What one setting is called."""
    return f"{label}, rate {rate:g}"


class Collapse(AbstractStudy):
    name = "embedding-collapse"
    title = "Do vectors collapse onto words?"
    claim = "Tuned vectors need not collapse onto existing tokens: whether they come near any depends on the prior and the learning rate."
    source = f"{CITED}, sections 4.2 and 5, figures 6 to 8 (pictures, no numbers): at a high rate prompts leave the cloud, at a low one not"
    metric = "cosine"
    lab = "priors"

    def specs(self, preset: Preset):
        return [soft(prior, rate) for prior in PRIORS.values() for rate in RATES]

    def rows(self, preset: Preset, load):
        base = load(soft(next(iter(PRIORS.values()))).base()).predictor
        found = []
        for label, prior in PRIORS.items():
            for rate in RATES:
                run = load(soft(prior, rate))
                found += rows_of(run, cell(label, rate), geometry(run, base))
        return found

    def checks(self, rows: Sequence[Row]):
        def band(label: str, rate: float, metric: str) -> Band:
            return find(rows, method=cell(label, rate), metric=metric).bands[0]

        common, (slow, *_, quick) = RECIPE.learning_rate, RATES
        return [
            *(Check(f"{label}: no more similar to a token than draws that lie as tokens do",
                    band(label, common, "cosine"), band(label, common, "shaped"), "below", f"{self.source}; the control is ours")
              for label in PRIORS if label not in OF_TOKENS),
            *(Check(f"{label}: less similar to a token in the end than at the start", band(label, common, "cosine"),
                    band(label, common, "start"), "below", f"{self.source}; that it leaves them is our reading") for label in OF_TOKENS),
            *(Check(f"{label}: a high rate drives it farther from the cloud than a low one", band(label, quick, "mahalanobis"),
                    band(label, slow, "mahalanobis"), "above", self.source) for label in ("isotropic Gaussian", "fitted Gaussian")),
            Check("sampled vocabulary: at a low rate the vectors stay more similar to a token than at a high one",
                  band("sampled vocabulary", slow, "cosine"), band("sampled vocabulary", quick, "cosine"), "above", self.source),
        ]
