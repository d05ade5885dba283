"""What the Attention page shows: a list read with and without a prefix, its maps, its biases, and the prefix changed by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.conventions import Tokens
from tutor.measure.decoding import greedy
from tutor.predictors import Predictor
from tutor.predictors.memory import KeyValueMemory
from tutor.run import Run
from tutor.sources import Lists

FIRST = "body.blocks.0.attn_out"
"""What the first attention layer adds to the residual stream."""


@dataclass(frozen=True)
class Reading:
    """One layer and head while a list and an answer are read: attention [T, K+T] without and behind the prefix, and rescaled."""

    without: Float[np.ndarray, "T T"]
    behind: Float[np.ndarray, "T KT"]
    rescaled: Float[np.ndarray, "T T"]

    @property
    def difference(self) -> float:
        """Largest difference between the rescaled map and the one without a prefix."""
        return float(np.abs(self.rescaled - self.without).max())


def example(source: Lists) -> str:
    """A list that was never trained on, as somebody would type it."""
    return " ".join(map(str, source.held_out().sample(1, source.items, 2).tokens[0].tolist()))


def typed(source: Lists, text: str) -> tuple[int, ...]:
    """The digits of a list that somebody typed, with or without spaces. ValueError with one sentence where it is none."""
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


def answer(network: Predictor, source: Lists, digits: Sequence[int]) -> Tokens:
    """The list and what the network answers, greedily: [1, 2 items]."""
    tokens = torch.tensor([[*digits, *[0] * source.items]])
    return greedy(network, tokens, torch.tensor([source.items]))


def changed(tuned: Predictor, pull: float, push: float) -> Predictor:
    """The same network with the prefix's keys times `pull` and its values times `push`."""
    other = tuned.frozen_copy()
    with torch.no_grad():
        other.body.replace_memory(lambda memory: KeyValueMemory(memory.rows()[0] * pull, memory.rows()[1] * push, memory.placement))
    return other


def read(base: Predictor, tuned: Predictor, tokens: Tokens, layer: int, head: int) -> Reading:
    """The maps of one layer and head for one sequence [1, T]."""
    without, behind = (measure.attention(network, tokens)[layer] for network in (base, tuned))
    return Reading(*(maps[0, head].numpy() for maps in (without.weights, behind.weights, behind.content)))


@dataclass(frozen=True)
class Pushed:
    """Outputs of the first attention layer [N, 2] at one position over many inputs, in the plane of what the prefixes do."""

    without: Float[np.ndarray, "N two"]
    behind: Mapping[str, Float[np.ndarray, "N two"]]
    explained: float
    ranks: Mapping[str, int]
    centre: Float[np.ndarray, " D"]
    directions: Float[np.ndarray, "two D"]

    def flat(self, outputs: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N two"]:
        """Other outputs of the same layer in the same plane."""
        return (outputs - self.centre) @ self.directions.T


@torch.inference_mode()
def pushed(base: Predictor, prefixes: Mapping[str, Predictor], source: Lists, n: int = 60) -> Pushed:
    """Where each prefix moves the output of the first attention layer where the answer begins, over `n` lists."""
    tokens = source.held_out().sample(n, source.natural_length, 5).tokens
    outputs = {name: torch.from_numpy(_first_output(network, tokens, source)) for name, network in {"": base, **prefixes}.items()}
    moved = torch.cat([outputs[name] - outputs[""] for name in prefixes])
    centre = outputs[""].mean(0)
    everything = torch.cat([out - centre for out in outputs.values()])
    # The plane holds the two strongest directions in which prefixes push.
    directions = torch.linalg.svd(moved, full_matrices=False).Vh[:2]
    flat = {name: ((out - centre) @ directions.T).numpy() for name, out in outputs.items()}
    share = float((everything @ directions.T).square().sum() / everything.square().sum())
    ranks = {name: measure.prefix_effect(base, network, tokens)[0].rank for name, network in prefixes.items()}
    return Pushed(flat.pop(""), flat, share, ranks, centre.numpy(), directions.numpy())


def _first_output(network: Predictor, tokens: Tokens, source: Lists) -> Float[np.ndarray, "N D"]:
    """What the first attention layer says where the answer begins."""
    return measure.capture(network, tokens, FIRST)[FIRST][:, source.items]


@dataclass(frozen=True)
class Pushing:
    """How a prefix came to push: by tuning step the outputs [B, 2] of a few filmed lists in the plane of `Pushed`, and without it."""

    steps: list[int]
    without: Float[np.ndarray, "B two"]
    moments: list[Float[np.ndarray, "B two"]]


def pushing(run: Run, base: Predictor, plane: Pushed) -> Pushing | None:
    """The film of a prefix tuning of a list network as outputs of its first attention layer; None where no film is kept."""
    frames, source = run.frames(), run.spec.on
    if len(frames) < 2:
        return None
    # A frame holds the outputs of all layers side by side, the first layer's first; a prefix in memory adds no row.
    outputs = [frame.states[:, source.items, :run.spec.body.width].astype(np.float32) for frame in frames]
    without = _first_output(base, torch.from_numpy(frames[0].tokens.astype(np.int64)), source)
    return Pushing([frame.step for frame in frames], plane.flat(without), [plane.flat(output) for output in outputs])


def looked_at(tuned: Predictor, source: Lists, n: int = 400) -> Float[np.ndarray, "L N K"]:
    """How the first answer's position divides its attention among the rows of the prefix, over `n` held-out lists."""
    tokens = source.held_out().sample(n, source.natural_length, 9).tokens
    return measure.spread_over_prefix(tuned, tokens, at=source.items).numpy()


def sequence(tokens: Iterable[int]) -> Tokens:
    """One sequence as a batch."""
    return torch.tensor([list(tokens)], dtype=torch.int64)
