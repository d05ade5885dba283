"""A prefix cannot make a network look elsewhere: a sorter of one layer learns to sort the other way only by new weights."""

from collections.abc import Sequence

from tutor.methods import FullWT, PrefixPT
from tutor.studies.checks import Check
from tutor.studies.list_presets import ASCENDING, CITED, DESCENDING, choose_sizes, one_task_spec, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import PRETRAINED, find
from tutor.studies.study import AbstractStudy, Reported

ONE = PrefixPT(length=1)
"""One vector, as in the paper."""


class NewAttention(AbstractStudy):
    name = "new-attention"
    title = "A task that needs new attention"
    in_short = "a sorter learns to sort the other way by new weights, not by a prefix"
    claim = (
        "A network of one layer that has learned to sort upwards can be fine-tuned to sort downwards, but a prefix may not be able to "
        "teach it: in this layer it cannot change where the network looks."
    )
    source = f"{CITED}, section 5.1, table 1; the authors' notebook: 91.4 % ascending, fine-tuned 84.9 % descending, prefix 0.0 %"
    metric = "accuracy"
    lab = "skills"
    reported = (
        Reported(0.9141, {"method": PRETRAINED, "task": "ascending"}),
        Reported(0.0, {"method": "full", "task": "ascending"}),
        Reported(0.8491, {"method": "full", "task": "descending"}),
        Reported(0.0009, {"method": "prefix", "task": "ascending"}),
        Reported(0.0, {"method": "prefix", "task": "descending"}),
    )

    def specs(self, preset: Preset):
        how, base = choose_sizes(preset), one_task_spec(preset)
        return [
            base,
            tuning_spec(preset, base, FullWT(), DESCENDING, how.weights),
            tuning_spec(preset, base, ONE, DESCENDING, how.other_way),
        ]

    def rows(self, preset: Preset, load):
        base, *tunings = self.specs(preset)
        return [score_row(load(base), ASCENDING), *(score_row(load(spec), on) for spec in tunings for on in (ASCENDING, DESCENDING))]

    def checks(self, rows: Sequence[Row]):
        said = ((PRETRAINED, ASCENDING, 0.90, "above", "the network sorts upwards"),
                ("full", DESCENDING, 0.80, "above", "fine-tuned, it sorts downwards"),
                ("full", ASCENDING, 0.05, "below", "fine-tuned, it no longer sorts upwards"),
                ("prefix", DESCENDING, 0.05, "below", "behind a prefix it does not sort downwards"))
        return [Check(text, find(rows, method=method, task=on.tasks[0]).bands[0], Band.exactly(bound), side, self.source)
                for method, on, bound, side, text in said]
