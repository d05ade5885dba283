"""Who is watching a run right now. Every poll of a live picture renews a lease, so a closed tab is forgotten by itself."""

import secrets
import threading
import time
from collections import defaultdict

import streamlit as st

LEASE = 12.0   # seconds; a hidden tab polls every five


class Watchers:
    """Leases (run, browser tab) -> the session that tab has now; a reload changes the session, not the tab."""

    def __init__(self, lease: float = LEASE, clock=time.monotonic) -> None:
        self._lease, self._clock = lease, clock
        self._seen: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
        self._lock = threading.Lock()

    def watching(self, key: str, viewer: str, session: str) -> None:
        """Renew the lease of one tab on one run."""
        with self._lock:
            self._seen[key][viewer] = (self._clock(), session)
            self._forget(key)

    def others_watching(self, key: str, session: str) -> int:
        """How many tabs other than this session's watch the run."""
        with self._lock:
            self._forget(key)
            return sum(other != session for _, other in self._seen[key].values())

    def _forget(self, key: str) -> None:
        gone = self._clock() - self._lease
        self._seen[key] = {viewer: seen for viewer, seen in self._seen[key].items() if seen[0] >= gone}


WATCHERS = Watchers()


def session() -> str:
    """A name for this visitor's session, known to the page and to its pictures."""
    return st.session_state.setdefault("tutor_session", secrets.token_hex(8))


def others_watching(key: str) -> int:
    """How many other visitors look at this run live: while somebody does, its computation is not stopped for them."""
    return WATCHERS.others_watching(key, session())
