"""Who takes the film of a run: sixteen fixed sequences, shown to the network at the planned steps."""

import numpy as np
import torch

from tutor import measure
from tutor.core.rng import stream
from tutor.methods import Tuning
from tutor.runs.frames import FEW, LONGEST, PROBE_SEED, PROBES, Film, Frame, filmed_steps
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractSolved, HiddenMarkov

MOST_SYMBOLS = 4096                                # of which a frame keeps every probability; of more only that of the token that came
FRAME_BYTES = 2 * 2**20                            # of states; very wide networks are filmed on shorter sequences


class FrameRecorder:
    """Films one training; a frame taken outside the plan (at a pause) is deleted when the next one is written.

    Parameters
    ----------
    spec
        The run; the filmed sequences come from its target, or from its source for a pretraining.
    film
        Where frames are stored.
    """

    def __init__(self, spec: RunSpec, film: Film):
        self.film, self._plan, self._spec = film, set[int](), spec
        on, recipe = spec.on or spec.source, spec.tuning or spec.recipe
        probes = PROBES if isinstance(on, AbstractSolved) else FEW
        row = 2 * probes * spec.body.width * spec.body.layers
        length = max(1, min(recipe.length, LONGEST, FRAME_BYTES // row))
        self.tokens = on.sample(probes, length, stream(PROBE_SEED, "probe")).tokens

    def start(self, job: Tuning) -> None:
        """Plan which steps to film from the size of a frame, and film the current step if it is one of them."""
        frame = self._frame(job)
        self._plan = set(filmed_steps(job.steps, frame_bytes(frame)))
        self.look(job)

    def look(self, job: Tuning) -> None:
        """Film the current step if it is planned."""
        if job.step in self._plan:
            self.shoot(job)

    def shoot(self, job: Tuning) -> None:
        """Film the current step, planned or not; does nothing before `start`."""
        if self._plan:
            self.film.write(self._frame(job))
            self.film.keep_only(self._plan | {job.step})

    def _frame(self, job: Tuning) -> Frame:
        states = measure.capture(job.predictor, self.tokens)
        with torch.inference_mode():
            probs = job.predictor(self.tokens).exp()
            if probs.shape[-1] > MOST_SYMBOLS:
                probs = probs.gather(-1, self.tokens[..., None])
        prompt = {level: rows.detach().numpy().copy() for level, rows in job.predictor.prompt_rows().items()}
        return Frame(job.step, states.prompt_end, states.joined(), probs.numpy(), self.tokens.numpy(), states.main, prompt,
                     self._read_beliefs(job))

    def _read_beliefs(self, job: Tuning) -> np.ndarray | None:
        source, recipe = self._spec.source, self._spec.recipe
        if self._spec.is_tuning or not isinstance(source, HiddenMarkov):
            return None
        return measure.read_layers(job.predictor, source, recipe.length).points


def frame_bytes(frame: Frame) -> int:
    """Size of one frame as it is stored, prompt vectors left out."""
    read = 0 if frame.beliefs is None else frame.beliefs.size
    return 2 * (frame.states.size + frame.probs.size + read) + frame.tokens.size
