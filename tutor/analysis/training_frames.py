"""What the film of a run shows: states in one plane, predictions beside the ideal ones, and a prompt on its way.

A film exists as soon as training begins. Until the run is finished its plane is fitted on the newest frame, so that a
network can be watched while it learns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float

from tutor import measure
from tutor.analysis.run_states import SeenFlips, StateCloud, count_seen_flips
from tutor.core.rng import stream
from tutor.runs.folder import RunFolder
from tutor.runs.frames import PROBE_SEED, PROBES, Frame
from tutor.runs.io.disk import StoreError
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec

MAX_STATES = 450
"""States shown of one moment: where the film holds more, every second or third flip of its sequences."""


@dataclass(frozen=True)
class StateHistory:
    """The history of a network's states through its pretraining: per filmed step [B, T, C] in one plane, and what each state has seen."""

    steps: list[int]
    moments: list[Float[np.ndarray, "B T C"]]
    seen: SeenFlips
    explained: Float[np.ndarray, " C"]


def project_training(run: Run, base: StateCloud | None = None) -> StateHistory | None:
    """Project the film of a pretraining onto one plane.

    Parameters
    ----------
    base
        The plane; that of the newest frame when not given.

    Returns
    -------
    StateHistory or None
        None before the first frame.
    """
    shots = _shots(run)
    if not shots:
        return None
    known = _known(run.spec, shots[-1])
    projection = base.projection if base else _newest(shots[-1], known)
    moments = [projection.whitened(shot.states.astype(np.float64)) for shot in shots]
    return StateHistory([shot.step for shot in shots], moments, known, projection.explained_variance)


@dataclass(frozen=True)
class _Shot:
    """What is shown of one frame: every `stride`-th state [B, T, D] and prediction [B, T, V] of the data, and all of its tokens."""

    step: int
    states: np.ndarray
    probs: np.ndarray
    tokens: np.ndarray
    stride: int
    tap: str
    beliefs: np.ndarray | None


def _shots(run: Run) -> list[_Shot]:
    """The film as it stands; a frame of a running computation may be gone before it is read."""
    found = []
    for step in run.folder.film.steps():
        try:
            found.append(_shot(run.folder, step))
        except StoreError:
            if run.status.state == "done":
                raise
    return found


@lru_cache(maxsize=128)
def _shot(folder: RunFolder, step: int) -> _Shot:
    """Kept, because a film that grows is asked for again and again: 100 kB each at width 128."""
    frame = folder.frame(step)
    stride = max(1, -(-frame.tokens.size // MAX_STATES))
    states = frame.states[:, frame.prompt_end :][:, : frame.tokens.shape[1] : stride]  # row t has seen t flips
    beliefs = None if frame.beliefs is None else frame.beliefs.copy()
    return _Shot(step, states.copy(), frame.probs[:, ::stride].copy(), frame.tokens, stride, frame.tap, beliefs)


def _known(spec: RunSpec, shot: _Shot) -> SeenFlips:
    on, (B, T) = spec.on or spec.source, shot.tokens.shape
    batch = on.sample(PROBES, T, stream(PROBE_SEED, "probe"))  # those of the camera
    return count_seen_flips(shot.tokens, np.asarray(batch.latent)[:B], on).every(shot.stride)


def _newest(shot: _Shot, known: SeenFlips) -> measure.Projection:
    states = shot.states.astype(np.float64)
    projection = measure.fit_projection(measure.States({shot.tap: states}, 0, shot.tap))
    return projection.facing(projection.whitened(states), known.flips, known.ratio)


@dataclass(frozen=True)
class PredictionHistory:
    """Probability of heads before each filmed flip [B, T]: by the ideal predictor, and by the network step by step."""

    steps: list[int]
    ideal: Float[np.ndarray, "B T"]
    moments: list[Float[np.ndarray, "B T"]]
    seen: SeenFlips


def read_predictions(run: Run) -> PredictionHistory | None:
    """The filmed predictions of a network in training beside those of the exact Bayes predictor of its source.

    Returns
    -------
    PredictionHistory or None
        None without a film or without an exact predictor.
    """
    source, shots = run.spec.on or run.spec.source, _shots(run)
    if not shots or not hasattr(source, "log_bayes"):
        return None
    newest = shots[-1]
    tokens = torch.from_numpy(newest.tokens.astype(np.int64))
    ideal = source.log_bayes(tokens)[..., 0].exp().numpy()[:, :: newest.stride]
    moments = [shot.probs[..., 0].astype(np.float64) for shot in shots]
    return PredictionHistory([shot.step for shot in shots], ideal, moments, _known(run.spec, newest))


@dataclass(frozen=True)
class BeliefHistory:
    """Beliefs about the hidden state, read off every layer of a network in training [F, L, B, T, S], and their R^2 [F, L]."""

    steps: list[int]
    moments: Float[np.ndarray, "F L B T S"]
    r2: Float[np.ndarray, "F L"]


def read_belief_history(run: Run) -> BeliefHistory | None:
    """The beliefs in the film of a pretraining on a hidden Markov source; None without a film."""
    shots = [shot for shot in _shots(run) if shot.beliefs is not None]
    if not shots:
        return None
    moments = np.stack([shot.beliefs for shot in shots]).astype(np.float64)
    exact = measure.believe_histories(run.spec.source, run.spec.recipe.length)[-moments.shape[2]:]
    return BeliefHistory([shot.step for shot in shots], moments, measure.score_readings(moments, exact))


@dataclass(frozen=True)
class TuningHistory:
    """The history of a prompted network's trajectories through its tuning: per filmed step [B, K+T, C] in the plane of its base."""

    steps: list[int]
    trails: list[Float[np.ndarray, "B KT C"]]
    prompt_end: int


def project_tuning(run: Run, base: StateCloud) -> TuningHistory | None:
    """Project the film of a tuning onto the plane of its base.

    Returns
    -------
    TuningHistory or None
        None where no film is kept, or it was taken at another tap than the plane.
    """
    frames: Sequence[Frame] = run.frames()
    if len(frames) < 2 or frames[0].states.shape[-1] != len(base.projection.mean):
        return None
    trails = [base.projection.whitened(np.asarray(frame.states, dtype=np.float64)) for frame in frames]
    return TuningHistory([frame.step for frame in frames], trails, frames[0].prompt_end)
