"""How long should a prefix be?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT
from tutor.studies.checks import Check
from tutor.studies.language_presets import CITED, TABLE, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LENGTHS = (1, 2, 4, 8, 16, 32, 64)


class Length(AbstractStudy):
    name = "length"
    title = "How long a prefix"
    in_short = "a longer prefix tells tables better, up to a point"
    claim = "A longer prefix tells a table better, up to a point; beyond it there is nothing to gain."
    source = f"{CITED}, section 7.1 and figure 4: best at 10 vectors for tables (DART) and 200 for summaries (XSUM), then a slight drop"
    metric = "bleu"
    lab = "anatomy"

    def specs(self, preset: Preset):
        return [tuning_spec(PrefixPT(length=k), TABLE) for k in LENGTHS]

    def rows(self, preset: Preset, load):
        return [row.labelled(length_name(k)) for k in LENGTHS for row in score_rows(load(tuning_spec(PrefixPT(length=k), TABLE)))]

    def checks(self, rows: Sequence[Row]):
        bleu = {k: find(rows, length=k, metric="bleu").bands[0] for k in LENGTHS}
        return [Check("eight vectors tell better than one", bleu[8], bleu[1], "above", self.source),
                Check("sixty-four tell hardly better than eight (within two BLEU)", bleu[64], bleu[8].scaled(1.0, 2.0), "below",
                      self.source)]


def length_name(k: int) -> str:
    """Label of a prefix of k vectors."""
    return f"{k} vector{'s' if k > 1 else ''}"
