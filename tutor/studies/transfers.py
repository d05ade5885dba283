"""Is the posterior of one task a better start for another than a prior is?"""

from collections.abc import Mapping, Sequence

from tutor.methods import NoTuning
from tutor.runs.spec import RunSpec
from tutor.sources import TinyLanguage
from tutor.studies.checks import Check
from tutor.studies.embedding_presets import CHOSEN, CITED, PLAIN, REASONED, RECIPE, WORKED, fresh_spec, transfer_spec
from tutor.studies.language_presets import SUMMARY, TABLE, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import good_loss, score_rows, steps_until

TARGETS = {"summaries": SUMMARY, "tables": TABLE, "sums in steps": REASONED}
"""What is tuned to: the keys are values of the field `target`."""
FRESH, CHOSE = "from real words", "from chosen words"
PLACED = "from summaries, begun at chosen words"
"""A posterior of which it was chosen where it should lie, after the hypothesis of Sedov et al. 2024."""
NOTHING = "no prompt"
"""What the field `start` says of the network as it is; else it has a key of STARTS."""


def _related(first: str, on: TinyLanguage) -> dict[str, RunSpec]:
    """Starts for a task that has a relative: that, with its controls, and a distant one."""
    other = TARGETS[first]
    return {FRESH: fresh_spec(on), f"from {first}": transfer_spec(other, on)} | {
        f"from {first}, {handed}": transfer_spec(other, on, handed=handed) for handed in ("shuffled", "redrawn")
    } | {"from sums in worked steps": transfer_spec(WORKED, on)}


STARTS: Mapping[str, Mapping[str, RunSpec]] = {
    "summaries": _related("tables", SUMMARY),
    "tables": _related("summaries", TABLE),
    "sums in steps": {
        FRESH: fresh_spec(REASONED), CHOSE: fresh_spec(REASONED, CHOSEN), "from plain sums": transfer_spec(PLAIN, REASONED),
        "from summaries": transfer_spec(SUMMARY, REASONED), PLACED: transfer_spec(SUMMARY, REASONED, prior=CHOSEN),
    },
}
"""For every target, where tuning begins. Shuffled: the same vectors in another order; redrawn: others with their mean and covariance."""


def made_of(target: str) -> dict[str, str]:
    """Map every start of `target` that descends from a tuning to another task onto the first start with that same task."""
    firsts: dict[TinyLanguage, str] = {}
    return {name: firsts.setdefault(spec.method.first, name) for name, spec in STARTS[target].items() if spec.method.sources}


def untuned_spec(on: TinyLanguage) -> RunSpec:
    """Specify the language model on a task without any tuning."""
    return tuning_spec(NoTuning(), on, RECIPE.model_copy(update={"length": on.natural_length}))


def steps_before(spec: RunSpec) -> int:
    """Number of steps of a transfer that are spent on its first task; 0 for a prompt that starts from a prior."""
    return RECIPE.steps if spec.method.sources else 0


class Transfers(AbstractStudy):
    name = "posteriors-as-starting-points"
    title = "Starting from where another task ended"
    in_short = "vectors tuned for another task are a better start than real words"
    claim = (
        "Vectors that were tuned for another task are a better start than real words, or than the prior that they began from: the loss "
        "falls faster, and at least as far. It is the vectors that help, not the place where they lie."
    )
    source = f"{CITED}, abstract, as a hypothesis; Vu et al. 2022 (SPoT) for language models of hundreds of millions of parameters"
    metric = "loss"
    lab = "priors"

    def specs(self, preset: Preset):
        return [spec for target, on in TARGETS.items() for spec in (untuned_spec(on), *STARTS[target].values())]

    def rows(self, preset: Preset, load):
        found = []
        for target, on in TARGETS.items():
            runs = {name: load(spec) for name, spec in STARTS[target].items()}
            bare = load(untuned_spec(on))
            level = good_loss(bare, list(runs.values()))
            found += [score_row(bare, metric=score).labelled(f"{target}, {NOTHING}", target=target, start=NOTHING)
                      for score in ("loss", "bleu")]
            for name, run in runs.items():
                first = run.arrays["training/loss"][:, steps_before(run.spec)]
                bands = {"before": Band.over(first), "steps": steps_until(run, level, after=steps_before(run.spec))}
                found += score_rows(run, f"{target}, {name}", bands, target=target, start=name)
        return found

    def checks(self, rows: Sequence[Row]):
        def band(target: str, way: str, metric: str) -> Band:
            return find(rows, target=target, start=way, metric=metric).bands[0]

        def faster(target: str, way: str, than: str, source: str) -> Check:
            return Check(f"{target}: {way} the loss falls faster than {than}", band(target, way, "steps"), band(target, than, "steps"),
                         "below", source)

        def as_far(target: str, way: str, than: str) -> Check:
            return Check(f"{target}: {way} it falls at least as far (within 0.05 nats)", band(target, way, "loss"),
                         band(target, than, "loss").scaled(1.0, 0.05), "below", self.source)

        checks = []
        for target, other in (("summaries", "from tables"), ("tables", "from summaries")):
            checks += [
                faster(target, other, FRESH, self.source), as_far(target, other, FRESH),
                *(faster(target, other, f"{other}, {handed}", "a control") for handed in ("shuffled", "redrawn")),
                Check(f"{target}: tuned for sums before, the loss falls no faster than {FRESH} (in no fewer than four fifths of the steps)",
                      band(target, "from sums in worked steps", "steps"), band(target, FRESH, "steps").scaled(0.8), "above",
                      "a control: what comes from a distant task should not help"),
            ]
        return [*checks, faster("sums in steps", "from plain sums", FRESH, self.source),
                faster("sums in steps", PLACED, CHOSE, self.source), as_far("sums in steps", PLACED, CHOSE)]
