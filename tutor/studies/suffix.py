"""Vectors between the list and its answer can read the list. Can they do what vectors before it cannot?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import SoftPT
from tutor.predictors.prompt_placement import Placement
from tutor.sources.lists import NAMES
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.compose import COMPOSED, COUNTED
from tutor.studies.list_presets import DESCENDING, LONG, choose_sizes, deep_spec, deep_task, one_task_spec, tuning_spec
from tutor.studies.measured_rows import Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LENGTH = 5
BEFORE, BEHIND = "before the list", "behind the list"
"""Values of the field `place`."""


def placed_vectors(where: str, items: int) -> SoftPT:
    """Return a soft prompt in front of the input, or between a list of `items` digits and its answer."""
    placement = Placement() if where == BEFORE else Placement(kind="infix", after=items)
    return SoftPT(length=LENGTH, init="tokens", placement=placement)


ONE, TWO = "one layer", "several layers"


class Suffix(AbstractStudy):
    name = "suffix"
    title = "Before the list, or behind it"
    in_short = "vectors behind the list, which can read it, come nearer than vectors before it"
    claim = (
        "Vectors behind the list can look at it before the answer begins. Do they come nearer to a new task, in a network of two layers, "
        "than vectors before the list?"
    )
    source = "our own question; readers of Petrov et al. 2024 ask it, and the paper leaves it open"
    metric = "excess"
    lab = "skills"
    plan = Plan(
        primary="on the task that gains less, vectors behind the list leave fewer nats per list above the ideal predictor than before it",
        scope="lists of digits, two layers of width 96, five vectors, 10,000 steps of tuning",
        looks=(6,),
        own_question=True,
        budget="6 networks: 140 core minutes",
    )
    ledger = (Change("2026-11-30", "a threshold of our own, half of the excess, was replaced by the direction; 10,000 steps instead of "
                                   "3,000; six networks instead of one; one primary check instead of three", before="not reproduced"),)

    def specs(self, preset: Preset):
        return [spec for _, _, spec in self._cases(preset)]

    def rows(self, preset: Preset, load):
        return [replace(score_row(load(spec), metric=metric), body=depth).labelled(where, place=where, layers=spec.body.layers)
                for depth, where, spec in self._cases(preset) for metric in ("excess", "accuracy")]

    def checks(self, rows: Sequence[Row]):
        gain = {task: find(rows, place=BEFORE, task=task, metric="excess").value - find(rows, place=BEHIND, task=task,
                                                                                        metric="excess").value
                for task in (COMPOSED, COUNTED, "descending")}
        behind = max(find(rows, place=BEHIND, task=task, metric="accuracy").value for task in (COMPOSED, COUNTED))
        return [
            Check("behind the list comes nearer than before it, on the task that gains less", min(gain[COMPOSED], gain[COUNTED]),
                  "any gain counts", low=0.0, role="primary"),
            *(Check(f"{NAMES[task]}, {TWO}: behind the list comes nearer", gain[task], "any gain counts", low=0.0)
              for task in (COMPOSED, COUNTED)),
            Check(f"Descending, {ONE}: behind the list comes no nearer", gain["descending"],
                  "what a vector has read in the only layer, nobody reads again", high=1.0),
            Check("neither task is learned behind the list", behind, "as for a prefix", high=0.2, unit="of lists"),
        ]

    def _cases(self, preset: Preset):
        composed, counted = (deep_task(preset, task) for task in (COMPOSED, COUNTED))
        asked = ((ONE, one_task_spec(preset), DESCENDING), (TWO, deep_spec(preset), composed), (TWO, deep_spec(preset), counted))
        # What is shown are shorter tunings, until those that decide are there.
        recipe = LONG if preset.replicates else choose_sizes(preset).long_prefix
        return [(depth, where, tuning_spec(preset, base, placed_vectors(where, on.items), on, recipe))
                for depth, base, on in asked for where in (BEFORE, BEHIND)]
