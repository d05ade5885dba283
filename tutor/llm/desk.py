"""What one server holds of models from elsewhere: one model, one piece of work at a time, and the prompt that was tuned last."""

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from tutor.llm.clouds import TokenCloud, token_cloud
from tutor.llm.jobs import Job
from tutor.llm.loading import load
from tutor.llm.model import OwnModel
from tutor.llm.places import Folder, HubName, Refused
from tutor.llm.start import checksum, drawn, told
from tutor.llm.texts import examples
from tutor.llm.tuning import Tuner, Tuning
from tutor.priors import AbstractPrior

MOST_KEPT = 12


@dataclass(frozen=True)
class Order:
    """What shall be tuned: how, on which text, from where."""

    how: Tuning
    text: str
    prior: AbstractPrior

    @property
    def made(self) -> dict:
        """What is told of it beside a prompt that is taken away; of the text only a checksum."""
        return {"prior": told(self.prior), "text_sha256": checksum(self.text), "text_characters": len(self.text)}


@dataclass(frozen=True)
class Held:
    """What is on a desk at one moment: a model with the cloud of its vocabulary, and the prompt tuned last with what was ordered."""

    model: OwnModel | None = None
    cloud: TokenCloud | None = None
    tuner: Tuner | None = None
    order: Order | None = None


class Desk:
    """Shared by all visitors of a server. Whoever comes second is told to wait; leaving the page changes nothing.

    `held` is replaced as a whole, at any time: who looks at it takes it once and goes on with what was there then.
    """

    def __init__(self) -> None:
        self.held = Held()
        self.job: Job | None = None
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._kept: dict[Hashable, Any] = {}

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.active

    def kept(self, about: OwnModel | Tuner, asked: Hashable, work: Callable[[], Any]) -> Any:
        """What `work` finds out about a model or a tuning, done once while it is here: a page runs again with every click."""
        asked = (weakref.ref(about), asked)                             # an address would be that of another one when this is gone
        with self._looking:
            if asked in self._kept:
                return self._kept[asked]
            found = work()
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[asked] = found
            return found

    def load(self, place: Folder | HubName, session: str) -> Job:
        """Begin to load a model, which takes the place of the one that is there. Refused while something else is at work."""
        def work(job):
            self._clear()                                               # first, so that two never need room at once
            model = load(place, job.stop_asked)
            self.held = Held(model, token_cloud(model))
            yield 1

        return self._begin(Job(f"loading {place.name}", session, work))

    def tune(self, order: Order, session: str) -> Job:
        """Begin to tune a prompt for the model. Refused while something else is at work; the job says what else is wrong."""
        held = self.held
        model = held.model
        if model is None:
            raise Refused("no model is loaded; load one first")

        def work(job):
            found = examples(model, order.text, order.how.window)
            tuner = Tuner(model, found, order.how, drawn(model, order.prior, order.how.length, order.how.seed))
            self._forget_looks()
            self.held, job.total = replace(held, tuner=tuner, order=order), tuner.cost
            yield from (tuner.cost_of(one.step) for one in tuner.steps())

        return self._begin(Job(f"tuning {order.how.method}", session, work))

    def forget(self) -> None:
        """Put the model away and give its memory back. Refused while something is at work."""
        with self._lock:
            self._require_idle()
            self._clear()

    def cancel(self, session: str) -> None:
        """Stop what is at work. Refused to anybody but who began it, while that one is there."""
        if self.job is not None and self.job.active:
            if not self.job.may_stop(session):
                raise Refused("somebody else began this and is still there; only they can stop it")
            self.job.cancel()

    def _clear(self) -> None:
        self.held = Held()
        self._forget_looks()

    def _forget_looks(self) -> None:
        with self._looking:
            self._kept.clear()

    def _require_idle(self) -> None:
        if self.busy:
            raise Refused(f"the server is {self.job.name} for somebody; wait until it is done, one is worked at a time")

    def _begin(self, job: Job) -> Job:
        with self._lock:
            self._require_idle()
            self.job = job
            return job.start()
