"""Hidden Markov sources: a state that nobody sees moves on with every token, and an ideal predictor holds a belief about it."""

from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import BeforeValidator, Field, field_validator, model_validator
from torch import Tensor

from tutor.core.rng import Rng
from tutor.core.types import LogProbs, Tokens
from tutor.sources.markov_chain import find_parts, find_period, find_reached, long_run
from tutor.sources.matrix_text import Tensor3, parse_matrices
from tutor.sources.processes import PROCESSES, mess3
from tutor.sources.source import AbstractSolved, Batch, check_distribution, sample_evenly

MOST_STATES, MOST_TOKENS = 32, 16


def read_matrices(given: Any) -> Any:
    """The matrices of a process by name, or of a text as `parse_matrices` reads it; anything else as it is."""
    if not isinstance(given, str):
        return given
    named = {name.casefold(): make for name, make in PROCESSES.items()}
    if given.strip().casefold() in named:
        return named[given.strip().casefold()]()
    if not any(letter.isdigit() for letter in given) or given.strip()[:1].isalpha():
        raise ValueError(f"{given.strip()[:40]!r} is no known process; there are {'; '.join(PROCESSES)}, or write the matrices")
    return parse_matrices(given)


class Arrays(NamedTuple):
    """A source in logarithms, float64: start [S], transitions [V, S, S] and emissions [S, V]; minus infinity for what cannot be."""

    start: Float[Tensor, " S"]
    transitions: Float[Tensor, "V S S"]
    emissions: Float[Tensor, "S V"]


class HiddenMarkov(AbstractSolved):
    """A hidden Markov process: in a state, a token and the next state are drawn together (Shai et al. 2024, section 2).

    A family has states that fall into parts between which nothing leads: the start decides which process a sequence is of.
    Periodic and reducible chains are allowed. The latent is the path of states [B, T], each before its token was drawn.
    """

    kind: Literal["hidden_markov"] = "hidden_markov"
    lab = "beliefs"
    transitions: Annotated[Tensor3, BeforeValidator(read_matrices)] = Field(
        mess3(), description="per token a matrix of probabilities from state (row) to next state, or the name of a process: "
                             + "; ".join(PROCESSES), json_schema_extra={"names": list(PROCESSES)})
    start: tuple[float, ...] = Field((), description="probability of each state before the first token; where not given, the shares of "
                                                     "time that it spends in each in the long run")

    @field_validator("transitions")
    @classmethod
    def _is_a_process(cls, transitions: Tensor3) -> Tensor3:
        _check_shape(transitions)
        _check_rows(np.array(transitions))
        return transitions

    @model_validator(mode="after")
    def _starts_somewhere(self):
        if self.start:
            if len(self.start) != self.states:
                raise ValueError(f"start has {len(self.start)} entries for {self.states} states; give one per state")
            check_distribution(self.start, "start")
        never = np.flatnonzero(~find_reached(self._moves(), self.start_probs()))
        if len(never):
            raise ValueError(f"state {never[0]} is never reached; leave it out, or let start or another state lead to it")
        return self

    @property
    def vocab(self) -> int:
        return len(self.transitions)

    @property
    def states(self) -> int:
        """Number of hidden states S."""
        return len(self.transitions[0])

    @property
    def parts(self) -> Int[np.ndarray, " S"]:
        """Number of the process that each state belongs to; all 0 unless the source is a family."""
        return find_parts(self._moves())

    @property
    def label(self) -> str:
        known = next((name for name, make in PROCESSES.items() if make() == self.transitions), "")
        name = known or f"Hidden Markov process, {self.states} states, {self.vocab} tokens"
        return name + (f" from {' / '.join(f'{p:.3g}' for p in self.start)}" if self.start else "")

    @property
    def structure(self) -> str:
        """One sentence on what is special about the chain; "" where it can get from every state to every other without a rhythm."""
        moves, parts = self._moves(), self.parts
        if parts.max():
            return f"Its {self.states} states fall into {parts.max() + 1} parts that never meet, so the start decides for good."
        left = np.flatnonzero(long_run(moves, self.start_probs()) < 1e-12)
        if len(left):
            return f"Sooner or later it leaves state {left[0]} for good, so late tokens differ from early ones."
        period = find_period(moves)
        return f"It has a period of {period}: whoever knows one state knows its place in the rhythm for ever." if period > 1 else ""

    def start_probs(self) -> Float[np.ndarray, " S"]:
        """Probability of each state before the first token, [S]."""
        return np.array(self.start) if self.start else _settled(self.transitions)

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        return self._at(np.random.default_rng(rng).random((n, 1 + length)))

    def stratified(self, n: int, length: int, rng: Rng) -> Batch:
        return self._at(sample_evenly(n, 1 + length, np.random.default_rng(rng)))

    def log_truth(self, batch: Batch) -> LogProbs:
        return arrays_of(self).emissions[batch.latent]

    def log_bayes(self, tokens: Tokens) -> LogProbs:
        """The exact posterior predictive, by the forward algorithm in log space; a token that cannot be tells nothing of the state."""
        return (self.log_beliefs(tokens)[:, :-1, :, None] + arrays_of(self).emissions).logsumexp(2)

    def log_beliefs(self, tokens: Tokens, start: Float[Tensor, "B S"] | None = None) -> Float[Tensor, "B T1 S"]:
        """log probability of each hidden state before every token and after the last.

        Parameters
        ----------
        tokens
            [B, T].
        start
            Log probabilities from which each sequence begins; the source's own when not given.

        Returns
        -------
        [B, T + 1, S]
            Entry t has seen the tokens before t.

        Raises
        ------
        ValueError
            Where a token is outside the vocabulary.
        """
        if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.vocab:
            wrong = tokens[(tokens < 0) | (tokens >= self.vocab)][0]
            raise ValueError(f"a sequence holds token {int(wrong)}; this source has tokens 0 to {self.vocab - 1}")
        known, blind = arrays_of(self), torch.from_numpy(self._moves()).log()
        believed = [known.start.expand(len(tokens), -1) if start is None else start]
        for step in tokens.T:
            joint = (believed[-1][:, :, None] + known.transitions[step]).logsumexp(1)              # (B, S)
            ruled_out = (joint == -torch.inf).all(1, keepdim=True)
            joint = torch.where(ruled_out, (believed[-1][:, :, None] + blind).logsumexp(1), joint)
            believed.append(joint.log_softmax(1))
        return torch.stack(believed, dim=1)

    def _at(self, uniform: Float[np.ndarray, "B T1"]) -> Batch:
        # In every state one uniform number chooses token and next state together.
        both = np.array(self.transitions).transpose(1, 0, 2).reshape(self.states, -1).cumsum(1)
        state = _choose(self.start_probs().cumsum(), uniform[:, 0])
        path, tokens = np.empty((2, len(uniform), uniform.shape[1] - 1), dtype=np.int64)
        for t in range(path.shape[1]):
            path[:, t] = state
            tokens[:, t], state = np.divmod(_choose(both[state], uniform[:, t + 1]), self.states)
        return Batch(torch.from_numpy(tokens), torch.from_numpy(path), torch.ones(path.shape, dtype=torch.bool))

    def _moves(self) -> Float[np.ndarray, "S S"]:
        return np.array(self.transitions).sum(0)


@lru_cache(maxsize=64)
def arrays_of(source: HiddenMarkov) -> Arrays:
    """The probabilities of a source in logarithms."""
    both = torch.tensor(source.transitions, dtype=torch.float64)
    return Arrays(torch.from_numpy(source.start_probs()).log(), both.log(), both.sum(2).T.log())


@lru_cache(maxsize=64)
def _settled(transitions: Tensor3) -> Float[np.ndarray, " S"]:
    moves = np.array(transitions).sum(0)
    shares = long_run(moves, np.full(len(moves), 1 / len(moves)))
    shares[shares < 1e-12] = 0
    return shares / shares.sum()


def _choose(cumulative: Float[np.ndarray, "*B N"], uniform: Float[np.ndarray, " B"]) -> Int[np.ndarray, " B"]:
    """Which interval each number falls into; one of length zero is never chosen, whatever sums round to."""
    return (uniform[:, None] * cumulative[..., -1:] >= cumulative).sum(-1)


def _check_shape(transitions: Tensor3) -> None:
    V, S = len(transitions), len(transitions[0]) if transitions else 0
    if not 2 <= V <= MOST_TOKENS:
        raise ValueError(f"there are matrices for {V} tokens; 2 to {MOST_TOKENS} are needed, one per token")
    if S == 1:
        raise ValueError("there is 1 state, so nothing is hidden; at least 2 are needed (a die is the source Categorical)")
    if not 2 <= S <= MOST_STATES:
        raise ValueError(f"there are {S} states; 2 to {MOST_STATES} are allowed")
    for v, matrix in enumerate(transitions):
        if len(matrix) != S or any(len(row) != S for row in matrix):
            raise ValueError(f"the matrix of token {v} has {len(matrix)} rows of {sorted({len(row) for row in matrix})} entries; "
                             f"every matrix needs {S} rows of {S}")


def _check_rows(matrices: Float[np.ndarray, "V S S"]) -> None:
    wrong = np.argwhere((matrices < 0) | (matrices > 1))
    if len(wrong):
        v, i, j = wrong[0]
        raise ValueError(f"token {v} has {matrices[v, i, j]:g} from state {i} to {j}; every probability must lie between 0 and 1")
    sums = matrices.sum((0, 2))
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > 1e-6:
        raise ValueError(f"the rows of state {worst} sum to {sums[worst]:g} over all tokens; they must sum to 1")
