"""What a source is: it draws token sequences and knows what an ideal predictor would say about them."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tutor.core.rng import Rng
from tutor.core.types import Counts, LogProbs, Mask, Spec, Tokens


@dataclass(frozen=True)
class Batch:
    """Sequences, the hidden cause that each was drawn from, and which tokens are asked.

    tokens: [B, T]. latent: [B, ...], of the coin family the bias [B, V]. mask: [B, T], the positions that a loss counts.
    """

    tokens: Tokens
    latent: Any
    mask: Mask

    def parts(self, size: int) -> Iterator["Batch"]:
        """The same sequences, `size` at a time."""
        for start in range(0, len(self.tokens), size):
            these = slice(start, start + size)
            yield Batch(self.tokens[these], self.latent[these], self.mask[these])


class AbstractSource(Spec):
    """A distribution over token sequences; the object is its own configuration.

    A subclass has a `kind`, its fields, `vocab`, `label` and `sample`; one that knows its ideal predictor is an `AbstractSolved`.
    """

    lab: ClassVar[str] = "others"
    """Which lab runs on this source belong to: the folder of those that are shipped."""
    has_answers: ClassVar[bool] = False
    """Whether each run of unmasked tokens is an answer that is right or wrong as a whole."""

    @property
    @abstractmethod
    def vocab(self) -> int:
        """Number of symbols V."""

    @property
    @abstractmethod
    def label(self) -> str:
        """A few words that name this source in legends and tables."""

    @property
    def in_words(self) -> str:
        """What a predictor of this source expects, as the end of a sentence that begins with "it expects"."""
        return f"sequences of {self.label}"

    @abstractmethod
    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        """Draw sequences.

        Parameters
        ----------
        n, length
            How many, and tokens T of each.
        rng
            A stream or a seed; the same seed draws the same.

        Returns
        -------
        Batch
            Tokens [n, length] with their latent causes and mask.
        """

    def stratified(self, n: int, length: int, rng: Rng) -> Batch:
        """As `sample`, with the sequences spread evenly over the distribution where a source can; each alone is an ordinary draw."""
        return self.sample(n, length, rng)

    def draw(self, n: int, length: int, rng: Rng, *, stratified: bool) -> Batch:
        """Sequences in the way that a recipe or an evaluation asks for: `stratified` or `sample`."""
        return (self.stratified if stratified else self.sample)(n, length, rng)

    @property
    def symbols(self) -> tuple[str, ...]:
        """What each token is called."""
        return tuple(map(str, range(self.vocab)))

    @property
    def writes(self) -> bool:
        """Whether the answers are sentences, so that they can be better or worse and not only right or wrong."""
        return False

    @property
    def natural_length(self) -> int | None:
        """Tokens of a sequence where the source itself has a measure, None where any length is as good."""
        return None

    def written(self, tokens: Tokens) -> Mask:
        """Which tokens of its sequences are text; the others fill up what stands behind the last document."""
        return torch.ones_like(tokens, dtype=torch.bool)

    def held_out(self) -> "AbstractSource":
        """The same source over what training never draws; itself where nothing is held out."""
        return self

    def related(self) -> tuple["AbstractSource", ...]:
        """Sources of the same vocabulary on which a network that was trained on this one is measured as well."""
        return ()


class AbstractSolved(AbstractSource):
    """A source of which the ideal predictor is known."""

    @abstractmethod
    def log_truth(self, batch: Batch) -> LogProbs:
        """What the generator, who knows the latent, predicts: log p(x_t | x_<t, latent) in nats, [B, T, V]."""

    @abstractmethod
    def log_bayes(self, tokens: Tokens) -> LogProbs:
        """The exact posterior predictive log p(x_t | x_<t) in nats.

        Parameters
        ----------
        tokens
            [B, T]; entry t of the result sees only the tokens before t.

        Returns
        -------
        [B, T, V]
        """


class AbstractExchangeable(AbstractSolved):
    """The coin family: given a latent bias the tokens are independent, so counts say everything a predictor can know.

    The latent is a bias vector p [B, V]. Subclasses give the three count functions in float64; an exact predictor,
    the enumeration tests and `tutor.measure.exact` follow from them. The posterior given counts is Genewein et al. 2025, section 2.
    """

    lab = "coins"

    @abstractmethod
    def bias_at(self, quantiles: Float[np.ndarray, "B W"]) -> Float[np.ndarray, "B V"]:
        """The bias vectors at these points of the unit cube (W = V - 1): uniform points give draws from the prior."""

    @abstractmethod
    def log_marginal(self, counts: Counts) -> Float[Tensor, "*batch"]:
        """log probability (nats) of any one sequence with these counts, averaged over the latent."""

    @abstractmethod
    def log_predictive(self, counts: Counts) -> Float[Tensor, "*batch V"]:
        """log p(next token | counts) (nats), the exact posterior predictive."""

    @abstractmethod
    def neg_entropy(self, counts: Counts) -> Float[Tensor, "*batch"]:
        """E[ sum_v p_v log p_v | counts ] (nats), the negative entropy that the generator itself cannot remove."""

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        """Draw a bias per sequence, then `length` independent tokens from it. The latent is the bias [B, V], float64."""
        return self._at(np.random.default_rng(rng).random((n, self.vocab - 1 + length)))

    def stratified(self, n: int, length: int, rng: Rng) -> Batch:
        """Sequences from evenly spread points of the unit cube: every n-th part of the prior, and of each token's chance, is met once."""
        return self._at(sample_evenly(n, self.vocab - 1 + length, np.random.default_rng(rng)))

    def _at(self, uniform: Float[np.ndarray, "B VT"]) -> Batch:
        bias = self.bias_at(uniform[:, :self.vocab - 1])
        cumulative = bias.cumsum(1)[:, None, :-1]                                         # (B, 1, V-1)
        tokens = (uniform[:, self.vocab - 1:, None] >= cumulative).sum(-1)                # (B, T)
        return Batch(torch.from_numpy(tokens.astype(np.int64)), torch.from_numpy(bias), torch.ones(tokens.shape, dtype=torch.bool))

    def log_truth(self, batch: Batch) -> LogProbs:
        return batch.latent.log()[:, None].expand(*batch.tokens.shape, self.vocab)

    def log_bayes(self, tokens: Tokens) -> LogProbs:
        return self.log_predictive(count_before(tokens, self.vocab))


PAIRS = 64
"""Points from which on it pays to spread pairs of coordinates evenly as well, and not only each coordinate."""


def sample_evenly(n: int, width: int, rng: np.random.Generator) -> Float[np.ndarray, "n width"]:
    """Points that are each uniform in the unit cube and lie evenly together.

    A Latin hypercube (McKay et al. 1979), or Sobol' points (Owen 1998).

    Returns
    -------
    [n, width]
    """
    if n >= PAIRS:
        engine = torch.quasirandom.SobolEngine(width, scramble=True, seed=int(rng.integers(2**31)))
        return engine.draw(n, dtype=torch.float64).numpy()
    cells = np.broadcast_to(np.arange(n)[:, None], (n, width))
    return (rng.permuted(cells, axis=0) + rng.random(cells.shape)) / n


def count_before(tokens: Tokens, vocab: int) -> Float[Tensor, "B T V"]:
    """How often each symbol stands before position t.

    Returns
    -------
    [B, T, V]
        `[:, 0]` is zero, as a prediction at t sees the tokens before t.
    """
    seen = torch.nn.functional.one_hot(tokens, vocab).double().cumsum(1)
    return torch.cat([torch.zeros_like(seen[:, :1]), seen[:, :-1]], dim=1)


def is_held_out(rows: Int[np.ndarray, "B N"]) -> Bool[np.ndarray, " B"]:
    """Which rows belong to the quarter that is kept for testing.

    A hash decides, so the same row always stands on the same side.

    Parameters
    ----------
    rows
        [B, N] whole numbers that tell one row from another.

    Returns
    -------
    [B]
        True where the row is held out.
    """
    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T.astype(np.uint64):
        # One round of the 64-bit finaliser of MurmurHash3 per entry.
        mixed = (mixed ^ column) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(33)
    return mixed % 4 == 0


def check_sides(values: tuple[float, ...], field: str) -> None:
    """Raise ValueError where a coin or die has fewer than two sides; the message names `field`."""
    if len(values) < 2:
        raise ValueError(f"{field} has {len(values)} entries; at least 2 are needed (a coin has two sides)")


def check_distribution(values: tuple[float, ...], field: str) -> tuple[float, ...]:
    """The same probabilities, checked.

    Raises
    ------
    ValueError
        Where one lies outside 0 to 1, or they do not sum to 1 within 1e-6; the message names `field`.
    """
    outside = [v for v in values if not 0 <= v <= 1]
    if outside:
        raise ValueError(f"{field} holds {outside[0]:g}; every probability must lie between 0 and 1")
    if abs(sum(values) - 1) > 1e-6:
        raise ValueError(f"{field} sums to {sum(values):g}; it must sum to 1")
    return values
