"""Who watches a run: leases that polls renew and that end by themselves."""

import pytest

from tutor.ui.shell.sessions import Watchers


@pytest.fixture
def watch():
    """Watchers with a lease of ten seconds, and the clock they go by."""
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    clock = Clock()
    return Watchers(10.0, clock), clock


def test_a_visitor_does_not_watch_against_itself(watch):
    watchers, _ = watch
    watchers.watching("run", "tab", "me")
    assert watchers.others_watching("run", "me") == 0
    assert watchers.others_watching("run", "you") == 1


def test_a_reload_is_not_a_second_visitor(watch):
    watchers, _ = watch
    watchers.watching("run", "tab", "me before the reload")
    watchers.watching("run", "tab", "me after the reload")
    assert watchers.others_watching("run", "me after the reload") == 0


def test_a_closed_tab_is_forgotten(watch):
    watchers, clock = watch
    watchers.watching("run", "tab", "somebody")
    clock.now = 9.0
    assert watchers.others_watching("run", "me") == 1
    clock.now = 10.5
    assert watchers.others_watching("run", "me") == 0


def test_watching_one_run_is_not_watching_another(watch):
    watchers, _ = watch
    watchers.watching("run", "tab", "somebody")
    assert watchers.others_watching("other", "me") == 0
