"""The same number of trained numbers, spent on a prefix or on a low-rank update of the MLP: who learns to count?"""

from collections.abc import Sequence

from tutor.methods import LoRAWT, PrefixPT
from tutor.studies.checks import Check
from tutor.studies.list_presets import CITED, choose_sizes, deep_spec, deep_task, tuning_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find, select
from tutor.studies.study import AbstractStudy, Reported

VECTORS_PER_RANK = 5
"""A rank of both maps of an MLP of four times the width costs 10 D numbers, a vector of keys and values 2 D."""


def label(method: str, rank: int) -> str:
    """Label of a low-rank update, or of the prefix with the same number of trained parameters."""
    return f"LoRAWT on the MLP, rank {rank}" if method == "lora" else f"PrefixPT, {VECTORS_PER_RANK * rank} vectors"


class EqualParameters(AbstractStudy):
    name = "equal-parameters"
    title = "The same number of parameters, elsewhere"
    in_short = ("to count, a low-rank update needs no more parameters than a prefix that fails: four ranks in two layers; one, "
                "in four, gets far")
    claim = (
        "Counting how often a digit occurs is new to the network. A low-rank update of its MLPs learns it, in two layers with a few ranks; "
        "in four, with one, it comes far beyond a prefix. A prefix with the same number of parameters learns it in neither."
    )
    source = (
        f"{CITED}, section 5.3; the authors' notebook, 12,288 parameters each: prefix 0.3 %, LoRA of rank 1 on the MLP 92.4 %, with four "
        "layers of width 256"
    )
    metric = "accuracy"
    lab = "skills"
    reported = (Reported(0.0031, {"method": "prefix", "rank": 1}), Reported(0.9238, {"method": "lora", "rank": 1}))

    def specs(self, preset: Preset):
        bases = [deep_spec(preset, body=contest.body) for contest in choose_sizes(preset).contests]
        return [*bases, *self._tunings(preset).values()]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec)).labelled(label(method, rank), rank=rank) for (method, rank), spec in self._tunings(preset).items()]

    def checks(self, rows: Sequence[Row]):
        ranks = sorted(row.fields["rank"] for row in select(rows, method="lora"))
        pairs = [tuple(find(rows, method=method, rank=rank) for method in ("prefix", "lora")) for rank in ranks]
        lowest, highest = pairs[0], pairs[-1]
        return [
            Check(f"{highest[1].method} learns to count", highest[1].bands[0], Band.exactly(0.8), "above", self.source),
            Check(f"{lowest[1].method} answers more than {lowest[0].method}", lowest[1].bands[0], lowest[0].bands[0], "above", self.source),
            *(Check(f"{vectors.method} do not", vectors.bands[0], Band.exactly(0.2), "below", self.source) for vectors, _ in pairs),
            *(Check(f"{vectors.method}, and {low_rank.method}: the same number of parameters",
                    Band.exactly(float(abs(low_rank.trainable - vectors.trainable))), Band.exactly(0.0), "below",
                    "the condition of the comparison") for vectors, low_rank in pairs),
        ]

    def _tunings(self, preset: Preset):
        on, found = deep_task(preset, "double histogram"), {}
        for contest in choose_sizes(preset).contests:
            base, rank = deep_spec(preset, body=contest.body), contest.rank
            found["prefix", rank] = tuning_spec(preset, base, PrefixPT(length=VECTORS_PER_RANK * rank), on, contest.prefix)
            found["lora", rank] = tuning_spec(preset, base, LoRAWT(rank=rank, on="mlp"), on, contest.low_rank)
        return found
