"""Who takes the film of a run: sixteen fixed sequences, shown to the network at the planned steps."""

import torch

from tutor import measure
from tutor.frames import Film, Frame, filmed_steps
from tutor.methods import Tuning
from tutor.rng import stream
from tutor.sources import AbstractSolved
from tutor.spec import RunSpec

PROBES, FEW = 16, 2
"""Filmed sequences; few of a source without ideal predictor, of which no page draws the states, so that there is room for more frames."""
LONGEST = 50                                       # tokens of a filmed sequence
FRAME_BYTES = 2 * 2**20                            # of states; very wide networks are filmed on shorter sequences


class Camera:
    """Films one training; a frame beside the plan (of a pause) lives until the next frame."""

    def __init__(self, spec: RunSpec, film: Film):
        self.film, self._plan = film, set[int]()
        on, recipe = spec.on or spec.source, spec.tuning or spec.recipe
        probes = PROBES if isinstance(on, AbstractSolved) else FEW
        row = 2 * probes * spec.body.width * spec.body.layers
        length = max(1, min(recipe.length, LONGEST, FRAME_BYTES // row))
        self.tokens = on.sample(probes, length, stream(spec.evaluation.seed, "probe")).tokens

    def start(self, job: Tuning) -> None:
        """Plan the film from the size of the frame as it is now, and take that frame if it is planned."""
        frame = self._frame(job)
        self._plan = set(filmed_steps(job.steps, 2 * (frame.states.size + frame.probs.size) + frame.tokens.size))
        self.look(job)

    def look(self, job: Tuning) -> None:
        """Take a frame if this step is planned."""
        if job.step in self._plan:
            self.shoot(job)

    def shoot(self, job: Tuning) -> None:
        """Take a frame now, of a training that is filmed at all."""
        if self._plan:
            self.film.write(self._frame(job))
            self.film.keep_only(self._plan | {job.step})

    def _frame(self, job: Tuning) -> Frame:
        states = measure.capture(job.predictor, self.tokens)
        with torch.inference_mode():
            probs = job.predictor(self.tokens).exp().numpy()
        prompt = {level: rows.detach().numpy().copy() for level, rows in job.predictor.prompt_rows().items()}
        return Frame(job.step, states.prompt_end, states.joined(), probs, self.tokens.numpy(), states.main, prompt)
