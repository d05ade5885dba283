"""With enough vectors a prefix can approximate anything, it is proved. How far do many vectors get on a task that few cannot do?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.length import length_name
from tutor.studies.list_presets import LONG, choose_sizes, deep_spec, deep_task, tuning_spec
from tutor.studies.measured_rows import Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LENGTHS = (1, 5, 20, 60)


class Universality(AbstractStudy):
    name = "universality"
    title = "How far many vectors get"
    in_short = "a longer prefix comes nearer to a new task; sixty vectors do not learn it"
    claim = (
        "With very many vectors a prefix can approximate anything, it is proved. Does a longer prefix that is tuned come nearer to a task "
        "that is new to the network?"
    )
    source = ("our own question; Petrov et al. 2024b, Prompting a pretrained Transformer can be a universal approximator, prove that it is "
              "possible, and say nothing of tuning")
    metric = "excess"
    lab = "skills"
    plan = Plan(
        primary="sixty vectors leave at least half a nat less than one, of the nats per list above the ideal predictor",
        scope="counting in lists of six digits, two layers of width 96, 10,000 steps of tuning",
        looks=(6,),
        own_question=True,
        budget="6 networks: 85 core minutes",
    )
    ledger = (Change("2026-11-30", "an existence theorem cannot be contradicted by a tuning that ends early: it became a question of our "
                                   "own, with 10,000 steps instead of 3,000; six networks instead of one; one primary check",
                     before="inconclusive"),)

    def specs(self, preset: Preset):
        return [deep_spec(preset), *self._tunings(preset).values()]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec), metric=metric).labelled(length_name(k))
                for k, spec in self._tunings(preset).items() for metric in ("excess", "accuracy")]

    def checks(self, rows: Sequence[Row]):
        one, twenty, sixty = (find(rows, length=k, metric="excess").value for k in (1, 20, 60))
        return [
            Check("sixty vectors come nearer to counting than one", one - sixty, "half a nat of seven is our reading of nearer", low=0.5,
                  role="primary"),
            Check("twenty vectors come nearer than one", one - twenty, "as above", low=0.5),
            Check("sixty come nearer than twenty", twenty - sixty, "any gain counts", low=0.0),
            Check("even sixty do not learn to count", find(rows, length=60, metric="accuracy").value, "as for a short prefix", high=0.2,
                  unit="of lists"),
        ]

    def _tunings(self, preset: Preset):
        base, on = deep_spec(preset), deep_task(preset, "double histogram")
        lengths = preset.choose(LENGTHS, (1, 20, 60))
        # What is shown are shorter tunings, until those that decide are there.
        recipe = LONG if preset.replicates else choose_sizes(preset).long_prefix
        return {k: tuning_spec(preset, base, PrefixPT(length=k), on, recipe) for k in lengths}
