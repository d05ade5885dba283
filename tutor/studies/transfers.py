"""Is the posterior of one task a better start for another than a prior is?"""

from collections.abc import Mapping, Sequence

from tutor.methods import NoTuning
from tutor.runs.spec import RunSpec
from tutor.sources import TinyLanguage
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import CHOSEN, CITED, PLAIN, REASONED, RECIPE, WORKED, fresh_spec, transfer_spec
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, SUMMARY, TABLE, replicate_spec, tuning_spec
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
OF_STEPS = "of the steps"
RELATED = (("summaries", "from tables"), ("tables", "from summaries"))
"""Targets, and the start from the task that is their relative."""
REDRAWN = "redrawn"
"""The control of a replication: other vectors with the mean and covariance of those handed over, at the same place."""
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
    in_short = "vectors tuned for a related task are a better start than real words"
    claim = (
        "Vectors that were tuned for a related task are a better start than real words: the loss falls faster. Beside it stands whether it "
        "falls as far, and whether it is the vectors that help or the place where they lie."
    )
    source = f"{CITED}, abstract, as a hypothesis; Vu et al. 2022 (SPoT) for language models of hundreds of millions of parameters"
    metric = "loss"
    lab = "priors"
    plan = Plan(
        primary="from tables to summaries and from summaries to tables, the slower of both needs fewer steps than from real words; a "
                "direction needs no margin",
        scope="six language models, ten vectors, 400 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 30",
    )
    ledger = (
        Change("2026-11-26", "vectors that are shuffled, redrawn or from a distant task were added as controls, and starts at chosen "
                             "words: thirteen checks instead of six", before="inconclusive"),
        Change("2026-11-30", "one primary check instead of thirteen, without sums; six language models instead of one",
               before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [spec for bare, starts in self._specs(preset).values() for spec in (bare, *starts.values())]

    def rows(self, preset: Preset, load):
        found = []
        for target, (untuned, starts) in self._specs(preset).items():
            runs, bare = {name: load(spec) for name, spec in starts.items()}, load(untuned)
            level = good_loss(bare, list(runs.values()))
            found += [score_row(bare, metric=score).labelled(f"{target}, {NOTHING}", target=target, start=NOTHING)
                      for score in ("loss", "bleu")]
            for name, run in runs.items():
                first = run.arrays["training/loss"][:, steps_before(run.spec)]
                bands = {"before": Band.over(first), "steps": steps_until(run, level, after=steps_before(run.spec))}
                found += score_rows(run, f"{target}, {name}", bands, target=target, start=name)
        return found

    def checks(self, rows: Sequence[Row]):
        def value(target: str, way: str, metric: str) -> float:
            return find(rows, target=target, start=way, metric=metric).value

        def steps(target: str, way: str, than: str) -> float:
            return value(target, way, "steps") / value(target, than, "steps")

        def faster(target: str, way: str, than: str, source: str) -> Check:
            return Check(f"{target}: {way} the loss falls faster than {than}", steps(target, way, than), source, high=1.0, unit=OF_STEPS)

        def as_far(target: str, way: str, than: str) -> Check:
            return Check(f"{target}: {way} it falls at least as far", value(target, way, "loss") - value(target, than, "loss"),
                         f"{self.source}; 0.05 nats is our margin", high=0.05, unit="nats per token")

        checks = [Check("for the worse of tables and summaries the other one's vectors are a faster start than real words",
                        max(steps(target, other, FRESH) for target, other in RELATED), self.source, high=1.0, unit=OF_STEPS,
                        role="primary")]
        for target, other in RELATED:
            checks += [faster(target, other, FRESH, self.source), as_far(target, other, FRESH),
                       faster(target, other, f"{other}, {REDRAWN}", "a control: whether it is the vectors or the place where they lie")]
        return checks

    def _specs(self, preset: Preset) -> dict[str, tuple[RunSpec, dict[str, RunSpec]]]:
        """Specify by target the untuned model and the starts; a replication has those of RELATED that checks compare."""
        related = {target: {name: STARTS[target][name] for name in (FRESH, other, f"{other}, {REDRAWN}")} for target, other in RELATED}
        shown = STARTS if not preset.replicates else related
        return {target: (replicate_spec(untuned_spec(TARGETS[target]), preset),
                         {name: replicate_spec(spec, preset) for name, spec in starts.items()}) for target, starts in shown.items()}
