"""A run as researchers hold it in a notebook: its specification, its numbers, its film and its predictors."""

from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from tutor.predictors import Predictor
from tutor.runs.evaluations import EvaluationRecord
from tutor.runs.folder import RunFolder
from tutor.runs.frames import Frame
from tutor.runs.io.formats import StoreError
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status


@runtime_checkable
class RunFinder(Protocol):
    """Finds what is kept outside a run's own folder: the pretraining of a tuning, and evaluations. A RunStore is one."""

    def base_of(self, spec: RunSpec) -> "Run":
        """Load the finished pretraining from which the tuning `spec` starts."""
        ...

    def evaluation(self, key: str, evaluation_key: str) -> EvaluationRecord:
        """Load the results of one evaluation of run `key`."""
        ...


class Run:
    """One run, read from its folder on demand; every read of a finished run is checked against its checksum.

    Parameters
    ----------
    folder
        Where the run lies.
    spec
        Its specification.
    shelf
        Where its base and its evaluations are found, usually the RunStore.
    evaluation_key
        The evaluation whose numbers it shows; None for the one made with the training.
    """

    def __init__(self, folder: RunFolder, spec: RunSpec, shelf: RunFinder, evaluation_key: str | None = None):
        self.folder, self.spec, self.key, self._shelf, self._evaluation_key = folder, spec, folder.key, shelf, evaluation_key

    def __repr__(self) -> str:
        return f"Run({self.key!r}: {self.spec.label}, {self.status.state})"

    @property
    def status(self) -> Status:
        """Where the run stands now, read anew each time."""
        return self.folder.status()

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The numbers of the tables: label, trainable parameters, seconds; sources, quartiles of regret (nats) and scores.

        Raises
        ------
        StoreError
            Where the run is not finished, was not evaluated in this way, or is damaged.
        """
        return self._training | self.evaluation.summary | {"evaluation": self.evaluation_key}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Regret curves (nats) under "regret/<i>/<measure>", and the arrays left by the training.

        A curve is [T] for a pretraining and [N, T] for the N repetitions of a tuning; <i> numbers the sources of the evaluation.

        Raises
        ------
        StoreError
            Where the run is not finished, was not evaluated in this way, or is damaged.
        """
        return self.folder.arrays() | self.evaluation.arrays

    @property
    def evaluation_key(self) -> str:
        """Key of the evaluation whose numbers this run shows: the one asked for, else the one made with the training."""
        return self._evaluation_key or self._training.get("evaluation", "")

    @cached_property
    def evaluation(self) -> EvaluationRecord:
        """Results of the evaluation that this run shows.

        Raises
        ------
        StoreError
            Where the run is not finished, or was not evaluated in this way.
        """
        return self._shelf.evaluation(self.key, self.evaluation_key)

    @cached_property
    def _training(self) -> dict[str, Any]:
        return self.folder.summary()

    def events(self) -> list[dict[str, Any]]:
        """List the measurements of every optimiser step, oldest first.

        Raises
        ------
        StoreError
            Where they are damaged.
        """
        return self.folder.events()

    def frames(self) -> list[Frame]:
        """List the frames of the film of training, oldest first; those of a tuning show repetition 0.

        Raises
        ------
        StoreError
            Where a frame of a finished run is damaged.
        """
        found = []
        for step in self.folder.film.steps():
            try:
                found.append(self.folder.frame(step))
            except StoreError:                         # the frame of a pause lives until the next one
                if self.status.state == "done":
                    raise
        return found

    @property
    def predictor(self) -> Predictor:
        """The network of repetition 0 with its trained weights.

        Raises
        ------
        StoreError
            Where its weights are not kept, or not written yet.
        """
        return self.predictor_of(0)

    def predictor_of(self, repetition: int) -> Predictor:
        """Build the network of one repetition with its trained weights.

        Parameters
        ----------
        repetition
            0 for the first; a pretraining has only that.

        Raises
        ------
        StoreError
            Where its weights are not kept, not written yet or damaged, or the base of a tuning is not finished in the store.
        """
        if not self.spec.is_tuning:
            return load_weights(build_initial(self.spec), self._weights, self)
        prefix = f"{repetition}/"
        own = {name.removeprefix(prefix): tensor for name, tensor in self._weights.items() if name.startswith(prefix)}
        method = self.spec.method
        attached = method.attach(self._shelf.base_of(self.spec).predictor, tune_seed(self.spec, repetition))
        return load_weights(method.finished(attached), own, self)

    @cached_property
    def _weights(self) -> dict[str, Tensor]:
        return self.folder.weights()


def build_initial(spec: RunSpec) -> Predictor:
    """Build the network of `spec` as it is before the first step of pretraining."""
    return spec.body.build(spec.source.vocab, spec.seeds.pretrain)


def tune_seed(spec: RunSpec, repetition: int) -> int:
    """Seed of one repetition of a tuning."""
    return spec.seeds.tune + repetition


def select_added_weights(predictor: Predictor) -> dict[str, Tensor]:
    """Select the trained tensors of a tuned predictor, by their name in its state dictionary."""
    own = predictor.state_dict()
    return {name: own[name] for name in predictor.trainable_tensors() if name in own}


def own_weights(predictor: Predictor, spec: RunSpec) -> dict[str, Tensor]:
    """The weights that a pretraining keeps: all of them, or none where they came from elsewhere."""
    return {} if spec.body.pretrained else predictor.state_dict()


def load_weights(predictor: Predictor, weights: dict[str, Tensor], run: Run) -> Predictor:
    """Replace the weights of `predictor` by those of `run`.

    Parameters
    ----------
    predictor
        Changed in place.
    weights
        All tensors of the network for a pretraining; for a tuning those that `select_added_weights` names.
    run
        Where the weights come from.

    Returns
    -------
    Predictor
        `predictor` itself.

    Raises
    ------
    StoreError
        Where names or shapes of the tensors do not fit, or the run does not keep these weights.
    """
    path = run.folder.file("weights.safetensors")
    needed = select_added_weights(predictor) if run.spec.is_tuning else own_weights(predictor, run.spec)
    if needed and not weights:
        raise StoreError(f"{path} does not keep these weights; shipped runs keep those of repetition 0, if any")
    if weights.keys() != needed.keys() or any(weights[name].shape != needed[name].shape for name in needed):
        raise StoreError(f"{path} is damaged: its tensors are not those of {run.spec.label}")
    predictor.load_state_dict(weights, strict=False)
    return predictor
