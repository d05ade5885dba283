"""What one server holds of models from elsewhere: one model, one piece of work at a time, and the prompt that was tuned last."""

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from tutor.llm.background_job import Job
from tutor.llm.causal_model import OwnModel
from tutor.llm.initial_vectors import describe_prior, draw_vectors, hash_text
from tutor.llm.loading import load_model
from tutor.llm.model_location import HubName, ModelError, ModelFolder
from tutor.llm.model_maps import TokenCloud, token_cloud
from tutor.llm.prompt_tuning import PromptRecipe, PromptTuner
from tutor.llm.tuning_text import cut_windows
from tutor.methods.priors import AbstractPrior

MOST_KEPT = 12


@dataclass(frozen=True)
class TuningOrder:
    """What to tune: a prompt of this recipe, on this text, from this prior."""

    how: PromptRecipe
    text: str
    prior: AbstractPrior

    @property
    def made(self) -> dict:
        """The order as plain data, for the file that is saved beside a prompt; of the text only a checksum."""
        return {"prior": describe_prior(self.prior), "text_sha256": hash_text(self.text), "text_characters": len(self.text)}


@dataclass(frozen=True)
class SlotContents:
    """The state of a `ModelSlot` at one moment: the model and the cloud of its vocabulary, the prompt tuned last, and its order."""

    model: OwnModel | None = None
    cloud: TokenCloud | None = None
    tuner: PromptTuner | None = None
    order: TuningOrder | None = None


class ModelSlot:
    """The one model of a server, shared by all its visitors; one piece of work at a time.

    `held` is replaced as a whole, at any time: a reader takes it once and goes on with what was there then. Leaving the page
    changes nothing.
    """

    def __init__(self) -> None:
        self.held = SlotContents()
        self.job: Job | None = None
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._kept: dict[Hashable, Any] = {}

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.active

    def kept(self, about: OwnModel | PromptTuner, asked: Hashable, work: Callable[[], Any]) -> Any:
        """The value of `work()`, computed once per model or tuning and question: a page runs again with every click.

        Parameters
        ----------
        about
            The model or tuning that the value belongs to.
        asked
            The question, as a key.
        """
        asked = (weakref.ref(about), asked)                             # an address would be that of another one when this is gone
        with self._looking:
            if asked in self._kept:
                return self._kept[asked]
            found = work()
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[asked] = found
            return found

    def load(self, place: ModelFolder | HubName, session: str) -> Job:
        """Begin to load a model, which takes the place of the one that is there.

        Raises
        ------
        ModelError
            While something else is at work.
        """
        def work(job):
            self._clear()                                               # first, so that two never need room at once
            model = load_model(place, job.stop_asked)
            self.held = SlotContents(model, token_cloud(model))
            yield 1

        return self._begin(Job(f"loading {place.name}", session, work))

    def tune(self, order: TuningOrder, session: str) -> Job:
        """Begin to tune a prompt for the model; what is wrong with the order is said by the job.

        Raises
        ------
        ModelError
            While something else is at work, or where no model is loaded.
        """
        held = self.held
        model = held.model
        if model is None:
            raise ModelError("no model is loaded; load one first")

        def work(job):
            found = cut_windows(model, order.text, order.how.window)
            tuner = PromptTuner(model, found, order.how, draw_vectors(model, order.prior, order.how.length, order.how.seed))
            self._forget_looks()
            self.held, job.total = replace(held, tuner=tuner, order=order), tuner.cost
            yield from (tuner.cost_of(one.step) for one in tuner.steps())

        return self._begin(Job(f"tuning {order.how.method}", session, work))

    def forget(self) -> None:
        """Put the model away and give its memory back.

        Raises
        ------
        ModelError
            While something is at work.
        """
        with self._lock:
            self._require_idle()
            self._clear()

    def cancel(self, session: str) -> None:
        """Stop the work in progress.

        Raises
        ------
        ModelError
            For any session but the one that began it, while that one is there.
        """
        if self.job is not None and self.job.active:
            if not self.job.may_stop(session):
                raise ModelError("somebody else began this and is still there; only they can stop it")
            self.job.cancel()

    def _clear(self) -> None:
        self.held = SlotContents()
        self._forget_looks()

    def _forget_looks(self) -> None:
        with self._looking:
            self._kept.clear()

    def _require_idle(self) -> None:
        if self.busy:
            raise ModelError(f"the server is {self.job.name} for somebody; wait until it is done, one is worked at a time")

    def _begin(self, job: Job) -> Job:
        with self._lock:
            self._require_idle()
            self.job = job
            return job.start()
