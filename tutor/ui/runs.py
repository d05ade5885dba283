"""What pages ask of the store and the engine, opened once per process.

Neither is imported before it is asked for: the app answers before it has loaded torch.
"""

import functools
import os
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.engine import Engine
    from tutor.run import Run
    from tutor.store import RunStore

_opening = Lock()                                  # a cache alone would open two engines for two visitors who come at once


@functools.cache
def store() -> "RunStore":
    """The layered store of this app: shipped runs first, then $TUTOR_STORE or the user's own folder."""
    from tutor.store import RunStore  # noqa: PLC0415

    return RunStore()


def load(key: str) -> "Run":
    """A run by its key; raises StoreError with one sentence for the visitor."""
    return store().load(key)


def engine() -> "Engine | None":
    """The engine of this app, or None where it runs without one. Raises EngineError when the scheduler does not answer."""
    with _opening:
        return _engine()


@functools.cache
def _engine() -> "Engine | None":
    if not os.environ.get("TUTOR_SCHEDULER"):
        return None
    from tutor.engine import Engine  # noqa: PLC0415 - an app without an engine never imports Dask

    return Engine(store=store())
