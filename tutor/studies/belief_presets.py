"""Networks for hidden Markov sources: the recipe with which they hold the belief after seconds of training, and those that are shipped."""

from tutor.predictors import LSTM, AbstractBody
from tutor.runs.spec import Evaluation, RunSpec
from tutor.sources import AbstractSource, HiddenMarkov
from tutor.training.recipe import Recipe

WIDTH, LENGTH = 64, 16
QUICK = Recipe(steps=500, batch=32, length=LENGTH, learning_rate=1e-2, warmup=0.05, cosine=True, beta1=0.85, beta2=0.95, targets="bayes")
"""Of an LSTM; exact targets, because the predictor of these sources is known."""
SLOW = QUICK.model_copy(update={"steps": 1500, "learning_rate": 3e-3})
"""Of every other network."""
EVALUATION = Evaluation(length=LENGTH, sequences=256)


def specify_network(source: AbstractSource, body: AbstractBody, seed: int = 0) -> RunSpec:
    """Specify the pretraining of a network on a hidden Markov source with the recipe for its kind."""
    return RunSpec(source=source, body=body, recipe=QUICK if isinstance(body, LSTM) else SLOW, evaluation=EVALUATION, seed=seed)


SHIPPED = (
    specify_network(HiddenMarkov(), LSTM(width=WIDTH)),
    specify_network(HiddenMarkov(transitions="Z1R, noisy"), LSTM(width=WIDTH)),
)
"""The networks on which the page Beliefs opens."""
