"""How far a sentence jumps through a network's space from word to word, in distances of two states taken at random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer

from tutor.core.rng import stream
from tutor.core.types import Tokens
from tutor.measure.cluster_scores import residual_stream
from tutor.measure.greedy_decoding import decode_greedily
from tutor.measure.separation import BootstrapValue, distances
from tutor.predictors import Predictor
from tutor.sources import TinyLanguage
from tutor.sources.language import END

GIVEN_WORDS, NEW_WORDS = 8, 16
"""Words of a story that are given, and words behind them, the story's own or the network's."""
CLOUD = 1000
"""States at random among which the distance of two is averaged."""


@dataclass(frozen=True)
class StepSizes:
    """Steps of N sentences per layer [L1, N, S] as multiples of the mean distance of two random states: 1 is as far as chance.

    A sentence of fewer than S + 1 words has NaN in the place of the missing steps.
    """

    lengths: Float[np.ndarray, "L1 N S"]

    def mean(self, layer: int, draws: int = 500, seed: int = 0) -> BootstrapValue:
        """Mean step at one layer, every step counting equally, with bootstrap draws over sentences."""
        lengths, rng = self.lengths[layer], stream(seed, "steps")
        weights = rng.multinomial(len(lengths), np.full(len(lengths), 1 / len(lengths)), size=draws).astype(float)
        total, count = np.nansum(lengths, axis=1), np.isfinite(lengths).sum(1)
        return BootstrapValue(float(total.sum() / count.sum()), (weights @ total) / (weights @ count))


@dataclass(frozen=True)
class WordStates:
    """States after single words of some texts [L1, M, D] and which text each comes from."""

    states: Float[np.ndarray, "L1 M D"]
    texts: Integer[np.ndarray, " M"]


def word_states(predictor: Predictor, tokens: Tokens, most: int = CLOUD, seed: int = 0) -> WordStates:
    """At most `most` states after single words of these texts, at random, per layer."""
    states = residual_stream(predictor, tokens)[:, :, 1:]
    kept = stream(seed, "words").permutation(states.shape[1] * states.shape[2])[:most]
    return WordStates(states.reshape(len(states), -1, states.shape[-1])[:, kept].astype(np.float64), kept // states.shape[2])


def chance_distance(cloud: Float[np.ndarray, "*L M D"]) -> Float[np.ndarray, "*L"]:
    """Mean distance of two different states of a cloud, per layer where there are layers."""
    if cloud.ndim > 2:
        return np.stack([chance_distance(one) for one in cloud])
    return np.asarray(distances(cloud).sum() / (len(cloud) * (len(cloud) - 1)))


def sentence_states(predictor: Predictor, words: Sequence[int]) -> Float[np.ndarray, "L1 W D"]:
    """The state after each of W words of one sentence, per layer."""
    tokens = torch.tensor([[*words, END]], dtype=torch.int64)                        # the last is only predicted
    return residual_stream(predictor, tokens)[:, 0, 1:].astype(np.float64)


def step_lengths(states: Float[np.ndarray, "*any W D"]) -> Float[np.ndarray, "*any S"]:
    """Distance from each state to the next."""
    return np.linalg.norm(np.diff(states, axis=-2), axis=-1)


def sample_stories(each: int, seed: int = 0) -> Tokens:
    """`each` held-out stories, GIVEN + NEW words of each."""
    source = TinyLanguage(tasks=("prose",), split="test", documents=1)
    return source.sample(each, GIVEN_WORDS + NEW_WORDS, stream(seed, "stories")).tokens


def continue_stories(predictor: Predictor, tokens: Tokens) -> Tokens:
    """The same stories as the network goes on with them, greedily, behind the words that are given."""
    return decode_greedily(predictor, tokens, torch.full((len(tokens),), GIVEN_WORDS))


def story_steps(predictor: Predictor, tokens: Tokens, cloud: Float[np.ndarray, "L1 M D"]) -> StepSizes:
    """Steps among the words behind those that are given, until the document ends."""
    padded = torch.nn.functional.pad(tokens, (0, 1), value=END)
    lengths = (
        step_lengths(residual_stream(predictor, padded)[:, :, GIVEN_WORDS + 1 :].astype(np.float64)) / chance_distance(cloud)[:, None, None]
    )
    over = (tokens[:, GIVEN_WORDS:] == END).numpy().cumsum(1) > 0
    return StepSizes(np.where(over[:, 1:], np.nan, lengths))


def embedding_steps(predictor: Predictor, tokens: Tokens, cloud: Tokens, seed: int = 0) -> StepSizes:
    """The same of the embedding vectors alone, which know neither context nor position; `cloud` are the texts for chance."""
    rows = (predictor.embed.weight.T + predictor.embed.bias).detach().double().numpy()
    words = stream(seed, "words").permutation(cloud[:, :-1].reshape(-1).numpy())[:CLOUD]
    lengths = step_lengths(rows[tokens[:, GIVEN_WORDS:].numpy()])[None] / chance_distance(rows[words])
    over = (tokens[:, GIVEN_WORDS:] == END).numpy().cumsum(1) > 0
    return StepSizes(np.where(over[:, 1:], np.nan, lengths))
