"""The same number of trained numbers, spent on a prefix or on a low-rank update of the MLP: who learns to count?"""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from tutor.methods import LoRAWT, PrefixPT
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.list_presets import CITED, deep_task, deeper, effort, tuned
from tutor.studies.presets import Preset

VECTORS = 5
"""As many numbers as one rank: of both maps of an MLP of four times the width it costs 10 D, and a vector of keys and values 2 D."""
LOW_RANK, PREFIX = "LoRAWT on the MLP, rank 1", f"PrefixPT, {VECTORS} vectors"


class EqualParameters(AbstractStudy):
    name = "equal-parameters"
    title = "The same number of parameters, elsewhere"
    claim = (
        "Counting how often a digit occurs is new to the network. An update of rank one of its MLPs learns it; a prefix with the same "
        "number of parameters does not."
    )
    source = (
        f"{CITED}, section 5.3; the authors' notebook, 12,288 parameters each: prefix 0.3 %, LoRA of rank 1 on the MLP 92.4 %, with four "
        "layers of width 256"
    )
    metric = "accuracy"
    lab = "skills"
    reported = MappingProxyType({(PREFIX, "Double histogram"): 0.0031, (LOW_RANK, "Double histogram"): 0.9238})

    def specs(self, preset: Preset):
        return [deeper(preset), *self._tunings(preset).values()]

    def rows(self, preset: Preset, load):
        return [replace(score_row(load(spec)), method=name) for name, spec in self._tunings(preset).items()]

    def checks(self, rows: Sequence[Row]):
        vectors, low_rank = find(rows, method=PREFIX), find(rows, method=LOW_RANK)
        return [
            Check("an update of rank one learns to count", low_rank.bands[0], Band.exactly(0.8), "above", self.source),
            Check(f"{VECTORS} vectors do not", vectors.bands[0], Band.exactly(0.2), "below", self.source),
            Check("the same number of parameters", Band.exactly(float(abs(low_rank.trainable - vectors.trainable))), Band.exactly(0.0),
                  "below", "the condition of the comparison"),
        ]

    def _tunings(self, preset: Preset):
        base, on, how = deeper(preset), deep_task(preset, "double histogram"), effort(preset)
        ways = {PREFIX: (PrefixPT(length=VECTORS), how.as_large), LOW_RANK: (LoRAWT(rank=1, on="mlp"), how.low_rank)}
        return {name: tuned(preset, base, method, on, recipe) for name, (method, recipe) in ways.items()}
