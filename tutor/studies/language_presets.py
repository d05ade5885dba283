"""What the studies on the tiny language share: the language model, the two tasks that it was never trained for, how they are tuned."""

from tutor.methods import AbstractMethod, NoTuning
from tutor.predictors import Transformer
from tutor.runs.run import Run
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.sources import TinyLanguage
from tutor.studies.gates import fall_row
from tutor.studies.measured_rows import Row, score_row
from tutor.studies.presets import Preset
from tutor.training.recipe import Recipe

CITED = "Li & Liang 2021"
LANGUAGE = TinyLanguage(weights=(0.05, 0.1, 0.4, 0.15, 0.12, 0.18), predict="known")
"""Mostly questions, because finding the right fact is what takes longest to learn; guests, because finding a name comes before it."""
TABLE = TinyLanguage(tasks=("table",), styles=(7,), documents=1)
"""Telling a table in a way that was never pretrained on, in words that were: a prefix cannot bring out a word that was never written."""
TRADE = TinyLanguage(tasks=("trade",), styles=(1,), documents=1)
"""Telling a table in one of two ways, by the person's trade, about towns that no document to learn from names: a task with room above few
documents. On the model of seed 0 tuned weights reach 62.5 BLEU from 50 of them."""
SUMMARY = TinyLanguage(tasks=("summary",), styles=(0,), documents=1)
"""Summarising a few facts, which was never pretrained on at all."""
INPUT = 25
"""Words of a table before its text begins."""

RECIPE = Recipe(steps=8000, batch=32, length=LANGUAGE.natural_length, curriculum=(64,), learning_rate=2e-3, warmup=0.02, cosine=True,
                beta2=0.98)
PREFIX = Recipe(steps=300, batch=16, length=TABLE.natural_length, learning_rate=5e-2, warmup=0.1, cosine=True, beta2=0.98)
WEIGHTS = PREFIX.model_copy(update={"learning_rate": 1e-3})
SCORES, DECIDING = ("bleu", "slots", "accuracy"), ("bleu", "loss")
"""Scores of a tuning that are shown, and those that checks read."""
MODELS = range(100, 106)
"""Seeds of the family of language models over which claims on words are decided."""
MODELS_BUDGET = "the six language models, which all studies on words share, 420 core minutes; beside them"

MODEL = RunSpec(source=LANGUAGE, body=Transformer(width=128, layers=3), recipe=RECIPE,
                evaluation=Evaluation(length=LANGUAGE.natural_length, sequences=256), seed=0)
"""The language model of every lab that needs words, of seed 0; 70 core minutes."""


def tuning_spec(method: AbstractMethod, on: TinyLanguage, tuning: Recipe = PREFIX, *, repetitions: int = 3, seed: int = 0) -> RunSpec:
    """Specify a tuning of the language model to one task; NoTuning gets a single repetition."""
    seeds = Seeds(tune=seed, repetitions=1 if isinstance(method, NoTuning) else repetitions)
    return MODEL.model_copy(update={"method": method, "on": on, "tuning": tuning, "seeds": seeds})


def replicate_spec(spec: RunSpec, preset: Preset, tuning: Recipe | None = None) -> RunSpec:
    """Return the run that a study reads in the place of a shown one, which stays as it is where the preset is not of a replication.

    Parameters
    ----------
    spec
        A run on the language model of seed 0, or that model.
    tuning
        Of a replication, how it is tuned; as in `spec` if not given.

    Returns
    -------
    RunSpec
        Of a replication: on its language model, and tuned once, from the same seed.
    """
    if not preset.replicates:
        return spec
    if not spec.is_tuning:
        return spec.model_copy(update={"seeds": Seeds(pretrain=preset.seed)})
    return spec.model_copy(update={"seeds": Seeds(pretrain=preset.seed, tune=preset.seed), "tuning": tuning or spec.tuning})


def model_spec(preset: Preset) -> RunSpec:
    """Specify the language model of a preset's seed."""
    return replicate_spec(MODEL, preset)


def score_rows(run: Run, preset: Preset) -> list[Row]:
    """Make the rows of a run's BLEU, share of facts told and exact match on its target; of a replication those that checks read."""
    if preset.replicates:
        return [*(score_row(run, metric=score) for score in DECIDING), fall_row(run)]
    return [score_row(run, metric=score) for score in SCORES]
