"""A prefix cannot make a network look elsewhere: a sorter of one layer learns to sort the other way only by new weights."""

from collections.abc import Sequence

from tutor.methods import FullWT, PrefixPT
from tutor.sources import Lists
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.list_presets import ASCENDING, CITED, DESCENDING, choose_sizes, one_task_spec, tuning_spec
from tutor.studies.measured_rows import Row, score_row
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
    paper_settings = True
    plan = Plan(
        primary="fine-tuned weights sort at least half of the lists downwards that a prefix of one vector does not",
        scope="lists of digits, one layer and one head, one vector",
        budget="10 networks: 34 core minutes",
    )
    ledger = (Change("2026-11-30", "one network became ten; one primary check, the difference between weights and prefix, instead of four",
                     before="reproduced"),)
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
        def share(method: str, on: Lists) -> float:
            return find(rows, method=method, task=on.tasks[0]).value

        return [
            Check("weights sort more lists downwards than a prefix does", share("full", DESCENDING) - share("prefix", DESCENDING),
                  f"{self.source}; half of all lists is our reading", low=0.5, unit="of lists", role="primary", reported=0.8491),
            Check("the network sorts upwards", share(PRETRAINED, ASCENDING), "without that there is nothing to change", low=0.9,
                  unit="of lists", role="gate"),
            Check("fine-tuned, it sorts downwards", share("full", DESCENDING), self.source, low=0.8, unit="of lists", reported=0.8491),
            Check("fine-tuned, it no longer sorts upwards", share("full", ASCENDING), self.source, high=0.05, unit="of lists",
                  reported=0.0),
            Check("behind a prefix it does not sort downwards", share("prefix", DESCENDING), self.source, high=0.05, unit="of lists",
                  reported=0.0),
        ]
