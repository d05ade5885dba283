"""The boundary around one section of a page: what goes wrong inside is said in its place, and the rest of the page stands.

Python's `raise` is what tells a foreseen mistake from a bug. An error of a class of this project, or a ValueError that a file
outside of any library raised on purpose, carries a sentence for the visitor. Everything else is a bug: the visitor gets an id, the log the
trace. Streamlit ends and repeats a run by exceptions outside of `Exception`, which pass.
"""

import dis
import logging
import secrets
import sysconfig
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import streamlit as st
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from tutor.core.paths import PACKAGE, PAGES
from tutor.core.spec_errors import describe_error as of_specification
from tutor.ui.shell import visitor_runs

LOG = logging.getLogger(__name__)
PAGE = "page_of_sections"
OWN_FOLDERS = (PACKAGE, PAGES)
LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))
MAX_MESSAGE = 2000  # characters of an address in the log


@contextmanager
def section():
    """Catch errors in one part of a page and report them in its place, so that the rest of the page is drawn.

    Use it as `with section():`, or as `@section()` on a function, which then returns None where it failed. A foreseen error is shown as its
    sentence; any other is logged with its trace under an id, and the visitor sees the id.
    """
    try:
        yield
    except Exception as error:
        st.error(error_sentence(error) if is_foreseen(error) else _logged(error))


def fragment(draw: Callable[..., None], *, key: str | None = None, run_every: float | None = None) -> Callable[..., None]:
    """Turn `draw` into a Streamlit fragment inside a `section` of its own; `key` and `run_every` (seconds) go to `st.fragment`."""
    return st.fragment(section()(draw), key=key, run_every=run_every)


def reserve_places(*containers: DeltaGenerator) -> None:
    """Reserve the places of a fragment in containers outside of it; call it first, since a rerun may write only where the page's run did.
    """
    for container in containers:
        container.empty()


def enter_page(page: str) -> None:
    """Store the name of the page that runs, for log entries of its sections."""
    st.session_state[PAGE] = page


def is_foreseen(error: Exception) -> bool:
    """Whether an error carries a sentence meant for the visitor: a class of this project, or a ValueError raised outside any library."""
    if isinstance(error, ValidationError) or type(error).__module__.partition(".")[0] == "tutor":
        return True
    return isinstance(error, ValueError) and _on_purpose(error.__traceback__)


def _on_purpose(trace: TracebackType | None) -> bool:
    """Whether the error comes from a `raise` outside of any library; `int("x")` and an array that does not fit raise without one."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return True                                   # never raised, only handed over to be said
    code = trace.tb_frame.f_code
    file = Path(code.co_filename)
    library = any(map(file.is_relative_to, LIBRARIES)) and not any(map(file.is_relative_to, OWN_FOLDERS))
    return not library and dis.opname[code.co_code[trace.tb_lasti]] == "RAISE_VARARGS"


def error_sentence(error: Exception) -> str:
    """Return an error's message as one sentence, without addresses and folders of this machine."""
    if isinstance(error, ValidationError):
        said = of_specification(error)
    else:
        said = str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()      # a KeyError would quote its message
    text = visitor_runs.hide_addresses(said.splitlines()[0]) if said else type(error).__name__
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _logged(error: Exception) -> str:
    """Log a bug with its trace under a new id; the sentence that names the id."""
    name = secrets.token_hex(3)
    address = repr(st.query_params.to_dict())[:MAX_MESSAGE]
    LOG.error("error %s on page %s, address %s", name, st.session_state.get(PAGE, "?"), address, exc_info=error)
    return f"This part could not be drawn (error {name}). The rest of the page works; the server's log has the details."
