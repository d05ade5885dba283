"""A prefix puts together what is there: sorting and then adding one, which the network never did at once."""

from collections.abc import Sequence
from types import MappingProxyType

from tutor.methods import PrefixPT
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.list_presets import CITED, deep, deep_task, effort, tuned
from tutor.studies.presets import Preset

TEN = PrefixPT(length=10)
"""Ten vectors per layer, as in the paper."""


class Compose(AbstractStudy):
    name = "compose"
    title = "Old skills put together, and one that is new"
    claim = (
        "Behind a longer prefix a deeper network does a task that is put together from those it knows, sorting and then adding one; "
        "it does not learn to count how often a digit occurs."
    )
    source = f"{CITED}, section 5.3, table 3; the authors' notebook: sort and add one 71.6 % after 500,000 steps, double histogram 0.6 %"
    metric = "accuracy"
    lab = "skills"
    reported = MappingProxyType({("PrefixPT", "Ascending + add 1"): 0.7159, ("PrefixPT", "Double histogram"): 0.0062})

    def specs(self, preset: Preset):
        base, recipe = deep(preset), effort(preset).long_prefix
        tasks = (deep_task(preset, task) for task in ("ascending + add 1", "double histogram"))
        return [base, *(tuned(preset, base, TEN, on, recipe) for on in tasks)]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec)) for spec in self.specs(preset)[1:]]

    def checks(self, rows: Sequence[Row]):
        composed, counted = (find(rows, method="PrefixPT", on=on).bands[0] for on in ("Ascending + add 1", "Double histogram"))
        return [
            Check("sorting and adding one comes out", composed, Band.exactly(0.5), "above", f"{self.source}; half of all is our reading"),
            Check("counting does not", counted, Band.exactly(0.2), "below", self.source),
        ]
