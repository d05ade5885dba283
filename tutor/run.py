"""A run as researchers hold it in a notebook: its specification, its numbers, its film and its predictors."""

from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from tutor.files import StoreError
from tutor.folder import RunFolder
from tutor.frames import Frame
from tutor.predictors import Predictor
from tutor.spec import RunSpec
from tutor.status import Status


@runtime_checkable
class Bases(Protocol):
    """Whatever can find the finished pretraining of a tuning; a store can."""

    def base_of(self, spec: RunSpec) -> "Run": ...


class Run:
    """One run, read from its folder when asked; every read of a finished run is checked against its checksum."""

    def __init__(self, folder: RunFolder, spec: RunSpec, bases: Bases):
        self.folder, self.spec, self.key, self._bases = folder, spec, folder.key, bases

    @property
    def status(self) -> Status:
        """Where the run stands now."""
        return self.folder.status()

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json says: label, sources evaluated on, regret quartiles, trainable numbers, seconds."""
        return self.folder.summary()

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Regret curves in nats, "regret/<i>/<measure>": [T] for a pretraining, [N, T] for a tuning."""
        return self.folder.arrays()

    def events(self) -> list[dict[str, Any]]:
        """What every step measured, oldest first."""
        return self.folder.events()

    def frames(self) -> list[Frame]:
        """The film of training, oldest first; of a tuning, of repetition 0."""
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
        """The network of repetition 0, with its trained weights."""
        return self.predictor_of(0)

    def predictor_of(self, repetition: int) -> Predictor:
        """The network of one repetition. StoreError when its weights are not kept."""
        if not self.spec.is_tuning:
            return rebuilt(initial(self.spec), self._weights, self)
        prefix = f"{repetition}/"
        own = {name.removeprefix(prefix): tensor for name, tensor in self._weights.items() if name.startswith(prefix)}
        method = self.spec.method
        attached = method.attach(self._bases.base_of(self.spec).predictor, tune_seed(self.spec, repetition))
        return rebuilt(method.finished(attached), own, self)

    @cached_property
    def _weights(self) -> dict[str, Tensor]:
        return self.folder.weights()


def initial(spec: RunSpec) -> Predictor:
    """The network of `spec` before its first step."""
    return spec.body.build(spec.source.vocab, spec.seeds.pretrain)


def tune_seed(spec: RunSpec, repetition: int) -> int:
    """Seed of one repetition of a tuning."""
    return spec.seeds.tune + repetition


def kept_weights(predictor: Predictor) -> dict[str, Tensor]:
    """What a tuned predictor adds to its base, by name in its state dictionary."""
    own = predictor.state_dict()
    return {name: own[name] for name in predictor.trainable_tensors() if name in own}


def rebuilt(predictor: Predictor, weights: dict[str, Tensor], run: Run) -> Predictor:
    """`predictor` with its weights replaced by those of `run`. StoreError when they are not the ones it needs."""
    path = run.folder.file("weights.safetensors")
    needed = kept_weights(predictor) if run.spec.is_tuning else predictor.state_dict()
    if needed and not weights:
        raise StoreError(f"{path} does not keep these weights; shipped runs keep those of repetition 0, if any")
    if weights.keys() != needed.keys() or any(weights[name].shape != needed[name].shape for name in needed):
        raise StoreError(f"{path} is damaged: its tensors are not those of {run.spec.label}")
    predictor.load_state_dict(weights, strict=False)
    return predictor
