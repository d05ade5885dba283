"""A prefix brings out what is there: one vector chooses among four tasks that a network knows."""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.sources import Lists
from tutor.studies.checks import Check
from tutor.studies.list_presets import CITED, FOUR, choose_sizes, four_tasks_spec, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy, Reported

TASKS = FOUR.related()


class Elicit(AbstractStudy):
    name = "elicit"
    title = "One vector chooses the task"
    in_short = "one vector per layer chooses among four tasks that a network knows"
    claim = (
        "A network that was trained on four tasks at once, without being told which, does any one of them behind a prefix of a single "
        "vector, and none of the others."
    )
    source = f"{CITED}, section 5.2, table 2; the authors' notebook: 94, 84, 100 and 100 % with the task's prefix, 16 to 31 % without"
    metric = "accuracy"
    lab = "skills"
    reported = tuple(
        Reported(value, {"prefix_for": wanted, "task": asked})
        for wanted, values in {
            None: (0.3144, 0.1916, 0.2997, 0.1562),
            "ascending": (0.9409, 0.0, 0.0, 0.0),
            "descending": (0.0003, 0.8372, 0.0022, 0.0066),
            "add 1": (0.0, 0.0, 0.9962, 0.0),
            "add 2": (0.0, 0.0, 0.0016, 0.9978),
        }.items()
        for asked, value in zip(("ascending", "descending", "add 1", "add 2"), values, strict=True)
    )

    def specs(self, preset: Preset):
        base = four_tasks_spec(preset)
        return [base, *(tuning_spec(preset, base, PrefixPT(length=1), task, choose_sizes(preset).elicit) for task in TASKS)]

    def rows(self, preset: Preset, load):
        base, *tunings = self.specs(preset)
        return [*(score_row(load(base), task) for task in TASKS),
                *(score_row(load(spec), task).labelled(f"PrefixPT for {spec.on.label}", prefix_for=spec.on.tasks[0])
                  for spec in tunings for task in TASKS)]

    def checks(self, rows: Sequence[Row]):
        checks = []
        def asked(task: Lists, prefix_for: str | None) -> Band:
            return find(rows, prefix_for=prefix_for, task=task.tasks[0]).bands[0]

        without = [asked(task, None).median for task in TASKS]
        checks.append(Check("without a prefix it guesses the task: about one in four right over the four", Band.exactly(sum(without) / 4),
                            Band.exactly(0.35), "below", "chance is 25 %, and a little more for lists on which two tasks agree"))
        for task in TASKS:
            own = asked(task, task.tasks[0])
            others = max(asked(other, task.tasks[0]).q75 for other in TASKS if other != task)
            checks += [
                Check(f"{task.label}: its prefix brings it out", own, Band.exactly(0.80), "above", self.source),
                Check(f"{task.label}: behind its prefix no other is left", Band.exactly(others), Band.exactly(0.05), "below", self.source),
            ]
        return checks
