"""Is the posterior of one task a better start for another than a prior is?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import NoTuning
from tutor.sources import TinyLanguage
from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import CITED, RECIPE, WORKED, fresh, moved
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.language_presets import SUMMARY, TABLE, tuned
from tutor.studies.presets import Preset
from tutor.studies.vectors import good_enough, rows_of, steps_until

TARGETS = {"summaries": SUMMARY, "tables": TABLE}
FIRST = {"summaries": {"tables": TABLE, "sums in worked steps": WORKED}, "tables": {"summaries": SUMMARY, "sums in worked steps": WORKED}}
FRESH = "from real words"


def untuned(on: TinyLanguage):
    """The language model as it is, on this task."""
    return tuned(NoTuning(), on, RECIPE.model_copy(update={"length": on.natural_length}))


class Transfers(AbstractStudy):
    name = "posteriors-as-starting-points"
    title = "Starting from where another task ended"
    claim = "Vectors that were tuned for a related task are a better start than real words: the loss falls faster, and at least as far."
    source = f"{CITED}, abstract, as a hypothesis; Vu et al. 2022 (SPoT) for language models of hundreds of millions of parameters"
    metric = "loss"
    lab = "priors"

    def specs(self, preset: Preset):
        return [spec for target, on in TARGETS.items()
                for spec in (untuned(on), fresh(on), *(moved(first, on) for first in FIRST[target].values()))]

    def rows(self, preset: Preset, load):
        found = []
        for target, on in TARGETS.items():
            runs = {FRESH: load(fresh(on))} | {f"from {name}": load(moved(first, on)) for name, first in FIRST[target].items()}
            before = {FRESH: 0} | dict.fromkeys(list(runs)[1:], RECIPE.steps)
            bare = load(untuned(on))
            level = good_enough(bare, list(runs.values()))
            found += [replace(score_row(bare, metric=score), method=f"{target}, no prompt") for score in ("loss", "bleu")]
            for name, run in runs.items():
                found += rows_of(run, f"{target}, {name}", {"steps": steps_until(run, level, after=before[name])})
        return found

    def checks(self, rows: Sequence[Row]):
        def band(target: str, way: str, metric: str) -> Band:
            return find(rows, method=f"{target}, {way}", metric=metric).bands[0]

        checks = []
        for target, other in (("summaries", "from tables"), ("tables", "from summaries")):
            steps, loss = band(target, FRESH, "steps"), band(target, FRESH, "loss")
            checks += [
                Check(f"{target}: {other} the loss falls faster than {FRESH}", band(target, other, "steps"), steps, "below", self.source),
                Check(f"{target}: {other} it falls at least as far (within 0.05 nats)", band(target, other, "loss"),
                      loss.scaled(1.0, 0.05), "below", self.source),
                Check(f"{target}: tuned for sums before, the loss falls no faster than {FRESH} (in no fewer than four fifths of the steps)",
                      band(target, "from sums in worked steps", "steps"), steps.scaled(0.8), "above",
                      "a control: what comes from a distant task should not help"),
            ]
        return checks
