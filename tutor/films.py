"""What the film of a run shows: states in one plane, predictions beside the ideal ones, and a prompt on its way.

A film exists as soon as training begins. Until the run is finished its plane is fitted on the newest frame, so that a
network can be watched while it learns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.camera import PROBES
from tutor.frames import Frame
from tutor.rng import stream
from tutor.run import Run
from tutor.spec import RunSpec
from tutor.views import Ground, Seen, seen

MOST = 450
"""States shown of one moment: where the film holds more, every second or third flip of its sequences."""


@dataclass(frozen=True)
class Emergence:
    """Filmed states of a network while it was trained: per step [B, T, C] in one plane, and what each state has seen."""

    steps: list[int]
    moments: list[Float[np.ndarray, "B T C"]]
    seen: Seen
    explained: Float[np.ndarray, " C"]


def emergence(run: Run, base: Ground | None = None) -> Emergence | None:
    """The states of a pretraining in the plane of `base`, or of its newest frame without one; None before the first frame."""
    frames = run.frames()
    if not frames:
        return None
    known, stride = _known(run.spec, frames[-1]), _stride(frames[-1])
    projection = base.projection if base else _newest(frames[-1], known)
    moments = [projection.whitened(_read(frame)[:, ::stride]) for frame in frames]
    return Emergence([frame.step for frame in frames], moments, known.every(stride), projection.explained_variance)


def _stride(frame: Frame) -> int:
    return -(-frame.tokens.size // MOST)


def _read(frame: Frame) -> Float[np.ndarray, "B T D"]:
    """The states of the data alone: row t has seen t flips."""
    return np.asarray(frame.states[:, frame.prompt_end :][:, : frame.tokens.shape[1]], dtype=np.float64)


def _known(spec: RunSpec, frame: Frame) -> Seen:
    on, length = spec.on or spec.source, frame.tokens.shape[1]
    batch = on.sample(PROBES, length, stream(spec.evaluation.seed, "probe"))  # those of the camera
    return seen(frame.tokens, np.asarray(batch.latent)[: len(frame.tokens)])


def _newest(frame: Frame, known: Seen) -> measure.Projection:
    states = _read(frame)
    projection = measure.fit_projection(measure.States({frame.tap: states}, 0, frame.tap))
    return projection.facing(projection.whitened(states), known.flips, known.ratio)


@dataclass(frozen=True)
class Beliefs:
    """Probability of heads before each filmed flip [B, T]: by the ideal predictor, and by the network step by step."""

    steps: list[int]
    ideal: Float[np.ndarray, "B T"]
    moments: list[Float[np.ndarray, "B T"]]
    seen: Seen


def beliefs(run: Run) -> Beliefs | None:
    """What a network in training predicts beside the exact Bayes predictor of its source; None without a film or such a predictor."""
    source, frames = run.spec.on or run.spec.source, run.frames()
    if not frames or not hasattr(source, "log_bayes"):
        return None
    tokens, stride = torch.from_numpy(frames[-1].tokens.astype(np.int64)), _stride(frames[-1])
    ideal = source.log_bayes(tokens)[..., 0].exp().numpy()[:, ::stride]
    moments = [frame.probs[:, ::stride, 0].astype(np.float64) for frame in frames]
    return Beliefs([frame.step for frame in frames], ideal, moments, _known(run.spec, frames[-1]).every(stride))


@dataclass(frozen=True)
class Walk:
    """Tuning steps, and per step the filmed trajectories of a prompted network [B, K+T, C] in the plane of its base."""

    steps: list[int]
    trails: list[Float[np.ndarray, "B KT C"]]
    prompt_end: int


def walk(run: Run, base: Ground) -> Walk | None:
    """How a tuning moved the trajectories; None where no film is kept, or it was taken elsewhere than the plane of `base`."""
    frames: Sequence[Frame] = run.frames()
    if len(frames) < 2 or frames[0].states.shape[-1] != len(base.projection.mean):
        return None
    trails = [base.projection.whitened(np.asarray(frame.states, dtype=np.float64)) for frame in frames]
    return Walk([frame.step for frame in frames], trails, frames[0].prompt_end)
