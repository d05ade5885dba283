"""How long should a prefix be?"""

from collections.abc import Sequence
from math import nan

from tutor.methods import PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_settled
from tutor.studies.language_presets import CITED, MODELS, MODELS_BUDGET, PREFIX, TABLE, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LENGTHS = (1, 2, 4, 8, 16, 32, 64)
ENOUGH = 8
"""Vectors that should do: the paper's best number for tables is ten."""
CHECKED = (1, ENOUGH, LENGTHS[-1])
"""What replications tune, of LENGTHS."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})
MOST = 0.9
"""Of what length gains, that they should have."""


class Length(AbstractStudy):
    name = "length"
    title = "How long a prefix"
    in_short = "a longer prefix tells tables better, up to a point"
    claim = "A longer prefix tells a table better, up to a point; beyond it there is nothing to gain."
    source = f"{CITED}, section 7.1 and figure 4: best at 10 vectors for tables (DART) and 200 for summaries (XSUM), then a slight drop"
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary=f"eight vectors have at least {MOST:g} of what the best length gains over one vector",
        scope="six language models, tables in one style, whose score ends at 100, 1, 8 and 64 vectors, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 30",
    )
    ledger = (
        Change("2026-11-30", "one primary check, the share of the gain, instead of two; 1,500 steps instead of 300; six language models "
                             "instead of one",
               before="not reproduced"),
    )

    def specs(self, preset: Preset):
        return [self._spec(preset, k) for k in preset.choose(LENGTHS, CHECKED)]

    def rows(self, preset: Preset, load):
        return [row.labelled(length_name(k)) for k in preset.choose(LENGTHS, CHECKED)
                for row in score_rows(load(self._spec(preset, k)), preset)]

    def checks(self, rows: Sequence[Row]):
        bleu, loss = ({k: find(rows, length=k, metric=metric).value for k in CHECKED} for metric in ("bleu", "loss"))
        gain = max(bleu.values()) - bleu[1]
        return [
            Check("eight vectors have most of what a longer prefix gains over one vector", (bleu[ENOUGH] - bleu[1]) / gain if gain else nan,
                  f"{self.source}; nine tenths is our reading", low=MOST, unit="of the gain", role="primary"),
            Check("eight vectors tell better than one", bleu[ENOUGH] - bleu[1], f"{self.source}; one BLEU is our margin", low=1.0,
                  unit="BLEU"),
            Check("sixty-four tell hardly better than eight", bleu[LENGTHS[-1]] - bleu[ENOUGH], f"{self.source}; two BLEU is our margin",
                  high=2.0, unit="BLEU"),
            Check("nor do they lower the held-out loss, which has no end at 100", loss[ENOUGH] - loss[LENGTHS[-1]],
                  f"{self.source}; 0.05 nats is our margin", high=0.05, unit="nats per token"),
            check_settled(rows),
        ]

    def _spec(self, preset: Preset, k: int):
        return replicate_spec(tuning_spec(PrefixPT(length=k), TABLE), preset, RECIPE)


def length_name(k: int) -> str:
    """Label of a prefix of k vectors."""
    return f"{k} vector{'s' if k > 1 else ''}"
