"""Around everything that somebody else's code or file does: whatever it raises leaves as one sentence about what was being done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tutor.core.parsing import shorten_line
from tutor.llm.model_location import ModelError

MAX_MESSAGE = 160
"""Characters of somebody else's message that are passed on."""
PANIC = "PanicException"                          # of libraries in Rust; it is no Exception, and must not end a thread either

log = logging.getLogger(__name__)


@contextmanager
def refuse_errors(said: str, then: str = "", *, quoted: bool = True) -> Iterator[None]:
    """Inside, what is raised leaves as Refused: `said`, then the type and, if `quoted`, the message, then what to do.

    A Refused from inside is passed on as it is. Everything else is also logged with its trace.
    """
    try:
        yield
    except ModelError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        log.warning("%s", said, exc_info=error)
        raise ModelError(f"{said} ({describe_error(error) if quoted else type(error).__name__}){'; ' * bool(then)}{then}") from error


def describe_error(error: BaseException) -> str:
    """The type of an error and its message, on one line."""
    if isinstance(error, MemoryError) or "not enough memory" in str(error):
        return "the machine's memory is used up"
    if isinstance(error, RecursionError):
        return f"{type(error).__name__}: it is nested too deeply"
    return shorten_line(f"{type(error).__name__}: {error}", MAX_MESSAGE).rstrip(": ")
