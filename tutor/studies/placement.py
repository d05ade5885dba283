"""Before the table, behind it, or half and half: where should the vectors stand?"""

from collections.abc import Mapping, Sequence

from tutor.methods import AbstractMethod, PrefixPT, SoftPT
from tutor.predictors.prompt_placement import Placement
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_scale, check_settled
from tutor.studies.language_presets import CITED, INPUT, MODELS, MODELS_BUDGET, PREFIX, TABLE, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

WHERE = {
    "prefix": Placement(),
    "infix": Placement(kind="infix", after=INPUT),
    "around": Placement(kind="around", after=INPUT),
}
"""Behind the table is the infix: a suffix of the whole sequence would be seen by its last position alone, where nothing is asked."""
EVERY, EMBEDDING = "every layer", "embedding"
"""Where there are vectors, in every layer or before the first alone: values of the field `depth`, as the keys of WHERE are of `place`."""
WAYS = {
    (depth, name): method
    for depth, make in ((EVERY, lambda place: PrefixPT(length=6, placement=place)),
                        (EMBEDDING, lambda place: SoftPT(length=6, init="tokens", placement=place)))
    for name, place in WHERE.items()
    for method in [make(place)]
}
CHECKED = {
    (depth, name): method.model_copy(update={"length": 1}) if depth == EVERY else method
    for (depth, name), method in WAYS.items() if name in ("prefix", "infix")
}
"""Tuned by replications. In every layer one vector, which has 68 BLEU after 1,500 steps; eight have 100, the end of the scale."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})


class PlacementMatters(AbstractStudy):
    name = "placement"
    title = "Before, between or around"
    in_short = "vectors before the table do as well as behind it, or better"
    claim = (
        "Vectors before the table do at least as well as vectors between table and text: only those can change how the table itself is "
        "read."
    )
    source = f"{CITED}, section 7.3 and table 4 (E2E, BLEU): prefix 69.7 (70.3), infix 67.9, 67.2, 66.7 with 1, 10 and 20 vectors"
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary="a prefix in every layer is at most one BLEU worse than an infix",
        scope="six language models, one vector per layer, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 40",
    )
    ledger = (
        Change("2026-11-25", "vectors behind the whole sequence were taken out: they are seen by its last position alone",
               before="inconclusive"),
        Change("2026-11-30", "the vectors before the first layer alone, which were drawn, are checked too; one vector per layer instead "
                             "of six, 1,500 steps instead of 300, six language models instead of one", before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [self._spec(preset, method) for method in self._ways(preset).values()]

    def rows(self, preset: Preset, load):
        return [row.labelled(f"{depth}, {place}", depth=depth, place=place) for (depth, place), method in self._ways(preset).items()
                for row in score_rows(load(self._spec(preset, method)), preset)]

    def checks(self, rows: Sequence[Row]):
        def bleu(depth: str, place: str) -> float:
            return find(rows, depth=depth, place=place, metric="bleu").value

        def ahead(depth: str) -> float:
            return bleu(depth, "prefix") - bleu(depth, "infix")

        margin = "one BLEU is our margin for as well"
        return [
            Check("a prefix in every layer does at least as well as an infix", ahead(EVERY), f"{self.source}; {margin}", low=-1.0,
                  unit="BLEU", role="primary", reported=69.7 - 67.9),
            Check("vectors before the first layer do at least as well before the table as behind it", ahead(EMBEDDING), margin, low=-1.0,
                  unit="BLEU"),
            check_settled(rows),
            *check_scale(bleu(EVERY, "infix"), bleu(EVERY, "prefix")),
        ]

    def _ways(self, preset: Preset) -> Mapping[tuple[str, str], AbstractMethod]:
        return CHECKED if preset.replicates else WAYS

    def _spec(self, preset: Preset, method: AbstractMethod):
        return replicate_spec(tuning_spec(method, TABLE), preset, RECIPE)
