"""A prefix cannot make a network look elsewhere: a sorter of one layer learns to sort the other way only by new weights."""

from collections.abc import Sequence
from types import MappingProxyType

from tutor.methods import FullWT, PrefixPT
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.list_presets import ASCENDING, CITED, DESCENDING, effort, one_task, tuned
from tutor.studies.presets import Preset

ONE = PrefixPT(length=1)
"""One vector, as in the paper."""


class NewAttention(AbstractStudy):
    name = "new-attention"
    title = "A task that needs new attention"
    claim = (
        "A network of one layer that has learned to sort upwards can be fine-tuned to sort downwards, but a prefix may not be able to "
        "teach it: in this layer it cannot change where the network looks."
    )
    source = f"{CITED}, section 5.1, table 1; the authors' notebook: 91.4 % ascending, fine-tuned 84.9 % descending, prefix 0.0 %"
    metric = "accuracy"
    lab = "skills"
    reported = MappingProxyType({
        ("pretrained", "Ascending"): 0.9141,
        ("FullWT", "Ascending"): 0.0,
        ("FullWT", "Descending"): 0.8491,
        ("PrefixPT", "Ascending"): 0.0009,
        ("PrefixPT", "Descending"): 0.0,
    })

    def specs(self, preset: Preset):
        how, base = effort(preset), one_task(preset)
        return [base, tuned(preset, base, FullWT(), DESCENDING, how.weights), tuned(preset, base, ONE, DESCENDING, how.other_way)]

    def rows(self, preset: Preset, load):
        base, *tunings = self.specs(preset)
        return [score_row(load(base), ASCENDING), *(score_row(load(spec), on) for spec in tunings for on in (ASCENDING, DESCENDING))]

    def checks(self, rows: Sequence[Row]):
        said = (("pretrained", ASCENDING, 0.90, "above", "the network sorts upwards"),
                ("FullWT", DESCENDING, 0.80, "above", "fine-tuned, it sorts downwards"),
                ("FullWT", ASCENDING, 0.05, "below", "fine-tuned, it no longer sorts upwards"),
                ("PrefixPT", DESCENDING, 0.05, "below", "behind a prefix it does not sort downwards"))
        return [Check(text, find(rows, method=method, on=on.label).bands[0], Band.exactly(bound), side, self.source)
                for method, on, bound, side, text in said]
