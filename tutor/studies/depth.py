"""How many layers of prefix does it take: all, the last ones, or only vectors before the first layer?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT, SoftPT
from tutor.sources import TinyLanguage
from tutor.studies.checks import Check
from tutor.studies.language_presets import CITED, MODEL, SUMMARY, TABLE, score_rows, tuning_spec
from tutor.studies.measured_rows import Band, Row
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
CALLED = {0: "embedding only", 1: "last layer", 2: "last two layers", EVERY: "every layer"}


class Depth(AbstractStudy):
    name = "depth"
    title = "A prefix in every layer"
    in_short = "a prefix in every layer tells tables better than one in the last layers"
    claim = (
        "A prefix of keys and values in every layer tells a table better than one in the last layers, or than vectors before the first "
        "layer alone."
    )
    source = (
        f"{CITED}, section 7.2 and table 4 (E2E, BLEU): prefix 69.7 (70.3 in the ACL version), embedding only 48.1, 62.2 and 61.9 with "
        "1, 10 and 20 vectors"
    )
    metric = "bleu"
    lab = "anatomy"

    def specs(self, preset: Preset):
        return [tuning_spec(method, on) for on in (TABLE, SUMMARY) for method in WAYS.values()]

    def rows(self, preset: Preset, load):
        runs = [(layers, load(tuning_spec(method, on))) for on in (TABLE, SUMMARY) for layers, method in WAYS.items()]
        return [row.labelled(CALLED[layers], layers=layers) for layers, run in runs for row in score_rows(run)]

    def checks(self, rows: Sequence[Row]):
        def bleu(layers: int, on: TinyLanguage) -> Band:
            return find(rows, layers=layers, task=on.tasks[0], metric="bleu").bands[0]

        return [
            Check(f"{on.label}: every layer tells better than {CALLED[less]}", bleu(EVERY, on), bleu(less, on), "above", self.source)
            for on in (TABLE, SUMMARY)
            for less in (2, 1, 0)
        ]
