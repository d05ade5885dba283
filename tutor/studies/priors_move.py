"""Where prompt vectors start decides where they end. Does it decide how well they do?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import CITED, PRIORS, UNTUNED, deep, soft
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.presets import Preset
from tutor.studies.vectors import almost, controls, geometry, good_enough, rows_of, steps_until

NEAR, FAR = "fitted Gaussian", "far region"
REPEATED = ("chosen words",)
"""Priors that start several vectors in the same place, so that none has a start of its own."""
NOTHING, EVERY_LAYER = "no prompt", "deep"
"""What is measured without a prompt; what is added to the name of a prior where every layer has vectors of its own."""


class PriorsMove(AbstractStudy):
    name = "priors-move-positions-not-quality"
    title = "Where a prompt starts, and what comes of it"
    claim = "The prior decides where tuned vectors end, but not how good they are in the end; from far away it only takes longer."
    source = f"{CITED}, sections 4.2 to 4.4: equal validation loss from every prior (no numbers are printed), slower from distant ones"
    metric = "loss"
    lab = "priors"

    def specs(self, preset: Preset):
        return [UNTUNED, *map(soft, PRIORS.values()), *map(deep, PRIORS.values())]

    def rows(self, preset: Preset, load):
        untuned, base = load(UNTUNED), load(UNTUNED.base()).predictor
        runs = {label: load(soft(prior)) for label, prior in PRIORS.items()}
        level = good_enough(untuned, list(runs.values()))
        found = [replace(score_row(untuned, metric=score), method=NOTHING) for score in ("loss", "bleu")]
        for label, run in runs.items():
            found += rows_of(run, label, {"steps": steps_until(run, level)} | geometry(run, base) | controls(run, base))
        for label, prior in PRIORS.items():
            run = load(deep(prior))
            found += rows_of(run, f"{label}, {EVERY_LAYER}", {"steps": steps_until(run, level)} | geometry(run, base))
        return found

    def checks(self, rows: Sequence[Row]):
        def band(method: str, metric: str) -> Band:
            return find(rows, method=method, metric=metric).bands[0]

        middle = Band.exactly(sorted(band(label, "bleu").median for label in PRIORS)[len(PRIORS) // 2])          # the best would be luck
        said = f"{self.source}; two percent is the bound of Khashabi et al. 2022"
        return [
            *(Check(f"{label}: in the end as good as the middle of all priors (BLEU within 2 % of it)", band(label, "bleu"), almost(middle),
                    "above", said)
              for label in PRIORS),
            *(Check(f"{label}: most vectors end nearer to their own start than to any other", band(label, "kept"), Band.exactly(0.5),
                    "above", f"{self.source}; half is our reading") for label in PRIORS if label not in REPEATED),
            Check("from the far region it takes longer than from the fitted Gaussian", band(FAR, "steps"), band(NEAR, "steps"), "above",
                  self.source),
            Check("what starts in the far region ends farther from the words", band(FAR, "mahalanobis"), band(NEAR, "mahalanobis"), "above",
                  self.source),
        ]
