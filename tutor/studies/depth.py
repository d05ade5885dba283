"""How many layers of prefix does it take: all, the last ones, or only vectors before the first layer?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT, SoftPT
from tutor.sources import TinyLanguage
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import CITED, MODEL, SUMMARY, TABLE, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

EVERY = MODEL.body.layers
WAYS = {
    0: SoftPT(length=5, init="tokens"),
    1: PrefixPT(length=5, layers=1),
    2: PrefixPT(length=5, layers=2),
    EVERY: PrefixPT(length=5),
}
"""By the number of last layers that have vectors: the field `layers`."""
MARGIN = 1.0
"""BLEU that count as a difference: a seventh of what the paper's prefix is ahead."""
CALLED = {0: "embedding only", 1: "last layer", 2: "last two layers", EVERY: "every layer"}


class Depth(AbstractStudy):
    name = "depth"
    title = "A prefix in every layer"
    in_short = "a prefix in every layer tells tables better than vectors before the first layer"
    claim = (
        "A prefix of keys and values in every layer tells a table better than vectors before the first layer alone. Beside it stands what "
        "a prefix in the last layers does."
    )
    source = (
        f"{CITED}, section 7.2 and table 4 (E2E, BLEU): prefix 69.7 (70.3 in the ACL version), embedding only 48.1, 62.2 and 61.9 with "
        "1, 10 and 20 vectors"
    )
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary=f"on tables and on summaries a prefix in every layer is at least {MARGIN:g} BLEU better than vectors before the first "
                "alone, which is what the paper compares",
        scope="one language model, five vectors, 300 steps",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-26", "the last two layers, which were drawn, are held against the claim too: six checks instead of four",
               before="reproduced"),
        Change("2026-11-30", "one primary check instead of six; networks instead of repetitions are counted", before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [tuning_spec(method, on) for on in (TABLE, SUMMARY) for method in WAYS.values()]

    def rows(self, preset: Preset, load):
        runs = [(layers, load(tuning_spec(method, on))) for on in (TABLE, SUMMARY) for layers, method in WAYS.items()]
        return [row.labelled(CALLED[layers], layers=layers) for layers, run in runs for row in score_rows(run)]

    def checks(self, rows: Sequence[Row]):
        def bleu(layers: int, on: TinyLanguage) -> float:
            return find(rows, layers=layers, task=on.tasks[0], metric="bleu").value

        ahead = {(on, less): bleu(EVERY, on) - bleu(less, on) for on in (TABLE, SUMMARY) for less in (2, 1, 0)}
        return [
            Check("on the worse of two tasks a prefix in every layer tells better than vectors before the first alone",
                  min(ahead[on, 0] for on in (TABLE, SUMMARY)), self.source, low=MARGIN, unit="BLEU", role="primary", reported=69.7 - 62.2),
            *(Check(f"{on.label}: every layer tells better than {CALLED[less]}", value, self.source, low=MARGIN, unit="BLEU")
              for (on, less), value in ahead.items()),
        ]
