"""A specification of a pretraining and one of a tuning, with keys that are known."""

from tutor import Recipe, RunSpec, Seeds, methods, predictors, sources
from tutor.predictors.prompt_placement import Placement

PRETRAINING = RunSpec(source=sources.DirichletCategorical(), body=predictors.LSTM(), recipe=Recipe.paper())
TUNING = RunSpec(source=sources.DirichletCategorical(), body=predictors.Transformer(width=64),
                 recipe=Recipe(steps=300, learning_rate=4e-3, cosine=True),
                 method=methods.SoftPT(length=3, placement=Placement(kind="infix", after=2)), on=sources.Mixture(),
                 tuning=Recipe(steps=200, batch=16, targets="bayes"), seeds=Seeds(tune=5, repetitions=3))
