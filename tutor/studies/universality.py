"""With enough vectors a prefix can approximate anything, it is proved. How far do many vectors get on a task that few cannot do?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Check
from tutor.studies.length import length_name
from tutor.studies.list_presets import choose_sizes, deep_spec, deep_task, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LENGTHS = (1, 5, 20, 60)


class Universality(AbstractStudy):
    name = "universality"
    title = "How far many vectors get"
    in_short = "the longer a prefix, the nearer it comes to a new task; sixty vectors do not learn it"
    claim = "The longer the prefix, the nearer it comes to a task that is new to the network; but even sixty vectors do not learn it."
    source = "Petrov et al. 2024b, Prompting a pretrained Transformer can be a universal approximator: possible, with very many vectors"
    metric = "excess"
    lab = "skills"

    def specs(self, preset: Preset):
        return [deep_spec(preset), *self._tunings(preset).values()]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec), metric=metric).labelled(length_name(k))
                for k, spec in self._tunings(preset).items() for metric in ("excess", "accuracy")]

    def checks(self, rows: Sequence[Row]):
        few, more, many = (find(rows, length=k, metric="excess").bands[0] for k in (1, 20, 60))
        exact = find(rows, length=60, metric="accuracy").bands[0]
        return [
            Check("twenty vectors come nearer than one", more, few, "below", self.source),
            Check("sixty come nearer than twenty", many, more, "below", self.source),
            Check("even sixty do not learn to count", exact, Band.exactly(0.2), "below", "as for a short prefix"),
        ]

    def _tunings(self, preset: Preset):
        base, on, recipe = deep_spec(preset), deep_task(preset, "double histogram"), choose_sizes(preset).long_prefix
        return {k: tuning_spec(preset, base, PrefixPT(length=k), on, recipe) for k in LENGTHS}
