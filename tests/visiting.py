"""Visiting pages without a browser: what the tests of pages share."""

from streamlit.testing.v1 import AppTest

from tutor.places import MAIN, PAGES
from tutor.store import RunStore
from tutor.ui import facts, numbers, runs


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


def with_store(monkeypatch, store, engine=None) -> RunStore:
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs, "engine", lambda: engine)
    numbers.study.clear()                              # kept for seconds, by name
    return store


def opened(name: str, **address: str) -> AppTest:
    """One page as a visitor with this address finds it."""
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    app.query_params.update(address)
    return app.switch_page(str(PAGES / f"{name}.py")).run()


def pictures(app: AppTest) -> int:
    return sum(element.proto.component_name == "tutor_picture" for element in app.get("bidi_component"))


def told(app: AppTest) -> dict:
    """What the page tells lessons about its pictures."""
    return app.session_state[facts.PLACE]


def said(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.info, *app.warning, *app.error, *app.caption))
