"""Where prompt vectors start decides where they end. Does it decide how well they do?"""

from collections.abc import Sequence

from tutor.studies.checks import Check
from tutor.studies.embedding_presets import CITED, PRIORS, UNTUNED, deep_spec, soft_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import control_losses, good_loss, nearly_as_good, score_rows, steps_until, vector_geometry

NEAR, FAR = "fitted", "far"
REPEATED = ("words",)
"""Kinds of priors that start several vectors in the same place, so that none has a start of its own."""


class PriorsMove(AbstractStudy):
    name = "priors-move-positions-not-quality"
    title = "Where a prompt starts, and what comes of it"
    in_short = "where prompt vectors start decides where they end, not how good they are"
    claim = "The prior decides where tuned vectors end, but not how good they are in the end; from far away it only takes longer."
    source = f"{CITED}, sections 4.2 to 4.4: equal validation loss from every prior (no numbers are printed), slower from distant ones"
    metric = "loss"
    lab = "priors"

    def specs(self, preset: Preset):
        return [UNTUNED, *map(soft_spec, PRIORS.values()), *map(deep_spec, PRIORS.values())]

    def rows(self, preset: Preset, load):
        untuned, base = load(UNTUNED), load(UNTUNED.base()).predictor
        runs = {label: load(soft_spec(prior)) for label, prior in PRIORS.items()}
        level = good_loss(untuned, list(runs.values()))
        found = [score_row(untuned, metric=score).labelled("no prompt") for score in ("loss", "bleu")]
        for label, run in runs.items():
            bands = {"steps": steps_until(run, level)} | vector_geometry(run, base) | control_losses(run, base)
            found += score_rows(run, label, bands, prior=PRIORS[label].kind)
        for label, prior in PRIORS.items():
            run = load(deep_spec(prior))
            found += score_rows(run, f"{label}, deep", {"steps": steps_until(run, level)} | vector_geometry(run, base), prior=prior.kind)
        return found

    def checks(self, rows: Sequence[Row]):
        def band(kind: str, metric: str) -> Band:
            return find(rows, method="soft", prior=kind, metric=metric).bands[0]

        labels = {prior.kind: label for label, prior in PRIORS.items()}
        middle = Band.exactly(sorted(band(kind, "bleu").median for kind in labels)[len(labels) // 2])          # the best would be luck
        said = f"{self.source}; two percent is the bound of Khashabi et al. 2022"
        return [
            *(
                Check(
                    f"{label}: in the end as good as the middle of all priors (BLEU within 2 % of it)",
                    band(kind, "bleu"),
                    nearly_as_good(middle),
                    "above",
                    said,
                )
                for kind, label in labels.items()
            ),
            *(
                Check(
                    f"{label}: most vectors end nearer to their own start than to any other",
                    band(kind, "kept"),
                    Band.exactly(0.5),
                    "above",
                    f"{self.source}; half is our reading",
                )
                for kind, label in labels.items()
                if kind not in REPEATED
            ),
            Check(
                "from the far region it takes longer than from the fitted Gaussian",
                band(FAR, "steps"),
                band(NEAR, "steps"),
                "above",
                self.source,
            ),
            Check(
                "what starts in the far region ends farther from the words",
                band(FAR, "mahalanobis"),
                band(NEAR, "mahalanobis"),
                "above",
                self.source,
            ),
        ]
