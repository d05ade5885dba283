"""What the address carries: settings that are put into it reach every widget, and a return to it restores the page."""

import logging

import pytest
from streamlit.elements.lib import policies
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from tutor.ui.shell import url_state


@pytest.fixture
def contended(monkeypatch, caplog):
    """What Streamlit said of widgets that have two values, one from the page and one from the session; it says so once per process."""
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    monkeypatch.setattr(policies._LOGGER, "propagate", True)
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records if "created with a default value" in record.getMessage()]


def with_a_coin():
    import streamlit as st  # noqa: PLC0415 - the script of an app

    from tutor.ui.shell import url_state  # noqa: PLC0415

    url_state.apply_settings()
    st.slider("Coin", 0.0, 1.0, 0.2, key="coin", bind="query-params")
    url_state.choose_option("Side", ["heads", "tails", "edge"], "side", named=str.upper)
    if st.session_state.get("go_on"):
        del st.session_state["go_on"]
        url_state.set_later({"coin": 0.7, "side": "edge"})
        st.rerun()
    st.button("Contend", on_click=lambda: st.session_state.update(coin=0.5))


def values(app) -> tuple:
    return app.slider(key="coin").value, app.selectbox(key="side_choice").value


def test_settings_that_are_put_reach_bound_and_chosen_controls(contended):
    app = AppTest.from_function(with_a_coin)
    app.query_params.update(coin="0.4", side="tails")
    app.run()
    assert values(app) == (0.4, "tails")
    app.session_state["go_on"] = True
    app.run()
    assert values(app) == (0.7, "edge") and not contended()
    assert {name: "".join(app.query_params[name]) for name in ("coin", "side")} == {"coin": "0.7", "side": "edge"}


def test_the_test_above_would_hear_of_values_that_contend(contended):
    app = AppTest.from_function(with_a_coin).run()
    app.button[0].click().run()
    assert contended()


def test_an_option_that_does_not_exist_reads_as_the_first():
    app = AppTest.from_function(with_a_coin)
    app.query_params.update(side="rim")
    assert values(app.run())[1] == "heads"


def test_outside_a_script_nobody_has_returned():
    assert get_script_run_ctx(suppress_warning=True) is None and not url_state.came_by_address()
