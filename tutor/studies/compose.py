"""A prefix puts together what is there: sorting and then adding one, which the network never did at once."""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.list_presets import CITED, choose_sizes, deep_spec, deep_task, tuning_spec
from tutor.studies.measured_rows import Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy, Reported

TEN = PrefixPT(length=10)
"""Ten vectors per layer, as in the paper."""
COMPOSED, COUNTED = "ascending + add 1", "double histogram"
"""The task that is put together from two that the network knows, and the one that is new to it."""


class Compose(AbstractStudy):
    name = "compose"
    title = "Old skills put together, and one that is new"
    in_short = "ten vectors put two known skills together"
    claim = (
        "Behind a longer prefix a deeper network does a task that is put together from those it knows, sorting and then adding one; "
        "it does not learn to count how often a digit occurs."
    )
    source = f"{CITED}, section 5.3, table 3; the authors' notebook: sort and add one 71.6 % after 500,000 steps, double histogram 0.6 %"
    metric = "accuracy"
    paper_settings = True
    plan = Plan(
        primary="behind ten vectors the composed task is done in at least 30 % more of the lists than the new one",
        scope="lists of six digits, two layers of width 96, ten vectors per layer",
        budget="10 networks: 56 core minutes",
    )
    ledger = (Change("2026-11-30", "one network became ten; one primary check, the difference between the tasks, instead of two",
                     before="reproduced"),)
    lab = "skills"
    reported = (Reported(0.7159, {"method": "prefix", "task": COMPOSED}), Reported(0.0062, {"method": "prefix", "task": COUNTED}))

    def specs(self, preset: Preset):
        base, recipe = deep_spec(preset), choose_sizes(preset).long_prefix
        tasks = (deep_task(preset, task) for task in (COMPOSED, COUNTED))
        return [base, *(tuning_spec(preset, base, TEN, on, recipe) for on in tasks)]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec)) for spec in self.specs(preset)[1:]]

    def checks(self, rows: Sequence[Row]):
        composed, counted = (find(rows, task=task).value for task in (COMPOSED, COUNTED))
        return [
            Check("sorting and adding one comes out more often than counting", composed - counted,
                  f"{self.source}; 30 % is our reading, less than half of theirs", low=0.3, unit="of lists", role="primary",
                  reported=0.7159 - 0.0062),
            Check("sorting and adding one comes out", composed, f"{self.source}; half of all is our reading", low=0.5, unit="of lists",
                  reported=0.7159),
            Check("counting does not", counted, self.source, high=0.2, unit="of lists", reported=0.0062),
        ]
