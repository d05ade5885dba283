"""A prefix brings out what is there: one vector chooses among four tasks that a network knows."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from tutor.methods import PrefixPT
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.list_presets import CITED, FOUR, effort, four_tasks, tuned
from tutor.studies.presets import Preset

TASKS = FOUR.related()


class Elicit(AbstractStudy):
    name = "elicit"
    title = "One vector chooses the task"
    claim = (
        "A network that was trained on four tasks at once, without being told which, does any one of them behind a prefix of a single "
        "vector, and none of the others."
    )
    source = f"{CITED}, section 5.2, table 2; the authors' notebook: 94, 84, 100 and 100 % with the task's prefix, 16 to 31 % without"
    metric = "accuracy"
    lab = "skills"
    reported = MappingProxyType({
        (row, column): value
        for row, values in {
            "pretrained": (0.3144, 0.1916, 0.2997, 0.1562),
            "PrefixPT for Ascending": (0.9409, 0.0, 0.0, 0.0),
            "PrefixPT for Descending": (0.0003, 0.8372, 0.0022, 0.0066),
            "PrefixPT for Add 1": (0.0, 0.0, 0.9962, 0.0),
            "PrefixPT for Add 2": (0.0, 0.0, 0.0016, 0.9978),
        }.items()
        for column, value in zip(("Ascending", "Descending", "Add 1", "Add 2"), values, strict=True)
    })

    def specs(self, preset: Preset):
        base = four_tasks(preset)
        return [base, *(tuned(preset, base, PrefixPT(length=1), task, effort(preset).elicit) for task in TASKS)]

    def rows(self, preset: Preset, load):
        base, *tunings = self.specs(preset)
        return [*(score_row(load(base), task) for task in TASKS),
                *(replace(score_row(load(spec), task), method=prefix_for(spec.on.label)) for spec in tunings for task in TASKS)]

    def checks(self, rows: Sequence[Row]):
        checks = []
        without = [find(rows, method="pretrained", on=task.label).bands[0].median for task in TASKS]
        checks.append(Check("without a prefix it guesses the task: about one in four right over the four", Band.exactly(sum(without) / 4),
                            Band.exactly(0.35), "below", "chance is 25 %, and a little more for lists on which two tasks agree"))
        for task in TASKS:
            own = find(rows, method=prefix_for(task.label), on=task.label).bands[0]
            others = max(find(rows, method=prefix_for(task.label), on=other.label).bands[0].q75 for other in TASKS if other != task)
            checks += [
                Check(f"{task.label}: its prefix brings it out", own, Band.exactly(0.80), "above", self.source),
                Check(f"{task.label}: behind its prefix no other is left", Band.exactly(others), Band.exactly(0.05), "below", self.source),
            ]
        return checks


def prefix_for(task: str) -> str:
    """What the prefix of one task is called in the table."""
    return f"PrefixPT for {task}"
