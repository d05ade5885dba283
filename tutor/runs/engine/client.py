"""Where runs are computed: Dask workers that are told a store and a key, and nothing else.

Numbers and progress live in the run folders; the scheduler only decides who computes what, and when. By default it
lives in the program that needs it, with worker processes of its own; a cluster is joined by its scheduler's address.
"""

import os
import re
import socket
import uuid
from dataclasses import dataclass

from distributed import Client, Future, Security, fire_and_forget

from tutor.runs.engine.local_cluster import EngineError, max_workers
from tutor.runs.engine.scheduler_address import ADDRESS, EMBEDDED
from tutor.runs.engine.scheduler_security import security_for
from tutor.runs.engine.worker_tasks import TASK, list_unfinished_tasks, run_job
from tutor.runs.folder import RunFolder
from tutor.runs.lock import RunBusy
from tutor.runs.spec import RunSpec
from tutor.runs.status import ACTIVE, FINAL
from tutor.runs.store import RunStore

FORM = re.compile(r"(tcp|tls)://[\w.\-\[\]:]+:\d{1,5}")
ANSWER_WITHIN = "5s"                               # for a scheduler that is asked for the first time


@dataclass(frozen=True)
class QueuedRun:
    """A run known to the engine: position 0 is being computed, 1 is next."""

    key: str
    position: int


class Engine:
    """Submits runs to a Dask scheduler, stops them and lists the queue; safe to use from any thread.

    Parameters
    ----------
    address
        Of the scheduler, such as tcp://host:8786; None is $TUTOR_SCHEDULER.
    store
        Where runs are kept; None is the default store. Workers must see the same folder.
    security
        Certificates to show to the scheduler; None finds those that belong to the address.

    Raises
    ------
    EngineError
        Where the address has another form, certificates are missing, or no scheduler answers within five seconds.
    """

    def __init__(self, address: str | None = None, store: RunStore | None = None, security: Security | None = None):
        self.address = address or os.environ.get(ADDRESS, "")
        self.store = store or RunStore()
        if not FORM.fullmatch(self.address):
            raise EngineError(f"the scheduler address is {self.address or 'empty'}; it must look like tcp://host:8786 or tls://host:8786")
        shown = security or security_for(self.address)
        try:
            self.client = Client(self.address, security=shown, timeout=ANSWER_WITHIN, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            asked = f"{self.address} to these certificates" if self.address.startswith("tls://") else self.address
            message = f"no scheduler answers at {asked}; start one with `dask scheduler` or do without"
            raise EngineError(message) from error

    def submit(self, spec: RunSpec, until: int | None = None, *, front: bool = False) -> str:
        """Queue the run of `spec` and return its key at once.

        A run submitted twice is computed once; one that stopped or failed continues. The base of a tuning is queued before it.

        Parameters
        ----------
        spec
            The run.
        until
            Step at which to pause, counted over all repetitions; None computes to the end.
        front
            Queue it before the runs that wait.

        Raises
        ------
        StoreError
            Where the store cannot be written.
        """
        folder = self.store.create(spec)
        if folder.shipped or folder.status().state in FINAL:
            return folder.key
        base = self._base(spec, front) if spec.is_tuning else None
        self._send(folder, until, after=base, front=front)
        return folder.key

    def stop(self, key: str, *, force: bool = False) -> None:
        """Ask run `key` to write a checkpoint and stop, or take it out of the queue.

        Parameters
        ----------
        key
            Key of the run; nothing happens where it is finished.
        force
            Also kill the process that computes it, if that runs on this host; the run continues from its last checkpoint when submitted.

        Raises
        ------
        StoreError
            Where there is no such run.
        """
        folder = self.store.get(key)
        if folder.shipped or folder.status().state in FINAL:
            return
        folder.request_stop()
        if folder.status().state not in ACTIVE or force:
            waiting = [Future(name, self.client) for name in self._tasks() if _run_of(name) == key]
            self.client.cancel(waiting, force=True)
            self._note(folder, "paused", "stopped before it began; continue to compute it")
        if force:
            folder.claim().end_holder()

    def queue(self) -> list[QueuedRun]:
        """List the runs that are being computed, then those that wait, in the order in which they will begin."""
        keys = list(dict.fromkeys(_run_of(name) for name in self._tasks()))
        found = {key: self.store.find(key) for key in keys}
        running = [key for key, folder in found.items() if folder and folder.status().state in ACTIVE]
        waiting = [key for key in keys if key not in running]
        return [QueuedRun(key, 0) for key in running] + [QueuedRun(key, 1 + i) for i, key in enumerate(waiting)]

    def at_once(self) -> int:
        """How many runs the engine can compute at the same time, including workers that it starts on demand."""
        return max_workers() if self.address in EMBEDDED else max(1, len(self.client.scheduler_info(n_workers=-1)["workers"]))

    def close(self) -> None:
        """Disconnect from the scheduler; its runs go on."""
        self.client.close()

    def _base(self, spec: RunSpec, front: bool) -> Future | None:
        base = self.store.create(spec.base())
        return None if base.status().state in FINAL else self._send(base, None, after=None, front=front)

    def _send(self, folder: RunFolder, until: int | None, *, after: Future | None, front: bool) -> Future:
        # A run that is being computed or waits keeps its task; one that is leaving or has left needs a new one.
        leaving = folder.withdraw_stop() or folder.status().state not in ("queued", *ACTIVE)
        name = f"{TASK}{folder.key}-{until or 'end'}" + (f"-{uuid.uuid4().hex[:8]}" if leaving else "")
        self._note(folder, "queued", "")
        future = self.client.submit(run_job, str(self.store.root), folder.key, until, after, key=name, pure=False,
                                    priority=10 if front else 0, fifo_timeout="0 ms")
        fire_and_forget(future)
        future.add_done_callback(lambda ended: self._ended(ended, folder, until))
        return future

    def _ended(self, future: Future, folder: RunFolder, until: int | None) -> None:
        """A worker that died twice took this task with it: say so, or send it again if it had not even begun."""
        if future.status != "error":
            return
        if folder.status().state == "queued":
            self._send(folder, until, after=None, front=False)
        else:
            self._note(folder, "failed", "its worker died twice, perhaps for want of memory; continue to try again")

    def _note(self, folder: RunFolder, state: str, message: str) -> None:
        """Write a status from outside the computation; where somebody computes, theirs is the better one."""
        claim, status = folder.claim(), folder.status()
        try:
            claim.acquire(status.heartbeat)
        except RunBusy:
            return
        try:
            if folder.status().state not in FINAL:
                owner = os.getpid() if self.address in EMBEDDED else 0
                host = socket.gethostname()
                folder.write_status(status.but(state=state, message=message, pid=owner, host=host, eta_s=None))
        finally:
            claim.release()

    def _tasks(self) -> list[str]:
        return self.client.run_on_scheduler(list_unfinished_tasks)


def _run_of(task: str) -> str:
    return task.split("-")[1]
