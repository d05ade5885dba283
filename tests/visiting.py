"""Visiting pages without a browser: what the tests of pages share."""

from streamlit.testing.v1 import AppTest

from tutor.core.paths import MAIN, PAGES
from tutor.runs.store import RunStore
from tutor.ui.run_views import cached_results
from tutor.ui.shell import page_facts, visitor_runs


class Asked:
    """An engine that notes what it is asked for."""

    def __init__(self, store):
        self.store, self.submitted, self.stopped = store, [], []

    def submit(self, spec, until=None):
        self.submitted.append((spec, until))
        return self.store.create(spec).key

    def stop(self, key):
        self.stopped.append(key)

    def queue(self):
        return []

    def at_once(self):
        return 1


def with_store(monkeypatch, store, engine=None) -> RunStore:
    monkeypatch.setattr(visitor_runs, "open_store", lambda: store)
    monkeypatch.setattr(visitor_runs, "find_engine", lambda: engine)
    cached_results.study_result.clear()                              # kept for seconds, by name
    return store


def opened(name: str, **address: str) -> AppTest:
    """One page as a visitor finds it who comes by a link with this address and has seen no other page."""
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    app.query_params.update(address)
    return (app if name == "home" else app.switch_page(str(PAGES / f"{name}.py"))).run()


def pictures(app: AppTest) -> int:
    return sum(element.proto.component_name in ("tutor_picture", "tutor_experiment") for element in app.get("bidi_component"))


def told(app: AppTest) -> dict:
    """What the page tells lessons about its pictures."""
    return app.session_state[page_facts.FACTS_KEY]


def said(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.info, *app.warning, *app.error, *app.caption))
