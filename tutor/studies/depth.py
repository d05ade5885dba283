"""How many layers of prefix does it take: all, the last ones, or only vectors before the first layer?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import PrefixPT, SoftPT
from tutor.sources import TinyLanguage
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.language_presets import CITED, SUMMARY, TABLE, scored, tuned
from tutor.studies.presets import Preset

WAYS = {
    "embedding only": SoftPT(length=5, init="tokens"),
    "last layer": PrefixPT(length=5, layers=1),
    "last two layers": PrefixPT(length=5, layers=2),
    "every layer": PrefixPT(length=5),
}


class Depth(AbstractStudy):
    name = "depth"
    title = "A prefix in every layer"
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
        return [tuned(method, on) for on in (TABLE, SUMMARY) for method in WAYS.values()]

    def rows(self, preset: Preset, load):
        runs = [(name, load(tuned(method, on))) for on in (TABLE, SUMMARY) for name, method in WAYS.items()]
        return [replace(row, method=name) for name, run in runs for row in scored(run)]

    def checks(self, rows: Sequence[Row]):
        def bleu(method: str, on: TinyLanguage) -> Band:
            return find(rows, method=method, on=on.label, metric="bleu").bands[0]

        return [
            Check(f"{on.label}: every layer tells better than {less}", bleu("every layer", on), bleu(less, on), "above", self.source)
            for on in (TABLE, SUMMARY)
            for less in ("last two layers", "last layer", "embedding only")
        ]
