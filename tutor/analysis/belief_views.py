"""What the page of beliefs asks of a network: its reading of every layer beside the exact belief, and a walk token by token."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer

from tutor import measure
from tutor.core.threads import fix_threads
from tutor.measure.belief_map import read_states
from tutor.measure.belief_readings import LONGEST, SHOWN, draw_histories
from tutor.predictors import Predictor
from tutor.runs.run import Run, build_initial
from tutor.sources import HiddenMarkov


@dataclass(frozen=True)
class BeliefView:
    """The exact beliefs of SHOWN sequences [B, T, S], and what is read off the layers of the network and of the untrained one."""

    tokens: Integer[np.ndarray, "B T"]
    exact: Float[np.ndarray, "B T S"]
    trained: measure.BeliefReadings
    untrained: measure.BeliefReadings

    @property
    def r2(self) -> Float[np.ndarray, " L"]:
        """R^2 of every layer of the network."""
        return measure.score_readings(self.trained.points, self.exact)

    @property
    def r2_untrained(self) -> Float[np.ndarray, " L"]:
        """R^2 of every layer of the untrained network."""
        return measure.score_readings(self.untrained.points, self.exact)


@fix_threads()
def view_beliefs(run: Run) -> BeliefView:
    """Read the beliefs of a pretrained network; of one that is not finished, those of the untrained network twice."""
    spec = run.spec.base()
    before = measure.read_layers(build_initial(spec), spec.source, spec.recipe.length)
    now = measure.read_layers(run.predictor, spec.source, spec.recipe.length) if run.status.state == "done" else before
    exact = measure.believe_histories(spec.source, spec.recipe.length)[-SHOWN:]
    return BeliefView(draw_histories(spec.source, spec.recipe.length)[-SHOWN:].numpy(), exact, now, before)


@fix_threads()
def score_run(run: Run) -> measure.BeliefScores:
    """Held-out R^2 of the beliefs of a finished pretraining, beside the untrained network, next-token probabilities and last tokens."""
    spec = run.spec.base()
    return measure.score_beliefs(run.predictor, build_initial(spec), spec.source, length=min(spec.recipe.length, LONGEST))


@dataclass(frozen=True)
class BeliefWalk:
    """A network and the ideal predictor read the same T tokens.

    exact: belief before the first token and after each. read: the same off every layer. expected, predicted: probabilities of the next
    token, by the ideal predictor and by the network.
    """

    tokens: tuple[int, ...]
    exact: Float[np.ndarray, "T1 S"]
    read: Float[np.ndarray, "L T1 S"]
    expected: Float[np.ndarray, "T1 V"]
    predicted: Float[np.ndarray, "T1 V"]

    @property
    def kl(self) -> Float[np.ndarray, " T1"]:
        """Kullback-Leibler divergence (nats) of the network's prediction from the ideal one, before the first token and after each."""
        rows = np.where(self.expected > 0, self.expected * (np.log(np.maximum(self.expected, 1e-300)) - np.log(self.predicted)), 0)
        return rows.sum(-1)


@fix_threads()
def walk_beliefs(predictor: Predictor, source: HiddenMarkov, maps: tuple, tokens: tuple[int, ...]) -> BeliefWalk:
    """Let a network and the ideal predictor read tokens.

    Parameters
    ----------
    maps
        From states to beliefs, one per layer, as `measure.read_layers` fits them.
    tokens
        Of the source.

    Raises
    ------
    ValueError
        Where a token is none of the source's.
    """
    read = torch.tensor([tokens], dtype=torch.int64).reshape(1, -1)
    exact = measure.believe(source, read)[0]
    longer = torch.cat([read, torch.zeros((1, 1), dtype=torch.int64)], dim=1)             # the last one is only predicted
    states = read_states(predictor, longer)
    layers = measure.list_layers(predictor)
    with torch.inference_mode():
        predicted = predictor(longer)[0].double().exp().numpy()
    return BeliefWalk(tokens, exact, np.stack([one(states[tap][0].astype(np.float64)) for one, tap in zip(maps, layers, strict=True)]),
                      source.log_bayes(longer)[0].exp().numpy(), predicted)
