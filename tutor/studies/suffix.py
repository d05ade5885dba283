"""Vectors between the list and its answer can read the list. Can they do what vectors before it cannot?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import SoftPT
from tutor.predictors.placement import Placement
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.list_presets import DESCENDING, deep, deep_task, effort, one_task, tuned
from tutor.studies.presets import Preset

LENGTH = 5
BEFORE, BEHIND = "before the list", "behind the list"


def vectors(where: str, items: int) -> SoftPT:
    """Vectors in front of everything, or between a list of so many digits and its answer."""
    placement = Placement() if where == BEFORE else Placement(kind="infix", after=items)
    return SoftPT(length=LENGTH, init="tokens", placement=placement)


ONE, TWO = "one layer", "several layers"


class Suffix(AbstractStudy):
    name = "suffix"
    title = "Before the list, or behind it"
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
        return [replace(score_row(load(spec), metric=metric), method=where, body=depth)
                for depth, where, spec in self._cases(preset) for metric in ("excess", "accuracy")]

    def checks(self, rows: Sequence[Row]):
        def excess(where: str, depth: str, on: str) -> Band:
            return find(rows, method=where, body=depth, on=on, metric="excess").bands[0]

        return [
            Check(f"{on}, {TWO}: behind the list less than half of the excess is left", excess(BEHIND, TWO, on),
                  excess(BEFORE, TWO, on).scaled(0.5), "below", self.source)
            for on in ("Ascending + add 1", "Double histogram")
        ] + [
            Check(f"Descending, {ONE}: behind the list more than half of the excess is left", excess(BEHIND, ONE, "Descending"),
                  excess(BEFORE, ONE, "Descending").scaled(0.5), "above", "what a vector has read in the only layer, nobody reads again"),
        ]

    def _cases(self, preset: Preset):
        composed, counted = (deep_task(preset, task) for task in ("ascending + add 1", "double histogram"))
        asked = ((ONE, one_task(preset), DESCENDING), (TWO, deep(preset), composed), (TWO, deep(preset), counted))
        return [(depth, where, tuned(preset, base, vectors(where, on.items), on, effort(preset).long_prefix))
                for depth, base, on in asked for where in (BEFORE, BEHIND)]
