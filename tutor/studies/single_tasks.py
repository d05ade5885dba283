"""A soft prompt chooses one way of telling a table that the language model knows; can it ask for two of them at once?"""

from collections.abc import Sequence

from tutor.methods import AbstractMethod, FullWT, PrefixPT
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_settled, fall_row
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, PREFIX, TABLE, WEIGHTS, replicate_spec, tuning_spec
from tutor.studies.measured_rows import Row, score_row
from tutor.studies.presets import CITED, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.training.recipe import Recipe

ONE, TWO = "one way", "two ways"
"""Whether tables are told in a single way or in one of two, drawn anew for every table: the field `ways`."""
TASKS = {ONE: TABLE.model_copy(update={"styles": (1,)}), TWO: TABLE.model_copy(update={"styles": (1, 2)})}
"""Ways that are pretrained on, two of five."""
METHODS: dict[str, tuple[AbstractMethod, Recipe, Recipe]] = {
    "prefix": (PrefixPT(length=5), PREFIX, PREFIX.model_copy(update={"steps": 1500})),
    "full": (FullWT(), WEIGHTS, WEIGHTS),
}
"""By kind: the method, how it is tuned for what is shown, and how in a replication."""
MARGIN = 0.01
"""Nats per word, a sixth of a nat per table: a quarter of what it costs not to know which of two ways is meant."""


class SingleTasks(AbstractStudy):
    name = "single-tasks"
    title = "One known task, or two at once"
    in_short = "a prefix asks a language model for one known task as well as weights do, but not for two at once"
    claim = (
        "A prefix asks a language model for one task that it knows as well as tuned weights do; of a mixture of two such tasks it falls "
        "further short of them."
    )
    source = (f"{CITED}, section 3: a prompt can lead an ideal predictor to one pretraining task and to no mixture of two; there with "
              "coins, here with words")
    metric = "loss"
    lab = "anatomy"
    plan = Plan(
        primary=f"what a prefix loses against tuned weights is at least {MARGIN} nats per word more on a mixture of two ways to tell a "
                "table than on one of them",
        scope="six language models, two of five known ways to tell a table, five rows per layer",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 25",
    )
    ledger = (Change("2026-12-01", "a study of its own; its plan was fixed before any tuning of it was trained"),)

    def specs(self, preset: Preset):
        return [self._spec(preset, kind, ways) for kind in METHODS for ways in TASKS]

    def rows(self, preset: Preset, load):
        rows = []
        for kind, (method, *_) in METHODS.items():
            for ways in TASKS:
                run = load(self._spec(preset, kind, ways))
                each = [score_row(run, metric="loss"), *([fall_row(run)] if preset.replicates else [])]
                rows += [row.labelled(f"{method.label}, {ways}", ways=ways) for row in each]
        return rows

    def checks(self, rows: Sequence[Row]):
        def loss(kind: str, ways: str) -> float:
            return find(rows, method=kind, ways=ways, metric="loss").value

        short = {ways: loss("prefix", ways) - loss("full", ways) for ways in TASKS}
        unit = "nats per word"
        return [
            Check("a prefix falls further short of tuned weights on two ways at once than on one", short[TWO] - short[ONE],
                  f"{self.source}; the margin is ours", low=MARGIN, unit=unit, role="primary"),
            Check("on one way it is as good as tuned weights", short[ONE], f"{self.source}; the margin is ours", low=-MARGIN, high=MARGIN,
                  unit=unit),
            Check("on two ways at once it is worse than tuned weights", short[TWO], f"{self.source}; the margin is ours", low=MARGIN,
                  unit=unit),
            check_settled(rows),
        ]

    def _spec(self, preset: Preset, kind: str, ways: str) -> RunSpec:
        method, shown, decides = METHODS[kind]
        return replicate_spec(tuning_spec(method, TASKS[ways], shown, repetitions=1), preset, decides)
