"""Vectors between the list and its answer can read the list. Can they do what vectors before it cannot?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import SoftPT
from tutor.predictors.seams import Placement
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Check, Row, find, score_row
from tutor.studies.list_presets import COMPOSED, DESCENDING, FOUR, HISTOGRAM, effort, four_tasks, one_task, tuned
from tutor.studies.presets import Preset

LENGTH = 5
WHERE = {
    "before the list": SoftPT(length=LENGTH, init="tokens"),
    "behind the list": SoftPT(length=LENGTH, init="tokens", placement=Placement(kind="infix", after=FOUR.items)),
}
ONE, TWO = "one layer", "two layers"


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
        def excess(where: str, depth: str, on) -> Row:
            return find(rows, method=where, body=depth, on=on.label, metric="excess").bands[0]

        before, behind = WHERE
        return [
            Check(f"{on.label}, {TWO}: behind the list less than half of the excess is left", excess(behind, TWO, on),
                  excess(before, TWO, on).scaled(0.5), "below", self.source)
            for on in (COMPOSED, HISTOGRAM)
        ] + [
            Check(f"{DESCENDING.label}, {ONE}: behind the list more than half of the excess is left", excess(behind, ONE, DESCENDING),
                  excess(before, ONE, DESCENDING).scaled(0.5), "above", "what a vector has read in the only layer, nobody reads again"),
        ]

    def _cases(self, preset: Preset):
        bases = {ONE: one_task(preset), TWO: four_tasks(preset, layers=2)}
        asked = ((ONE, DESCENDING), (TWO, COMPOSED), (TWO, HISTOGRAM))
        recipe = effort(preset).prefix
        return [(depth, where, tuned(preset, bases[depth], method, on, recipe)) for depth, on in asked for where, method in WHERE.items()]
