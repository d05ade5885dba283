"""A prompt made by hand, at work in a network: its vectors, what they do to the predictions, and the landscape around them.

Every function runs the network's own forward pass. A prompt has token-space rows [K, V] - one-hot rows are flips, rows on the
simplex hold shares of a flip, any others are free - and, where it comes from a tuned soft prompt, a part off the token plane.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor import measure
from tutor.core.losses import kl
from tutor.core.types import LogProbs, Tokens
from tutor.measure import exact
from tutor.methods import HardPT
from tutor.methods.hard import list_prompts
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.sources import AbstractSource
from tutor.sources.source import sample_evenly
from tutor.training.loop import Training
from tutor.training.recipe import Recipe

LENGTH = 50
"""Flips after which a prompt is judged, as in the papers' tuning."""
SEQUENCES, COARSE = 64, 32
"""Sequences of the target that judge one prompt, and each of the many prompts of a landscape."""
SEED = 0


def attach_prompt(base: Predictor, rows: Float[np.ndarray, "K V"], beyond: Float[np.ndarray, "K E"] | None = None) -> Predictor:
    """A frozen copy of a network behind a prompt that was made by hand.

    Parameters
    ----------
    rows
        [K, V] the prompt in token space; a one-hot row is a token.
    beyond
        [K, E] what is added to the embedded rows.

    Raises
    ------
    ValueError
        Where the shapes do not fit the network.
    """
    rows = np.asarray(rows, dtype=np.float32).reshape(len(rows), -1) if len(rows) else np.zeros((0, base.vocab), np.float32)
    if rows.shape[1] != base.vocab:
        raise ValueError(f"rows have {rows.shape[1]} entries and the network has {base.vocab} symbols; both must be the same")
    vectors = base.embed(torch.from_numpy(rows)).detach()
    if beyond is not None:
        if beyond.shape != vectors.shape:
            raise ValueError(f"beyond has the shape {beyond.shape} and the prompt {tuple(vectors.shape)}; both must be the same")
        vectors = vectors + torch.as_tensor(beyond, dtype=torch.float32)
    tuned = base.frozen_copy()
    tuned.embedding_prompt = RealPrompt(vectors).requires_grad_(False)
    return tuned


@torch.no_grad()
def split_prompt(tuned: Predictor) -> tuple[Float[np.ndarray, "K V"], Float[np.ndarray, "K E"]]:
    """A tuned prompt as amounts of tokens and a rest.

    Returns
    -------
    tuple
        Rows [K, V] in token space (least squares), and the part [K, E] of the vectors that no mixture of tokens can make.
    """
    vectors = tuned.prompt()
    plane = tuned.embed.weight                                                             # (E, V)
    rows = torch.linalg.lstsq(plane, (vectors - tuned.embed.bias).T).solution.T
    return rows.numpy(), (vectors - tuned.embed(rows)).numpy()


@dataclass(frozen=True)
class PromptTrial:
    """What a prompt did on a target: cumulative regret over the generator [T] in nats, and what the prompt is worth in flips."""

    regret: Float[np.ndarray, " T"]
    worth: measure.PseudoCounts


@torch.inference_mode()
def try_prompt(tuned: Predictor, on: AbstractSource) -> PromptTrial:
    """Measure what a prompted network does on a target: regret, and the flips that its prompt is worth.

    The regret of the nearest exact predictor is known without sampling, and the network differs from it by little: only that
    difference is sampled, so a few sequences are enough to tell whether a prompt lies below the best of all pseudo-counts.

    Raises
    ------
    ValueError
        Where the vocabularies differ.
    """
    judge = _Judge(on, SEQUENCES)
    log_p = tuned(judge.tokens)
    worth = measure.nearest_pseudo_counts(log_p, judge.tokens)
    away = judge.divergence(log_p) - judge.divergence(worth.twin.log_bayes(judge.tokens))
    return PromptTrial(exact.cumulative_regret(predictor=worth.twin, on=on, length=LENGTH) + away.cumsum(0).numpy(), worth)


@dataclass(frozen=True)
class RegretLandscape:
    """Regret after 50 flips (nats) behind a single prompt vector: entry [i, j] belongs to the row (across[j], up[i]) in token space."""

    across: Float[np.ndarray, " J"]
    up: Float[np.ndarray, " I"]
    regret: Float[np.ndarray, "I J"]

    @property
    def best(self) -> tuple[float, float, float]:
        """The lowest point of the grid: its row in token space and its regret."""
        i, j = np.unravel_index(self.regret.argmin(), self.regret.shape)
        return float(self.across[j]), float(self.up[i]), float(self.regret[i, j])

    def height(self, heads: float, tails: float) -> float | None:
        """The same as `at`, None beyond the grid."""
        inside = self.across[0] <= heads <= self.across[-1] and self.up[0] <= tails <= self.up[-1]
        return self.at(heads, tails) if inside else None

    def at(self, heads: float, tails: float) -> float:
        """Regret (nats) between the points of the grid, linear from one to the next; beyond the grid that of its edge."""
        (j, across), (i, up) = _cell(self.across, heads), _cell(self.up, tails)
        rows = self.regret[i : i + 2, j] * (1 - across) + self.regret[i : i + 2, j + 1] * across
        return float(rows[0] * (1 - up) + rows[1] * up)


def _cell(axis: Float[np.ndarray, " P"], value: float) -> tuple[int, float]:
    """The point of an axis before `value`, and how far on the way to the next it lies."""
    at = int(np.clip(np.searchsorted(axis, value) - 1, 0, len(axis) - 2))
    return at, float(np.clip((value - axis[at]) / (axis[at + 1] - axis[at]), 0, 1))


def regret_landscape(base: Predictor, on: AbstractSource, *, low: float = -4.0, high: float = 4.0, points: int = 25) -> RegretLandscape:
    """Regret of a coin network behind every prompt of one vector on a square grid of token space.

    Parameters
    ----------
    low, high, points
        Ends of the grid and points on a side; steps are such that corners and the origin lie on it.

    Returns
    -------
    RegretLandscape
        Regret in nats after 50 flips.

    Raises
    ------
    ValueError
        For other numbers of sides, whose landscape has no plane.
    """
    if base.vocab != 2:
        raise ValueError(f"the network has {base.vocab} symbols; only the one-token prompts of a coin (2 symbols) lie in a plane")
    axis, judge, tuned = np.linspace(low, high, points), _Judge(on, COARSE), attach_prompt(base, np.zeros((1, 2)))
    rows = torch.from_numpy(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 1, 2)).float()  # (I*J, 1, V)
    found = []
    with torch.inference_mode():
        level = judge.level(base)
        for row in rows:
            tuned.embedding_prompt.rows.copy_(base.embed(row))
            found.append(level + float(judge.divergence(tuned(judge.tokens)).sum()))
    return RegretLandscape(axis, axis, np.array(found).reshape(points, points))


def optimizer_path(base: Predictor, on: AbstractSource, start: Float[np.ndarray, "K V"], *, recipe: Recipe) -> Float[np.ndarray, "S K V"]:
    """Where the optimiser takes a prompt in token space (RealPT).

    Parameters
    ----------
    start
        [K, V] the rows that it starts from.

    Returns
    -------
    [S, K, V]
        Before the first step and after each.
    """
    training, path = start_tuning(base, on, start, recipe), [np.array(start, dtype=np.float32)]
    while not training.done:
        training.advance()
        path.append(training.predictor.token_prompt.rows.detach().numpy().copy())
    return np.stack(path)


def start_tuning(base: Predictor, on: AbstractSource, start: Float[np.ndarray, "K V"], recipe: Recipe) -> Training:
    """A training of RealPT that begins at given rows [K, V] instead of random ones."""
    tuned = base.frozen_copy()
    tuned.token_prompt = RealPrompt(torch.as_tensor(np.array(start), dtype=torch.float32))
    return Training(tuned, on, recipe, SEED)


@dataclass(frozen=True)
class PromptRanking:
    """Every hard prompt of one length, in lexicographic order, and what each costs over the target's ideal predictor (nats per token)."""

    prompts: list[tuple[int, ...]]
    scores: Float[np.ndarray, " P"]


def rank_prompts(base: Predictor, on: AbstractSource, length: int) -> PromptRanking:
    """Score all V^length hard prompts of one length on the same sequences.

    Returns
    -------
    PromptRanking
        In lexicographic order, nats per token over the target's ideal predictor.

    Raises
    ------
    ValueError
        Where there are more prompts than HardPT may try.
    """
    judging = Recipe(length=LENGTH, stratified=True)
    search = HardPT(length=length, sequences=COARSE if length > 6 else SEQUENCES).start(base, on, judging, SEED)
    while not search.done:
        search.advance()
    prompts = [tuple(row) for row in list_prompts(base.vocab, length).tolist()]
    return PromptRanking(prompts, search.findings()["scores"].numpy())


def judging_quantiles() -> Float[np.ndarray, "B T"]:
    """The chances that made the sequences which judge a prompt: on any coin a flip is heads where its chance is below that of heads."""
    return sample_evenly(SEQUENCES, 1 + LENGTH, np.random.default_rng(SEED))[:, 1:]


class _Judge:
    """Sequences of a target that are the same for everyone, and what its ideal predictor says of them."""

    def __init__(self, on: AbstractSource, n: int):
        self.tokens: Tokens = on.draw(n, LENGTH, SEED, stratified=True).tokens
        self.log_bayes: Tensor = on.log_bayes(self.tokens)
        self.on = on

    def level(self, base: Predictor) -> float:
        """What to add to a divergence for the regret: by the exact predictor nearest to `base`, whose regret needs no sequences."""
        twin = measure.nearest_pseudo_counts(base(self.tokens), self.tokens).twin
        known = exact.cumulative_regret(predictor=twin, on=self.on, length=LENGTH)[-1]
        return float(known - self.divergence(twin.log_bayes(self.tokens)).sum())

    def divergence(self, log_p: LogProbs) -> Float[Tensor, " T"]:
        """Mean KL(ideal || predictions) of each flip, in nats."""
        return kl(self.log_bayes, log_p.double()).mean(0)
