"""The recorded steps of a run for a picture: read where it rests, fed to the picture while it is computed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tutor.ui.run_views import cached_results
from tutor.ui.shell import visitor_runs


class EventFeed(NamedTuple):
    """Recorded steps of a run and its live feed; one of the two is always empty."""

    events: list[dict[str, Any]]
    feed: dict[str, Any] | None


def follow_run(key: str, state: str, traces: Sequence[dict[str, Any]], *, moving: bool) -> EventFeed:
    """Return the recorded steps of a run or, while it is `moving`, a feed that delivers all of its steps to these traces of a picture."""
    if moving:
        return EventFeed([], {"url": f"/api/runs/{key}/events", "traces": traces})
    return EventFeed(cached_results.load_events(key) if state == "done" else visitor_runs.load_run(key).events(), None)
