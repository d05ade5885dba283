"""What pages ask of the store and the engine, opened once per process.

Neither is imported before it is asked for: the app answers before it has loaded torch.
"""

import functools
import logging
import os
import re
from threading import Lock
from typing import TYPE_CHECKING

from tutor.core.paths import ROOT
from tutor.runs.engine import scheduler_address

if TYPE_CHECKING:
    from tutor.runs.engine.client import Engine
    from tutor.runs.run import Run
    from tutor.runs.store import RunStore

_opening = Lock()                                  # a cache alone would open two engines for two visitors who come at once


@functools.cache
def open_store() -> "RunStore":
    """Open the layered store of this app, once per process: shipped runs first, then $TUTOR_STORE or the user's own folder."""
    from tutor.runs.store import RunStore  # noqa: PLC0415

    return RunStore()


def load_run(key: str) -> "Run":
    """Load a run from the store.

    Raises
    ------
    StoreError
        Where there is no such run; the message is a sentence for the visitor.
    """
    return open_store().load(key)


def find_engine() -> "Engine | None":
    """Return the engine of this app, or None where it runs without one.

    Raises
    ------
    EngineError
        Where the scheduler does not answer.
    """
    with _opening:
        return _engine()


@functools.cache
def _engine() -> "Engine | None":
    if not os.environ.get(scheduler_address.ADDRESS):
        return None
    from tutor.runs.engine.client import Engine, EngineError  # noqa: PLC0415 - an app without an engine never imports Dask

    try:
        return Engine(store=open_store())
    except EngineError as error:
        logging.getLogger(__name__).error("%s", error)     # with the address, which visitors are not told
        raise


def hide_addresses(text: str) -> str:
    """Replace folders and network addresses of the server in a message by plain words."""
    text = re.sub(r"(?:tcp|tls)://[^\s<>;,]+", "its address", text)
    for folder, name in ((open_store().root, "the store"), (open_store().shipped, "the shipped runs"), (ROOT, "the app")):
        text = text.replace(str(folder), name)
    return text
