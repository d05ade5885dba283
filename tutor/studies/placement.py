"""Before the table, behind it, or half and half: where should the vectors stand?"""

from collections.abc import Sequence
from dataclasses import replace

from tutor.methods import PrefixPT, SoftPT
from tutor.predictors.placement import Placement
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Check, Row, find
from tutor.studies.language_presets import CITED, INPUT, TABLE, scored, tuned
from tutor.studies.presets import Preset

WHERE = {
    "prefix": Placement(),
    "infix": Placement(kind="infix", after=INPUT),
    "around": Placement(kind="around", after=INPUT),
}
"""Behind the table is the infix: a suffix of the whole sequence would be seen by its last position alone, where nothing is asked."""
WAYS = {
    f"{kind}, {name}": method
    for kind, make in (("every layer", lambda place: PrefixPT(length=6, placement=place)),
                       ("embedding", lambda place: SoftPT(length=6, init="tokens", placement=place)))
    for name, place in WHERE.items()
    for method in [make(place)]
}


class PlacementMatters(AbstractStudy):
    name = "placement"
    title = "Before, between or around"
    claim = (
        "Vectors before the table do at least as well as vectors between table and text: only those can change how the table itself is "
        "read."
    )
    source = f"{CITED}, section 7.3 and table 4 (E2E, BLEU): prefix 69.7 (70.3), infix 67.9, 67.2, 66.7 with 1, 10 and 20 vectors"
    metric = "bleu"
    lab = "anatomy"

    def specs(self, preset: Preset):
        return [tuned(method, TABLE) for method in WAYS.values()]

    def rows(self, preset: Preset, load):
        return [replace(row, method=name) for name, method in WAYS.items() for row in scored(load(tuned(method, TABLE)))]

    def checks(self, rows: Sequence[Row]):
        bleu = {name: find(rows, method=name, metric="bleu").bands[0] for name in WAYS}
        return [
            Check("a prefix does at least as well as an infix (within one BLEU)", bleu["every layer, prefix"],
                  bleu["every layer, infix"].scaled(1.0, -1.0), "above", self.source),
        ]
