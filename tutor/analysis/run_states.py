"""What pages show of a finished run beyond its stored numbers, computed from its network and handed out as NumPy.

Everything here is a function of runs that never change, so the pages may keep the answers. Small networks are fastest on
one thread: two that wait for each other on a busy machine took ten times as long.
"""

from dataclasses import dataclass, fields
from itertools import product

import numpy as np
import torch
from jaxtyping import Float, Integer, Shaped

from tutor import measure
from tutor.core.rng import stream
from tutor.core.threads import fix_threads
from tutor.measure import exact
from tutor.predictors import Predictor
from tutor.runs.run import Run, build_initial
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractExchangeable, AbstractSource

SEQUENCES, LENGTH = 100, 50
"""Un-prefixed pretraining sequences that a basis is fitted on (Genewein et al. 2025, Fig. 5)."""

TRAJECTORIES = 16
"""Sequences of the target that a trajectory picture follows."""


@dataclass(frozen=True)
class SeenFlips:
    """What a state has seen [B, T]: how many flips, their share of heads (one half before any), and the bias of their coin.

    The bias is None where the source is no coin or die: what is hidden is then something else, such as a path of states.
    """

    flips: Float[np.ndarray, "B T"]
    ratio: Float[np.ndarray, "B T"]
    bias: Float[np.ndarray, "B T"] | None

    @property
    def names(self) -> list[str]:
        """Fields that are known of this source."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]

    def read(self, name: str) -> Float[np.ndarray, "B T"]:
        """One field by name. Raises ValueError where the source has no such thing."""
        if name not in self.names:
            raise ValueError(f"colour is {name}; it needs a source of coins or dice, and this one has only {' and '.join(self.names)}")
        return getattr(self, name)

    def every(self, stride: int) -> "SeenFlips":
        """The same of every `stride`-th state."""
        return SeenFlips(self.flips[:, ::stride], self.ratio[:, ::stride], None if self.bias is None else self.bias[:, ::stride])


def count_seen_flips(tokens: Integer[np.ndarray, "B T"], latent: Shaped[np.ndarray, "B ..."], source: AbstractSource) -> SeenFlips:
    """What each state has seen of its sequence.

    Parameters
    ----------
    tokens, latent
        [B, T] flips, and what was hidden of them.
    source
        Where they come from: only of a coin or die is the latent a bias [B, V].

    Returns
    -------
    SeenFlips
        Entry t counts the flips before t.
    """
    B, T = tokens.shape
    heads = np.pad((tokens[:, :-1] == 0).cumsum(1), ((0, 0), (1, 0)))
    flips = np.tile(np.arange(T, dtype=float), (B, 1))
    ratio = np.where(flips > 0, heads / np.maximum(flips, 1), 0.5)
    bias = np.tile(latent[:, :1].astype(float), (1, T)) if isinstance(source, AbstractExchangeable) else None
    return SeenFlips(flips, ratio, bias)


@dataclass(frozen=True)
class StateCloud:
    """The states of an untuned network on its own pretraining sequences, and the plane that is fitted on them.

    Coordinates [B, T, C] are whitened; row t is the state after t flips.
    """

    projection: measure.Projection
    coordinates: Float[np.ndarray, "B T C"]
    seen: SeenFlips


@fix_threads()
def fit_state_cloud(predictor: Predictor, source: AbstractSource, tap: str = "") -> StateCloud:
    """Fit the plane of a network's states on its own pretraining sequences.

    Parameters
    ----------
    source
        What the network was pretrained on.
    tap
        Where states are recorded; the paper's state taps when not given.

    Returns
    -------
    StateCloud
        The projection, the states on it, and what each state has seen.
    """
    batch = source.sample(SEQUENCES, LENGTH, stream(0, "ground"))
    states = measure.capture(predictor, batch.tokens)
    known = count_seen_flips(batch.tokens.numpy(), np.asarray(batch.latent), source)
    fitted = measure.fit_projection(states, tap)
    projection = fitted.facing(fitted(states).coordinates[:, states.prompt_end :], known.flips, known.ratio)
    return StateCloud(projection, projection(states).coordinates[:, states.prompt_end :], known)


@dataclass(frozen=True)
class Trajectory:
    """The trajectories of a network over sequences of the target: coordinates [B, K+T, C] in some plane.

    `prompt_end` is the row of the last prompt vector, `off_plane` the share of the variance that the plane misses, and
    `moved` whether the network starts its data elsewhere than the untuned one.
    """

    coordinates: Float[np.ndarray, "B KT C"]
    prompt_end: int
    off_plane: float
    moved: bool


@fix_threads()
def follow_states(base: StateCloud, predictor: Predictor, on: AbstractSource, axes: tuple[int, int] = (0, 1)) -> Trajectory:
    """Project what a network does on sequences of a target onto the plane of its base.

    Parameters
    ----------
    base
        The plane; it must be of the same taps and width.
    axes
        The two components of the plane that `off_plane` refers to.
    """
    tokens = on.sample(TRAJECTORIES, LENGTH, stream(0, "trail")).tokens
    states = measure.capture(predictor, tokens)
    seen = base.projection(states, axes)
    start = seen.coordinates[:, states.prompt_end].mean(0)
    moved = not np.allclose(start, base.coordinates[:, 0].mean(0), atol=1e-3)
    return Trajectory(seen.coordinates, states.prompt_end, seen.off_plane, moved)


def list_taps(predictor: Predictor, source: AbstractSource) -> list[str]:
    """Names of the taps of a network, the paper's own first."""
    states = measure.capture(predictor, source.sample(1, 2, stream(0, "taps")).tokens)
    return [states.main, *(name for name in states if name != states.main)]


@dataclass(frozen=True)
class TapProbes:
    """Held-out R^2 of linear probes at one tap, in the trained network and in the same network before its first step."""

    tap: str
    step: tuple[float, float]
    ratio: tuple[float, float]


@fix_threads()
def probe_taps(run: Run) -> list[TapProbes]:
    """Linear probes of a pretrained network and of the same network before its first step, tap by tap."""
    pairs = zip(measure.probe(run.predictor, run.spec.source), measure.probe(build_initial(run.spec), run.spec.source), strict=True)
    return [TapProbes(mine.tap, (mine.step_r2, before.step_r2), (mine.ratio_r2, before.ratio_r2)) for mine, before in pairs]


@dataclass(frozen=True)
class PromptScores:
    """Every hard prompt that a search tried, what it cost the network and what it costs an ideal predictor.

    Both are the divergence from the exact Bayes predictor of the target, in nats per token; `ideal` is None where the
    pretraining source or the target has no exact form.
    """

    prompts: list[tuple[int, ...]]
    network: Float[np.ndarray, " P"]
    ideal: Float[np.ndarray, " P"] | None


def read_prompt_scores(run: Run) -> PromptScores | None:
    """The scores of a finished hard-prompt search in its first repetition; None where the run searched for none."""
    spec, found = run.spec, run.arrays.get("found/scores")
    if found is None or not spec.method.length:
        return None
    prompts = list(product(range(spec.source.vocab), repeat=spec.method.length))
    return PromptScores(prompts, found[0], _ideal_scores(spec, prompts))


def _ideal_scores(spec: RunSpec, prompts: list[tuple[int, ...]]) -> Float[np.ndarray, " P"] | None:
    try:
        return ideal_scores(spec.source, spec.on, prompts, spec.tuning.length)
    except (ValueError, AttributeError):
        return None


def ideal_scores(
    source: AbstractExchangeable, on: AbstractExchangeable, prompts: list[tuple[int, ...]], length: int
) -> Float[np.ndarray, " P"]:
    """What each hard prompt costs the ideal predictor of `source` over that of `on`.

    Returns
    -------
    [P]
        Nats per token over sequences of `length`.
    """
    return (regret_behind_prompts(source, on, prompts, length) - regret_behind_prompts(on, on, [()], length)) / length


@dataclass(frozen=True)
class BestPrompts:
    """For each prompt length the best hard prompt of an ideal predictor and its regret, beside the optimum, in nats."""

    lengths: list[int]
    best: list[tuple[int, ...]]
    regret: Float[np.ndarray, " lengths"]
    floor: float


def compute_reach(source: AbstractExchangeable, on: AbstractExchangeable, *, longest: int, length: int) -> BestPrompts:
    """The best that hard prompts of each length can do for the ideal predictor of a source on a target, exactly.

    Parameters
    ----------
    longest
        Prompts have 0 to so many flips.
    length
        Flips after which regret is told.
    """
    found = [
        regret_behind_prompts(source, on, [(0,) * heads + (1,) * (k - heads) for heads in range(k, -1, -1)], length)
        for k in range(longest + 1)
    ]
    best = [(0,) * (k - int(regrets.argmin())) + (1,) * int(regrets.argmin()) for k, regrets in enumerate(found)]
    floor = regret_behind_prompts(on, on, [()], length)[0]
    return BestPrompts(list(range(longest + 1)), best, np.array([regrets.min() for regrets in found]), float(floor))


@fix_threads()
def regret_behind_prompts(
    source: AbstractExchangeable, on: AbstractExchangeable, prompts: list[tuple[int, ...]], length: int
) -> Float[np.ndarray, " P"]:
    """Exact regret of the ideal predictor of a source behind each of several hard prompts.

    The sum of `exact.cumulative_regret` over all count vectors of all times at once, so that hundreds of prompts take milliseconds.

    Returns
    -------
    [P]
        Nats over the generator of `on` after `length` flips.
    """
    exact.check_exact(source, on, length, tuple(token for prompt in prompts for token in prompt))
    counts = torch.cat([exact.counts_of(t, on.vocab) for t in range(length)])  # (M, V)
    log_ways = torch.lgamma(counts.sum(-1) + 1) - torch.lgamma(counts + 1).sum(-1)
    weight = (log_ways + on.log_marginal(counts)).exp()
    expected = on.log_predictive(counts).exp()
    shifts = torch.stack([torch.bincount(torch.tensor(prompt, dtype=torch.int64), minlength=on.vocab) for prompt in prompts]).double()
    log_q = source.log_predictive(counts + shifts[:, None])  # (P, M, V)
    cross = torch.where(expected > 0, expected * log_q, 0.0).sum(-1)
    return (weight * (on.neg_entropy(counts) - cross)).sum(-1).numpy()


@fix_threads()
def predict_heads(predictor: Predictor, tokens: tuple[int, ...], prefix: tuple[int, ...] = ()) -> Float[np.ndarray, " T1"]:
    """A network's probability of heads (token 0) before the first of `tokens` and after each.

    Parameters
    ----------
    prefix
        A hard prompt that is read before.

    Returns
    -------
    [T + 1]
    """
    read = torch.tensor([[*prefix, *tokens, 0]], dtype=torch.int64)  # the last token is only predicted
    with torch.inference_mode():
        return predictor(read)[0, len(prefix) :, 0].exp().numpy()


def draw_flips(bias: float, n: int) -> list[int]:
    """`n` fresh flips of a coin that shows heads (0) with probability `bias`."""
    return (np.random.default_rng().random(n) >= bias).astype(int).tolist()
