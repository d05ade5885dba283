"""Where prefixes push the output of an attention layer, in the plane in which they push most, and how one came to do so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.core.types import Tokens
from tutor.predictors import Predictor
from tutor.runs.run import Run
from tutor.sources import Lists

OUTPUT = "body.blocks.{}.attn_out"
"""What an attention layer adds to the residual stream."""


@dataclass(frozen=True)
class PushedOutputs:
    """Outputs of one attention layer [N, 2] at one position over many inputs, in the plane of what the prefixes do."""

    layer: int
    without: Float[np.ndarray, "N two"]
    behind: Mapping[str, Float[np.ndarray, "N two"]]
    explained: float
    centre: Float[np.ndarray, " D"]
    directions: Float[np.ndarray, "two D"]

    def flat(self, outputs: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N two"]:
        """Other outputs of the same layer in the same plane."""
        return (outputs - self.centre) @ self.directions.T

    def moved(self, name: str, network: Predictor, source: Lists) -> "PushedOutputs":
        """The same plane and lists with one prefix, called `name`, as `network` has it now."""
        outputs = _output(network, _lists(source, len(self.without)), source, self.layer)
        return replace(self, behind={**self.behind, name: self.flat(outputs)})


@torch.inference_mode()
def push_outputs(base: Predictor, prefixes: Mapping[str, Predictor], source: Lists, layer: int = 0, n: int = 60) -> PushedOutputs:
    """Outputs of one attention layer where the answer begins, without and behind each of several prefixes, in one plane.

    Parameters
    ----------
    prefixes
        Tunings of `base` by name.
    n
        Lists that are read.
    """
    tokens = _lists(source, n)
    outputs = {name: torch.from_numpy(_output(network, tokens, source, layer)) for name, network in {"": base, **prefixes}.items()}
    moved = torch.cat([outputs[name] - outputs[""] for name in prefixes])
    centre = outputs[""].mean(0)
    everything = torch.cat([out - centre for out in outputs.values()])
    # The plane holds the two strongest directions in which prefixes push.
    directions = torch.linalg.svd(moved, full_matrices=False).Vh[:2]
    flat = {name: ((out - centre) @ directions.T).numpy() for name, out in outputs.items()}
    share = float((everything @ directions.T).square().sum() / everything.square().sum())
    return PushedOutputs(layer, flat.pop(""), flat, share, centre.numpy(), directions.numpy())


def _lists(source: Lists, n: int) -> Tokens:
    return source.held_out().sample(n, source.natural_length, 5).tokens


def _output(network: Predictor, tokens: Tokens, source: Lists, layer: int) -> Float[np.ndarray, "N D"]:
    """What an attention layer says where the answer begins."""
    tap = OUTPUT.format(layer)
    return measure.capture(network, tokens, tap)[tap][:, source.items]


@dataclass(frozen=True)
class PushHistory:
    """The history of a prefix as outputs [B, 2] of a few filmed lists, by tuning step and without it, in the plane of a `PushedOutputs`."""

    steps: list[int]
    without: Float[np.ndarray, "B two"]
    moments: list[Float[np.ndarray, "B two"]]


def read_push_history(run: Run, base: Predictor, plane: PushedOutputs) -> PushHistory | None:
    """The film of a prefix tuning as outputs of one attention layer.

    Parameters
    ----------
    plane
        Layer and plane to project onto.

    Returns
    -------
    PushHistory or None
        None where no film is kept.
    """
    frames, source = run.frames(), run.spec.on
    if len(frames) < 2:
        return None
    # A frame holds the outputs of all layers side by side; a prefix in memory adds no row.
    its = slice(plane.layer * run.spec.body.width, (plane.layer + 1) * run.spec.body.width)
    outputs = [frame.states[:, source.items, its].astype(np.float32) for frame in frames]
    without = _output(base, torch.from_numpy(frames[0].tokens.astype(np.int64)), source, plane.layer)
    return PushHistory([frame.step for frame in frames], plane.flat(without), [plane.flat(output) for output in outputs])
