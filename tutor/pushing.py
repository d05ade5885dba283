"""Where prefixes push the output of an attention layer, in the plane in which they push most, and how one came to do so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.conventions import Tokens
from tutor.predictors import Predictor
from tutor.run import Run
from tutor.sources import Lists

OUTPUT = "body.blocks.{}.attn_out"
"""What an attention layer adds to the residual stream."""


@dataclass(frozen=True)
class Pushed:
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

    def moved(self, name: str, network: Predictor, source: Lists) -> "Pushed":
        """The same plane and lists with one prefix, called `name`, as `network` has it now."""
        outputs = _output(network, _lists(source, len(self.without)), source, self.layer)
        return replace(self, behind={**self.behind, name: self.flat(outputs)})


@torch.inference_mode()
def pushed(base: Predictor, prefixes: Mapping[str, Predictor], source: Lists, layer: int = 0, n: int = 60) -> Pushed:
    """Where each prefix moves the output of an attention layer where the answer begins, over `n` lists."""
    tokens = _lists(source, n)
    outputs = {name: torch.from_numpy(_output(network, tokens, source, layer)) for name, network in {"": base, **prefixes}.items()}
    moved = torch.cat([outputs[name] - outputs[""] for name in prefixes])
    centre = outputs[""].mean(0)
    everything = torch.cat([out - centre for out in outputs.values()])
    # The plane holds the two strongest directions in which prefixes push.
    directions = torch.linalg.svd(moved, full_matrices=False).Vh[:2]
    flat = {name: ((out - centre) @ directions.T).numpy() for name, out in outputs.items()}
    share = float((everything @ directions.T).square().sum() / everything.square().sum())
    return Pushed(layer, flat.pop(""), flat, share, centre.numpy(), directions.numpy())


def _lists(source: Lists, n: int) -> Tokens:
    return source.held_out().sample(n, source.natural_length, 5).tokens


def _output(network: Predictor, tokens: Tokens, source: Lists, layer: int) -> Float[np.ndarray, "N D"]:
    """What an attention layer says where the answer begins."""
    tap = OUTPUT.format(layer)
    return measure.capture(network, tokens, tap)[tap][:, source.items]


@dataclass(frozen=True)
class Pushing:
    """How a prefix came to push: by tuning step the outputs [B, 2] of a few filmed lists in the plane of `Pushed`, and without it."""

    steps: list[int]
    without: Float[np.ndarray, "B two"]
    moments: list[Float[np.ndarray, "B two"]]


def pushing(run: Run, base: Predictor, plane: Pushed) -> Pushing | None:
    """The film of a prefix tuning of a list network as outputs of the layer of `plane`; None where no film is kept."""
    frames, source = run.frames(), run.spec.on
    if len(frames) < 2:
        return None
    # A frame holds the outputs of all layers side by side; a prefix in memory adds no row.
    its = slice(plane.layer * run.spec.body.width, (plane.layer + 1) * run.spec.body.width)
    outputs = [frame.states[:, source.items, its].astype(np.float32) for frame in frames]
    without = _output(base, torch.from_numpy(frames[0].tokens.astype(np.int64)), source, plane.layer)
    return Pushing([frame.step for frame in frames], plane.flat(without), [plane.flat(output) for output in outputs])
