"""Who is watching a run right now, and whose view of it stands still.

Every poll of a live picture renews a lease, so a closed tab is forgotten by itself. The tabs of one browser are one visitor, told
apart from others by a cookie: what one of them does to a run is no other visitor's doing, and a view that it freezes is frozen in all.
"""

import re
import secrets
import threading
import time
from collections import defaultdict

import streamlit as st

LEASE = 12.0   # seconds; a hidden tab polls every five
COOKIE = "tutor_visitor"
NAME = re.compile(r"[0-9a-f]{16}")


class Watchers:
    """Registry of who watches which run: every browser tab holds a lease on each run that it polls, under its visitor's name."""

    def __init__(self, lease: float = LEASE, clock=time.monotonic) -> None:
        self._lease, self._clock = lease, clock
        self._seen: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
        self._frozen: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def watching(self, key: str, viewer: str, visitor: str) -> None:
        """Renew the lease of the tab `viewer` on a run."""
        with self._lock:
            self._seen[key][viewer] = (self._clock(), visitor)
            self._forget(key)

    def others_watching(self, key: str, visitor: str) -> int:
        """Count the visitors other than this one with a valid lease on the run."""
        with self._lock:
            self._forget(key)
            return len({other for _, other in self._seen[key].values()} - {visitor})

    def freeze(self, key: str, visitor: str, frozen: bool) -> None:
        """Freeze this visitor's view of the run in every tab, or let it move again."""
        with self._lock:
            (self._frozen.add if frozen else self._frozen.discard)((key, visitor))

    def frozen(self, key: str, visitor: str) -> bool:
        """Whether this visitor has frozen their view of the run."""
        return (key, visitor) in self._frozen

    def _forget(self, key: str) -> None:
        gone = self._clock() - self._lease
        self._seen[key] = {viewer: seen for viewer, seen in self._seen[key].items() if seen[0] >= gone}


WATCHERS = Watchers()


def visitor_name() -> str:
    """Return a random name for this visitor, shared by all tabs of the browser; without cookies each tab counts as a visitor of its own."""
    kept = str(st.context.cookies.get(COOKIE))
    return kept if NAME.fullmatch(kept) else st.session_state.setdefault(COOKIE, secrets.token_hex(8))


def count_other_watchers(key: str) -> int:
    """Count the other visitors who watch this run live; a run that others watch is not stopped."""
    return WATCHERS.others_watching(key, visitor_name())


def set_frozen(key: str, frozen: bool) -> None:
    """Freeze this visitor's view of a run while it is computed, or let it move again."""
    WATCHERS.freeze(key, visitor_name(), frozen)


def is_frozen(key: str) -> bool:
    """Whether this visitor has frozen their view of the run."""
    return WATCHERS.frozen(key, visitor_name())
