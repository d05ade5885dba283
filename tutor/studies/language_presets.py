"""What the studies on the tiny language share: the language model, the two tasks that it was never trained for, how they are tuned."""

from tutor.methods import AbstractMethod, NoTuning
from tutor.predictors import Transformer
from tutor.runs.run import Run
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.sources import TinyLanguage
from tutor.studies.measured_rows import Row, score_row
from tutor.training.recipe import Recipe

CITED = "Li & Liang 2021"
LANGUAGE = TinyLanguage(weights=(0.05, 0.1, 0.4, 0.15, 0.12, 0.18), predict="known")
"""Mostly questions, because finding the right fact is what takes longest to learn; guests, because finding a name comes before it."""
TABLE = TinyLanguage(tasks=("table",), styles=(7,), documents=1)
"""Telling a table in a way that was never pretrained on, in words that were: a prefix cannot bring out a word that was never written."""
SUMMARY = TinyLanguage(tasks=("summary",), styles=(0,), documents=1)
"""Summarising a few facts, which was never pretrained on at all."""
INPUT = 25
"""Words of a table before its text begins."""

RECIPE = Recipe(steps=8000, batch=32, length=LANGUAGE.natural_length, curriculum=(64,), learning_rate=2e-3, warmup=0.02, cosine=True,
                beta2=0.98)
PREFIX = Recipe(steps=300, batch=16, length=TABLE.natural_length, learning_rate=5e-2, warmup=0.1, cosine=True, beta2=0.98)
WEIGHTS = PREFIX.model_copy(update={"learning_rate": 1e-3})
SCORES = ("bleu", "slots", "accuracy")

MODEL = RunSpec(source=LANGUAGE, body=Transformer(width=128, layers=3), recipe=RECIPE,
                evaluation=Evaluation(length=LANGUAGE.natural_length, sequences=256), seed=0)
"""The one language model of every lab that needs words; half an hour of two cores."""


def tuning_spec(method: AbstractMethod, on: TinyLanguage, tuning: Recipe = PREFIX, *, repetitions: int = 3, seed: int = 0) -> RunSpec:
    """Specify a tuning of the language model to one task; NoTuning gets a single repetition."""
    seeds = Seeds(tune=seed, repetitions=1 if isinstance(method, NoTuning) else repetitions)
    return MODEL.model_copy(update={"method": method, "on": on, "tuning": tuning, "seeds": seeds})


def score_rows(run: Run) -> list[Row]:
    """Make the rows of a run's BLEU, share of facts told and exact match on its target."""
    return [score_row(run, metric=score) for score in SCORES]
