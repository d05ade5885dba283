"""Is a retrieval pipeline just prompt tuning? What it gains, what a soft prompt gains, and what stays when the store is wrong."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tutor import diagnosed
from tutor.measure.efficiency import behind_rounding, times_as_efficient
from tutor.measure.report import RETRIEVES
from tutor.run import Run
from tutor.studies import retriever_presets as ours
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.presets import Preset

GOOD, DENSE, THEIRS = "good store", "dense store", "the source"
MEASURES = {"gain": "gain", "soft_prompt_gain": "gain of the soft prompt", "soft_share": "soft prompt's share",
            "store_shuffled": "kept with the shuffled store", "times_as_efficient": "gain per parameter, times", "hit_rate": "found",
            "variance": "relative variance"}
"""Measures of a diagnosis -> what the study calls them."""
SHORT = {key: MEASURES[key] for key in ("gain", "store_shuffled")}
PART, CLEAR = 0.9, 0.5
"""The constant is found when nine tenths of a soft prompt's gain are won, the content when the loss is half a nat below a soft prompt's."""


def measured(run: Run, soft: Run, name: str, measures: Mapping[str, str] = MEASURES) -> list[Row]:
    """Rows of a pipeline: measures of its diagnoses, and how many of these say that it retrieves."""
    made = diagnosed.reports(run, soft)

    def row(metric: str, values: Sequence[float]) -> Row:
        return Row(name, run.spec.body.label, run.spec.on.label, (Band.over(values),), len(made), run.summary["trainable"],
                   run.summary["seconds"], run.key, metric)

    found = {metric: [report.find(key) for report in made] for key, metric in measures.items()}
    rows = [row(metric, [one.value for one in each]) for metric, each in found.items() if None not in each]
    rows.append(row("retrieves", [float(report.verdict == RETRIEVES) for report in made]))
    return [*rows, *(course(run, soft, row) if measures is MEASURES else ())]


def course(run: Run, soft: Run, row: Callable[[str, Sequence[float]], Row]) -> list[Row]:
    """When the constant and the content were found, as shares of the training (1 where never), and the encoder's part of the gradient."""
    seen = {name: run.arrays[f"found/course/{name}"] for name in ("own", "constant", "encoder", "projection")}
    plain, level = (float(np.mean(value)) for value in (run.arrays["found/exam/no_context"], soft.arrays["loss/0"]))
    steps = np.arange(1, seen["own"].shape[1] + 1) / seen["own"].shape[1]

    def first(losses: np.ndarray, below: float) -> list[float]:
        return [float(next((at for at, loss in zip(steps, each, strict=True) if loss <= below), 1.0)) for each in losses]

    found = [row("constant found at", first(seen["constant"], plain - PART * (plain - level))),
             row("content found at", first(seen["own"], level - CLEAR))]
    ratio = np.nanmedian(seen["encoder"] / seen["projection"], axis=1)
    return [*found, *([] if np.isnan(ratio).any() else [row("gradient of the encoder", ratio.tolist())])]


class RetrieverOrPrompt(AbstractStudy):
    name = "retriever-or-prompt"
    title = "Retriever or prompt?"
    claim = (
        "A retrieval pipeline whose store is dense does for a frozen language model what a soft prompt with hundreds of times fewer "
        "parameters does: its gain stays when the store's content is wrong, because at a fixed temperature entries that are alike weigh "
        "the same, and a constant is found first."
    )
    source = f"{ours.CITED}; its pipeline, data and seeds are not published, so this is in its spirit only"
    metric = "gain"
    lab = "retriever"

    def specs(self, preset: Preset):
        return [ours.UNTUNED, ours.SOFT, ours.GOOD, ours.DENSE, *ours.OTHERS.values(), *ours.HELD.values(), *ours.MAP.values()]

    def rows(self, preset: Preset, load):
        soft = load(ours.SOFT)
        named = {GOOD: ours.GOOD, DENSE: ours.DENSE} | ours.OTHERS
        beside = {f"{name}, {stage} held": spec for (name, stage), spec in ours.HELD.items()}
        beside |= {f"density {density:g}, quality {quality:g}": spec for (density, quality), spec in ours.MAP.items()}
        return [*self.theirs(), *(row for name, spec in named.items() for row in measured(load(spec), soft, name)),
                *(row for name, spec in beside.items() for row in measured(load(spec), soft, name, SHORT))]

    @staticmethod
    def theirs() -> list[Row]:
        """What the source reports, in the same measures; its losses are rounded to two digits."""
        (gain, many), (soft_gain, few) = ours.THEIRS["pipeline"], ours.THEIRS["soft prompt"]
        low, high = behind_rounding(gain, many, soft_gain, few)
        exact = {"gain": gain, "gain of the soft prompt": soft_gain, "soft prompt's share": soft_gain / gain}
        bands = {metric: Band.exactly(value) for metric, value in exact.items()}
        bands["gain per parameter, times"] = Band(low, times_as_efficient(gain, many, soft_gain, few), high)
        return [Row(THEIRS, "GPT-2", "not published", (band,), metric=metric, trainable=many) for metric, band in bands.items()]

    def checks(self, rows: Sequence[Row]):
        def band(method: str, metric: str) -> Band:
            return find(rows, method=method, metric=metric).bands[0]

        kept, share, times = MEASURES["store_shuffled"], MEASURES["soft_share"], MEASURES["times_as_efficient"]
        def check(text: str, measured: Band, bound: float | Band, side: str, why: str = ours.CITED) -> Check:
            return Check(text, measured, bound if isinstance(bound, Band) else Band.exactly(bound), side, why)

        return [
            check("dense store: four fifths of the gain stay when the store is shuffled", band(DENSE, kept), 0.8, "above"),
            check("dense store: the soft prompt reproduces half of the gain or more", band(DENSE, share), 0.5, "above",
                  f"{ours.CITED}: 0.10 of 0.20"),
            check("dense store: the soft prompt gains a hundred times more per parameter", band(DENSE, times), 100.0, "above",
                  f"{ours.CITED}: 149 times; 144.7 from its rounded losses"),
            check("good store: at most a fifth of the gain stays when it is shuffled", band(GOOD, kept), 0.2, "below",
                  "the control: here it has to retrieve"),
            check("good store: the constant is found before the content", band(GOOD, "constant found at"), band(GOOD, "content found at"),
                  "below", f"{ours.CITED}: a fixed prefix is the simpler function"),
            check("the encoder's part of the gradient is smaller with a dense store than with a good one",
                  band(DENSE, "gradient of the encoder"), band(GOOD, "gradient of the encoder"), "below",
                  f"{ours.CITED}: the signal is diluted on its way"),
        ]
