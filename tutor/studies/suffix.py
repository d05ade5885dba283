"""Vectors between the list and its answer can read the list. Can they do what vectors before it cannot?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import SoftPT
from tutor.predictors.prompt_placement import Placement
from tutor.sources.lists import NAMES, Task
from tutor.studies.checks import Check
from tutor.studies.compose import COMPOSED, COUNTED
from tutor.studies.list_presets import DESCENDING, choose_sizes, deep_spec, deep_task, one_task_spec, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
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
    in_short = "vectors behind the list can read it"
    claim = (
        "Vectors behind the list can look at it before the answer begins, so that in a network of two layers they can do what vectors "
        "before the list cannot; in one layer they cannot, because nobody reads what they have seen."
    )
    source = "a question that readers of Petrov et al. 2024 ask; the paper leaves it open"
    metric = "excess"
    lab = "skills"

    def specs(self, preset: Preset):
        return [spec for _, _, spec in self._cases(preset)]

    def rows(self, preset: Preset, load):
        return [replace(score_row(load(spec), metric=metric), body=depth).labelled(where, place=where, layers=spec.body.layers)
                for depth, where, spec in self._cases(preset) for metric in ("excess", "accuracy")]

    def checks(self, rows: Sequence[Row]):
        def excess(where: str, task: Task) -> Band:
            return find(rows, place=where, task=task, metric="excess").bands[0]

        return [
            Check(f"{NAMES[task]}, {TWO}: behind the list less than half of the excess is left", excess(BEHIND, task),
                  excess(BEFORE, task).scaled(0.5), "below", self.source)
            for task in (COMPOSED, COUNTED)
        ] + [
            Check(f"Descending, {ONE}: behind the list more than half of the excess is left", excess(BEHIND, "descending"),
                  excess(BEFORE, "descending").scaled(0.5), "above", "what a vector has read in the only layer, nobody reads again"),
        ]

    def _cases(self, preset: Preset):
        composed, counted = (deep_task(preset, task) for task in (COMPOSED, COUNTED))
        asked = ((ONE, one_task_spec(preset), DESCENDING), (TWO, deep_spec(preset), composed), (TWO, deep_spec(preset), counted))
        return [(depth, where, tuning_spec(preset, base, placed_vectors(where, on.items), on, choose_sizes(preset).long_prefix))
                for depth, base, on in asked for where in (BEFORE, BEHIND)]
