"""How far a sentence jumps through a network's space from word to word, in distances of two states taken at random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer

from tutor.conventions import Tokens
from tutor.measure.clusters import layered
from tutor.measure.decoding import greedy
from tutor.measure.separation import Sampled, distances
from tutor.predictors import Predictor
from tutor.rng import stream
from tutor.sources import TinyLanguage
from tutor.sources.language import END

GIVEN, NEW = 8, 16
"""Words of a story that are given, and words behind them, the story's own or the network's."""
CLOUD = 1000
"""States at random among which the distance of two is averaged."""


@dataclass(frozen=True)
class Steps:
    """Steps of N sentences per layer [L1, N, S] as multiples of the mean distance of two random states: 1 is as far as chance.

    A sentence of fewer than S + 1 words has NaN in the place of the missing steps.
    """

    lengths: Float[np.ndarray, "L1 N S"]

    def mean(self, layer: int, draws: int = 500, seed: int = 0) -> Sampled:
        """Mean step at one layer, every step counting equally, with bootstrap draws over sentences."""
        lengths, rng = self.lengths[layer], stream(seed, "steps")
        weights = rng.multinomial(len(lengths), np.full(len(lengths), 1 / len(lengths)), size=draws).astype(float)
        total, count = np.nansum(lengths, axis=1), np.isfinite(lengths).sum(1)
        return Sampled(float(total.sum() / count.sum()), (weights @ total) / (weights @ count))


@dataclass(frozen=True)
class Words:
    """States after single words of some texts [L1, M, D] and which text each comes from."""

    states: Float[np.ndarray, "L1 M D"]
    texts: Integer[np.ndarray, " M"]


def word_states(predictor: Predictor, tokens: Tokens, most: int = CLOUD, seed: int = 0) -> Words:
    """At most `most` states after single words of these texts, at random, per layer."""
    states = layered(predictor, tokens)[:, :, 1:]
    kept = stream(seed, "words").permutation(states.shape[1] * states.shape[2])[:most]
    return Words(states.reshape(len(states), -1, states.shape[-1])[:, kept].astype(np.float64), kept // states.shape[2])


def chance(cloud: Float[np.ndarray, "*L M D"]) -> Float[np.ndarray, "*L"]:
    """Mean distance of two different states of a cloud, per layer where there are layers."""
    if cloud.ndim > 2:
        return np.stack([chance(one) for one in cloud])
    return np.asarray(distances(cloud).sum() / (len(cloud) * (len(cloud) - 1)))


def path(predictor: Predictor, words: Sequence[int]) -> Float[np.ndarray, "L1 W D"]:
    """The state after each of W words of one sentence, per layer."""
    tokens = torch.tensor([[*words, END]], dtype=torch.int64)                        # the last is only predicted
    return layered(predictor, tokens)[:, 0, 1:].astype(np.float64)


def steps(states: Float[np.ndarray, "*any W D"]) -> Float[np.ndarray, "*any S"]:
    """Distance from each state to the next."""
    return np.linalg.norm(np.diff(states, axis=-2), axis=-1)


def stories(each: int, seed: int = 0) -> Tokens:
    """`each` held-out stories, GIVEN + NEW words of each."""
    source = TinyLanguage(tasks=("prose",), split="test", documents=1)
    return source.sample(each, GIVEN + NEW, stream(seed, "stories")).tokens


def retold(predictor: Predictor, tokens: Tokens) -> Tokens:
    """The same stories as the network goes on with them, greedily, behind the words that are given."""
    return greedy(predictor, tokens, torch.full((len(tokens),), GIVEN))


def story_steps(predictor: Predictor, tokens: Tokens, cloud: Float[np.ndarray, "L1 M D"]) -> Steps:
    """Steps among the words behind those that are given, until the document ends."""
    padded = torch.nn.functional.pad(tokens, (0, 1), value=END)
    lengths = steps(layered(predictor, padded)[:, :, GIVEN + 1:].astype(np.float64)) / chance(cloud)[:, None, None]
    over = (tokens[:, GIVEN:] == END).numpy().cumsum(1) > 0
    return Steps(np.where(over[:, 1:], np.nan, lengths))


def embedding_steps(predictor: Predictor, tokens: Tokens, cloud: Tokens, seed: int = 0) -> Steps:
    """The same of the embedding vectors alone, which know neither context nor position; `cloud` are the texts for chance."""
    rows = (predictor.embed.weight.T + predictor.embed.bias).detach().double().numpy()
    words = stream(seed, "words").permutation(cloud[:, :-1].reshape(-1).numpy())[:CLOUD]
    lengths = steps(rows[tokens[:, GIVEN:].numpy()])[None] / chance(rows[words])
    over = (tokens[:, GIVEN:] == END).numpy().cumsum(1) > 0
    return Steps(np.where(over[:, 1:], np.nan, lengths))
