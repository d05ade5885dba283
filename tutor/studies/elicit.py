"""A prefix brings out what is there: one vector chooses among four tasks that a network knows."""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.sources import Lists
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.list_presets import CITED, FOUR, choose_sizes, four_tasks_spec, tuning_spec
from tutor.studies.measured_rows import Row, score_row
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
    paper_settings = True
    plan = Plan(
        primary="of four tasks even the one that its prefix brings out worst is done in at least four fifths of the lists",
        scope="lists of digits, four tasks, one layer, one vector per layer",
        budget="10 networks: 77 core minutes",
    )
    ledger = (
        Change("2026-11-25", "prefixes were tuned with another recipe", before="inconclusive"),
        Change("2026-11-30", "one network became ten; one primary check, the worst of four tasks, instead of nine", before="reproduced"),
    )
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
        def share(task: Lists, prefix_for: Lists | None) -> float:
            return find(rows, prefix_for=prefix_for and prefix_for.tasks[0], task=task.tasks[0]).value

        own = {task: share(task, task) for task in TASKS}
        left = {task: max(share(other, task) for other in TASKS if other != task) for task in TASKS}
        without = sum(share(task, None) for task in TASKS) / len(TASKS)
        return [
            Check("the task that its prefix brings out worst is done in most lists", min(own.values()), self.source, low=0.8,
                  unit="of lists",
                  role="primary", reported=0.8372),
            Check("without a prefix it guesses the task", without, "chance is 25 %, and a little more for lists on which two tasks agree",
                  high=0.35, unit="of lists"),
            *(Check(f"{task.label}: its prefix brings it out", value, self.source, low=0.8, unit="of lists",
                    reported=self._printed(task)) for task, value in own.items()),
            *(Check(f"{task.label}: behind its prefix no other task is left", value, self.source, high=0.05, unit="of lists")
              for task, value in left.items()),
        ]

    def _printed(self, task: Lists) -> float:
        name = task.tasks[0]
        return next(one.value for one in self.reported if one.fields == {"prefix_for": name, "task": name})
