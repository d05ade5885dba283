"""Is a retrieval pipeline just prompt tuning? What it gains, what a soft prompt gains, and what stays when the store is wrong."""

from collections.abc import Callable, Sequence

import numpy as np

from tutor.measure.diagnosis_report import RETRIEVES
from tutor.measure.efficiency import ratio_within_rounding, times_as_efficient
from tutor.runs.run import Run
from tutor.studies import pipeline_diagnosis
from tutor.studies import retriever_presets as ours
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, replicate_spec
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import Value, fields_of_run, find
from tutor.studies.study import AbstractStudy

GOOD, DENSE, THEIRS = "good store", "dense store", "the source"
MEASURES = {"gain": "gain", "soft_prompt_gain": "gain of the soft prompt", "soft_share": "soft prompt's share",
            "store_shuffled": "kept with the shuffled store", "times_as_efficient": "gain per parameter, times", "hit_rate": "found",
            "variance": "relative variance"}
"""Measures of a diagnosis, which are values of the field `measure` -> what the study calls them."""
SHORT = ("gain", "store_shuffled")
PART, CLEAR = 0.9, 0.5
"""The constant is found when nine tenths of a soft prompt's gain are won, the content when the loss is half a nat below a soft prompt's."""


def diagnosis_rows(run: Run, soft: Run, name: str, keys: Sequence[str] = tuple(MEASURES), **fields: Value) -> list[Row]:
    """Make the rows of a pipeline's diagnoses over repetitions.

    Parameters
    ----------
    soft
        The run whose soft prompt the pipeline is compared with.
    name
        Label of the rows.
    keys
        Measures to include; with all of them (the default) the rows of `discovery_rows` follow.
    """
    made, known = pipeline_diagnosis.diagnose_run(run, soft), fields_of_run(run.spec, run.spec.on) | fields

    def row(measure: str, metric: str, values: Sequence[float]) -> Row:
        return Row(name, run.spec.body.label, run.spec.on.label, (Band.over(values),), len(made), run.summary["trainable"],
                   run.summary["seconds"], run.key, metric=metric, fields=known | {"measure": measure})

    found = {key: [report.find(key) for report in made] for key in keys}
    rows = [row(key, MEASURES[key], [one.value for one in each]) for key, each in found.items() if None not in each]
    rows.append(row("retrieves", "retrieves", [float(report.verdict == RETRIEVES) for report in made]))
    return [*rows, *(discovery_rows(run, soft, row) if len(keys) == len(MEASURES) else ())]


def discovery_rows(run: Run, soft: Run, row: Callable[[str, str, Sequence[float]], Row]) -> list[Row]:
    """Make the rows on when a training found the constant and the content (share of its steps, 1 for never), and on the encoder's gradient.

    Parameters
    ----------
    row
        Makes a row from the name of a measure, its metric, and the values per repetition.
    """
    seen = {name: run.arrays[f"found/course/{name}"] for name in ("own", "constant", "encoder", "projection")}
    plain, level = (float(np.mean(value)) for value in (run.arrays["found/exam/no_context"], soft.arrays["loss/0"]))
    steps = np.arange(1, seen["own"].shape[1] + 1) / seen["own"].shape[1]

    def first(losses: np.ndarray, below: float) -> list[float]:
        return [float(next((at for at, loss in zip(steps, each, strict=True) if loss <= below), 1.0)) for each in losses]

    found = [row("constant_found", "constant found at", first(seen["constant"], plain - PART * (plain - level))),
             row("content_found", "content found at", first(seen["own"], level - CLEAR))]
    ratio = np.nanmedian(seen["encoder"] / seen["projection"], axis=1)
    return [*found, *([] if np.isnan(ratio).any() else [row("encoder_gradient", "gradient of the encoder", ratio.tolist())])]


class RetrieverOrPrompt(AbstractStudy):
    name = "retriever-or-prompt"
    title = "Retriever or prompt?"
    in_short = "with a dense store a retrieval pipeline is a soft prompt in disguise, with a good one it retrieves"
    claim = (
        "A retrieval pipeline whose store is dense does for a frozen language model what a soft prompt with hundreds of times fewer "
        "parameters does: its gain stays when the store's content is wrong, because at a fixed temperature entries that are alike weigh "
        "the same, and a constant is found first."
    )
    source = f"{ours.CITED}; its pipeline, data and seeds are not published, so this is in its spirit only"
    metric = "gain"
    lab = "retriever"
    plan = Plan(
        primary="with a dense store at least four fifths of the pipeline's gain stay when the store is shuffled; at most one fifth is what "
                "the control, a good store, may keep",
        scope="six language models, our own pipeline in the spirit of the source",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 10",
    )
    ledger = (
        Change("2026-11-25", "a dense store that is searched more sharply and a good one searched more bluntly were added as controls",
               before="reproduced"),
        Change("2026-11-30", "one primary check instead of six; six language models instead of one", before="reproduced"),
    )

    def specs(self, preset: Preset):
        if preset.replicates:
            return [replicate_spec(spec, preset) for spec in (ours.SOFT, ours.GOOD, ours.DENSE)]
        return [ours.UNTUNED, ours.SOFT, ours.GOOD, ours.DENSE, *ours.OTHERS.values(), *ours.HELD.values(), *ours.MAP.values()]

    def rows(self, preset: Preset, load):
        if preset.replicates:
            soft, good, dense = map(load, self.specs(preset))
            return [*diagnosis_rows(good, soft, GOOD, pipeline=GOOD), *diagnosis_rows(dense, soft, DENSE, pipeline=DENSE)]
        soft = load(ours.SOFT)
        named = {GOOD: ours.GOOD, DENSE: ours.DENSE} | ours.OTHERS
        rows = self.theirs()
        for name, spec in named.items():
            rows += diagnosis_rows(load(spec), soft, name, pipeline=name)
        for (name, stage), spec in ours.HELD.items():
            rows += diagnosis_rows(load(spec), soft, ours.held_label(name, stage), SHORT, pipeline=name, held=stage)
        for (density, quality), spec in ours.MAP.items():
            rows += diagnosis_rows(load(spec), soft, ours.cell_label(density, quality), SHORT, density=density, quality=quality)
        return rows

    @staticmethod
    def theirs() -> list[Row]:
        """Make the rows of the source's own numbers, in the same measures; its losses are rounded to two digits."""
        (gain, many), (soft_gain, few) = ours.THEIRS["pipeline"], ours.THEIRS["soft prompt"]
        low, high = ratio_within_rounding(gain, many, soft_gain, few)
        exact = {"gain": gain, "soft_prompt_gain": soft_gain, "soft_share": soft_gain / gain}
        bands = {key: Band.exactly(value) for key, value in exact.items()}
        bands["times_as_efficient"] = Band(low, times_as_efficient(gain, many, soft_gain, few), high)
        return [Row(THEIRS, "GPT-2", "not published", (band,), metric=MEASURES[key], trainable=many,
                    fields={"pipeline": THEIRS, "measure": key}) for key, band in bands.items()]

    def checks(self, rows: Sequence[Row]):
        def value(pipeline: str, measure: str) -> float:
            return find(rows, pipeline=pipeline, measure=measure, held=None).value

        share = "of the gain"
        return [
            Check("dense store: four fifths of the gain stay when the store is shuffled", value(DENSE, "store_shuffled"), ours.CITED,
                  low=0.8, unit=share, role="primary"),
            Check("dense store: the soft prompt reproduces half of the gain or more", value(DENSE, "soft_share"),
                  f"{ours.CITED}: 0.10 of 0.20", low=0.5, unit=share, reported=0.5),
            Check("dense store: the soft prompt gains a hundred times more per parameter", value(DENSE, "times_as_efficient"),
                  f"{ours.CITED}: 149 times; 144.7 from its rounded losses", low=100.0, unit="times", reported=149.0),
            Check("good store: at most a fifth of the gain stays when it is shuffled", value(GOOD, "store_shuffled"),
                  "the control: here it has to retrieve", high=0.2, unit=share, role="gate"),
            Check("good store: the constant is found before the content", value(GOOD, "content_found") - value(GOOD, "constant_found"),
                  f"{ours.CITED}: a fixed prefix is the simpler function", low=0.0, unit="of the steps"),
            Check("the encoder's part of the gradient is smaller with a dense store than with a good one",
                  value(DENSE, "encoder_gradient") / value(GOOD, "encoder_gradient"), f"{ours.CITED}: the signal is diluted on its way",
                  high=1.0, unit="of that"),
        ]
