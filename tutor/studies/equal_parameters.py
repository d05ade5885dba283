"""The same number of trained numbers, spent on a prefix or on a low-rank update of the MLP: who learns to count?"""

from collections.abc import Sequence

from tutor.methods import LoRAWT, PrefixPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.list_presets import CITED, LowRankContest, choose_sizes, deep_spec, deep_task, tuning_spec
from tutor.studies.measured_rows import Row, score_row
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
    paper_settings = True
    plan = Plan(
        primary="in two layers a low-rank update of rank 4 counts in half of the lists or more where a prefix of as many parameters fails",
        scope="lists of six digits, two layers of width 96, rank 4 against twenty vectors; four layers are shown for one network",
        budget="10 networks: 57 core minutes, most of them shared with compose",
    )
    ledger = (
        Change("2026-11-26", "checks for the same number of parameters were added", before="reproduced"),
        Change("2026-11-26", "a network of four layers with rank 1 was added", before="reproduced"),
        Change("2026-11-30", "one network of two layers became ten; one primary check, the difference between both ways, instead of six",
               before="reproduced"),
    )
    lab = "skills"
    reported = (Reported(0.0031, {"method": "prefix", "rank": 1}), Reported(0.9238, {"method": "lora", "rank": 1}))

    def specs(self, preset: Preset):
        bases = [deep_spec(preset, body=contest.body) for contest in self._contests(preset)]
        return [*bases, *self._tunings(preset).values()]

    def rows(self, preset: Preset, load):
        return [score_row(load(spec)).labelled(label(method, rank), rank=rank) for (method, rank), spec in self._tunings(preset).items()]

    def checks(self, rows: Sequence[Row]):
        highest = max(row.fields["rank"] for row in select(rows, method="lora"))
        vectors, low_rank = (find(rows, method=method, rank=highest) for method in ("prefix", "lora"))
        return [
            Check("the low-rank update counts in more lists than the prefix", low_rank.value - vectors.value,
                  f"{self.source}; half of all lists is our reading", low=0.5, unit="of lists", role="primary", reported=0.9238 - 0.0031),
            Check("the low-rank update learns to count", low_rank.value, self.source, low=0.8, unit="of lists", reported=0.9238),
            Check("the prefix does not", vectors.value, self.source, high=0.2, unit="of lists", reported=0.0031),
            Check("both have the same number of parameters", float(low_rank.trainable - vectors.trainable),
                  "the condition of the comparison",
                  low=0.0, high=0.0, unit="parameters"),
        ]

    @staticmethod
    def _contests(preset: Preset) -> Sequence[LowRankContest]:
        contests = choose_sizes(preset).contests
        return preset.choose(contests, contests[-1:])

    def _tunings(self, preset: Preset):
        on, found = deep_task(preset, "double histogram"), {}
        for contest in self._contests(preset):
            base, rank = deep_spec(preset, body=contest.body), contest.rank
            found["prefix", rank] = tuning_spec(preset, base, PrefixPT(length=VECTORS_PER_RANK * rank), on, contest.prefix)
            found["lora", rank] = tuning_spec(preset, base, LoRAWT(rank=rank, on="mlp"), on, contest.low_rank)
        return found
