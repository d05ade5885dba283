"""How many layers of prefix does it take: all, the last ones, or only vectors before the first layer?"""

from collections.abc import Sequence

from tutor.methods import PrefixPT, SoftPT
from tutor.runs.spec import RunSpec
from tutor.sources import TinyLanguage
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_scale, check_settled
from tutor.studies.language_presets import (
    CITED,
    MODEL,
    MODELS,
    MODELS_BUDGET,
    PREFIX,
    SUMMARY,
    TABLE,
    replicate_spec,
    score_rows,
    tuning_spec,
)
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
CHECKED = (0, 2, EVERY)
"""What replications tune, of WAYS: what the paper compares, and the last layers, of which two do better than one."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})
"""After the 300 steps of what is shown a prefix in the last two layers has 55 BLEU on tables, after 1,500 it has 100."""
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
        primary=f"on tables a prefix in every layer is at least {MARGIN:g} BLEU better than vectors before the first alone, which is what "
                "the paper compares",
        scope="six language models, tables, five vectors, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 30",
    )
    ledger = (
        Change("2026-11-26", "the last two layers, which were drawn, are held against the claim too: six checks instead of four",
               before="reproduced"),
        Change("2026-11-30", "one primary check instead of six, on tables and without the last layer alone; 1,500 steps "
                             "instead of 300; six language models instead of one", before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return list(self._specs(preset).values())

    def rows(self, preset: Preset, load):
        return [row.labelled(CALLED[layers], layers=layers) for (_, layers), spec in self._specs(preset).items()
                for row in score_rows(load(spec), preset)]

    def checks(self, rows: Sequence[Row]):
        bleu = {layers: find(rows, layers=layers, task=TABLE.tasks[0], metric="bleu").value for layers in CHECKED}
        return [
            Check("a prefix in every layer tells tables better than vectors before the first alone", bleu[EVERY] - bleu[0], self.source,
                  low=MARGIN, unit="BLEU", role="primary", reported=69.7 - 62.2),
            Check(f"a prefix in every layer tells tables better than one in the {CALLED[2]}", bleu[EVERY] - bleu[2],
                  "our own question beside it", low=MARGIN, unit="BLEU"),
            check_settled(rows),
            *check_scale(bleu[0], bleu[EVERY]),
        ]

    def _specs(self, preset: Preset) -> dict[tuple[TinyLanguage, int], RunSpec]:
        """Specify the tunings by task and number of last layers; those of a replication are to tables alone."""
        return {(on, layers): replicate_spec(tuning_spec(WAYS[layers], on), preset, RECIPE)
                for on in preset.choose((TABLE, SUMMARY), (TABLE,)) for layers in preset.choose(tuple(WAYS), CHECKED)}
