"""What the Attention page shows: a list read with and without a prefix, its maps, its bias, and the prefix changed by hand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.core.types import Tokens
from tutor.measure.greedy_decoding import decode_greedily
from tutor.predictors import Predictor
from tutor.predictors.prefix_memory import AbstractMemory, KeyValueMemory
from tutor.runs.spec import RunSpec
from tutor.sources import Lists
from tutor.sources.lists import SOLVE


@dataclass(frozen=True)
class BiasSides:
    """What one head says at each position, before the output map [T, dh], and both sides of  t_prefix = (1 - a) t + a W_V mu.

    without: t. behind: t_prefix. right: the right side. share: a. rank: dimensions of the second summand over these positions.
    """

    without: Float[np.ndarray, "T dh"]
    behind: Float[np.ndarray, "T dh"]
    right: Float[np.ndarray, "T dh"]
    share: Float[np.ndarray, " T"]
    rank: int

    @property
    def difference(self) -> float:
        """Largest difference between both sides."""
        return float(np.abs(self.behind - self.right).max())


@dataclass(frozen=True)
class HeadMaps:
    """One layer and head while a list and an answer are read: attention [T, K+T] without and behind the prefix, and rescaled."""

    without: Float[np.ndarray, "T T"]
    behind: Float[np.ndarray, "T KT"]
    rescaled: Float[np.ndarray, "T T"]
    sides: BiasSides

    @property
    def difference(self) -> float:
        """Largest difference between the rescaled map and the one without a prefix."""
        return float(np.abs(self.rescaled - self.without).max())


def draw_example(source: Lists) -> str:
    """A list that was never trained on, as somebody would type it."""
    return " ".join(map(str, source.held_out().sample(1, source.items, 2).tokens[0].tolist()))


def parse_digits(source: Lists, text: str) -> tuple[int, ...]:
    """The digits of a list that somebody typed, with or without spaces.

    Raises
    ------
    ValueError
        In one sentence, where it is no list of this source.
    """
    parts = text.replace(",", " ").split()
    together = source.digits <= 10 and all(part.isascii() and part.isdigit() for part in parts)
    digits = list("".join(parts)) if together else parts
    allowed = source.symbols[:source.digits]
    wrong = [digit for digit in digits if digit not in allowed]
    if wrong:
        raise ValueError(f"the list has '{wrong[0][:20]}'; its digits are {allowed[0]} to {allowed[-1]}")
    if len(digits) != source.items:
        raise ValueError(f"the list has {len(digits)} digits; this network reads {source.items}")
    return tuple(map(int, digits))


def answer_list(network: Predictor, source: Lists, digits: Sequence[int]) -> Tokens:
    """A list and what a network answers to it, greedily.

    Returns
    -------
    [1, 2 items]
        The digits and then the answer.
    """
    tokens = torch.tensor([[*digits, *[0] * source.items]])
    return decode_greedily(network, tokens, torch.tensor([source.items]))


def judge_answer(answer: Sequence[int], solutions: Mapping[str, Sequence[int]], wanted: Collection[str]) -> str:
    """Say in words whether an answer is right for one of the `wanted` tasks, else which task it answers or comes nearest to."""
    agree = {task: sum(one == other for one, other in zip(answer, solution, strict=True)) for task, solution in solutions.items()}
    solved = [task for task, digits in agree.items() if digits == len(answer)]
    right = [task for task in solved if task in wanted]
    if right:
        return f"right for {right[0]}"
    if solved:
        return f"this is {' or '.join(solved)}"
    nearest = max(agree, key=agree.get)
    return f"nearest to {nearest}: {agree[nearest]} of {len(answer)} digits"


def solve_tasks(digits: Sequence[int], tasks: Iterable[str]) -> dict[str, list[int]]:
    """The right answer to a list, by task."""
    return {task: SOLVE[task](np.array([digits]))[0].tolist() for task in tasks}


def score_tasks(network: Predictor, source: Lists, tasks: Iterable[str], n: int = 100) -> dict[str, float]:
    """Share of held-out lists that a network answers without a mistake, by task.

    Parameters
    ----------
    n
        Lists per task.
    """
    return {task: measure.accuracy(network, source.model_copy(update={"tasks": (task,), "weights": ()}), n=n) for task in tasks}


def first_prefix_layer(spec: RunSpec) -> int:
    """The first layer that has a prefix: what it reads is the same as without one."""
    return spec.body.layers - (spec.method.layers or spec.body.layers)


def edit_prefix(
    tuned: Predictor, pull: float = 1.0, push: float = 1.0, *, without: Collection[int] = (), values: Predictor | None = None
) -> Predictor:
    """The same network with another prefix: keys and values scaled, rows left out, or the values of another prefix.

    Parameters
    ----------
    pull, push
        Factors on the keys (how strongly the prefix draws attention) and on the values (what it then adds).
    without
        Rows that are left out.
    values
        Another tuning of the same network, whose values stand in the place of its own, row by row.

    Raises
    ------
    ValueError
        Where the other prefix has other rows.
    """
    other = tuned.frozen_copy()
    own, theirs = _memories(tuned), _memories(values or tuned)
    if [memory.rows()[0].shape for memory in own] != [memory.rows()[1].shape for memory in theirs]:
        raise ValueError("the values come from a prefix of another shape; it must have as many vectors in the same layers")
    sources = iter(theirs)

    def edited(memory: AbstractMemory) -> KeyValueMemory:
        keys, said = memory.rows()[0], next(sources).rows()[1]
        stay = [row for row in range(keys.shape[1]) if row not in without]
        return KeyValueMemory(keys[:, stay] * pull, said[:, stay] * push, memory.placement)

    with torch.no_grad():
        other.body.replace_memory(edited)
    return other


def _memories(network: Predictor) -> list[AbstractMemory]:
    return [block.attn.memory for block in network.body.blocks if isinstance(block.attn.memory, AbstractMemory)]


def fill_gaps(columns: Float[np.ndarray, "*rows kept"], without: Collection[int]) -> Float[np.ndarray, "*rows all"]:
    """Columns of a prefix without some rows, with zeros where these were, so that every other row keeps its place."""
    return np.insert(columns, [row - before for before, row in enumerate(sorted(without))], 0.0, axis=-1)


def read_head(base: Predictor, tuned: Predictor, tokens: Tokens, layer: int, head: int) -> HeadMaps:
    """Attention maps of one layer and head with and without a prefix, for one sequence.

    Parameters
    ----------
    tokens
        [1, T].

    Returns
    -------
    HeadMaps
        The maps, the rescaled one, and both sides of the bias equation.
    """
    without, behind = (measure.attention(network, tokens)[layer] for network in (base, tuned))
    maps = (maps[0, head].numpy() for maps in (without.weights, behind.weights, behind.content))
    return HeadMaps(*maps, _sides(without, behind, head))


def _sides(without: measure.LayerAttention, behind: measure.LayerAttention, head: int) -> BiasSides:
    old, share, added = without.output[0, head], behind.share[0, head], behind.bias[0, head]
    rank = int(torch.linalg.matrix_rank(added, rtol=1e-4)) if behind.memory else 0
    right = (1 - share)[:, None] * old + added
    return BiasSides(old.numpy(), behind.output[0, head].numpy(), right.numpy(), share.numpy(), rank)


def measure_attention_shares(tuned: Predictor, source: Lists, n: int = 400) -> Float[np.ndarray, "L N K"]:
    """How the position before the first answer divides its attention among the rows of the prefix.

    Returns
    -------
    [L, N, K]
        Shares per layer and held-out list; each row of K sums to one.
    """
    tokens = source.held_out().sample(n, source.natural_length, 9).tokens
    return measure.spread_over_prefix(tuned, tokens, at=source.items).numpy()


def as_batch(tokens: Iterable[int]) -> Tokens:
    """One sequence as a batch."""
    return torch.tensor([list(tokens)], dtype=torch.int64)
