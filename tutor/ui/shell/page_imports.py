"""What pages import, imported by one thread, before any of them runs.

Visitors' scripts run in threads of their own. Two that import modules of one package in different orders wait for each other, and
Python breaks the deadlock by an error in one of them. So the first script, or the server before it, imports for all.
"""

import ast
import threading
from contextlib import suppress
from pathlib import Path
from types import CodeType

from tutor.core.paths import PAGES

_LOCK = threading.Lock()
_finished = threading.Event()


def import_for_pages() -> None:
    """Import the modules of every page, once per process; threads that call it meanwhile wait.

    Errors are ignored here: a page whose imports fail reports that itself when it runs.
    """
    if _finished.is_set():
        return
    with _LOCK:
        for page in () if _finished.is_set() else sorted(PAGES.glob("*.py")):
            with suppress(Exception):
                exec(_imports_of(page), {})
        _finished.set()


def _imports_of(page: Path) -> CodeType:
    """The import statements of a page, and nothing else of it."""
    statements = [node for node in ast.parse(page.read_text("utf-8")).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return compile(ast.Module(statements, []), str(page), "exec")
