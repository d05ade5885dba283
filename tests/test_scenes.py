"""Every scene by itself: whatever it is set to it draws one picture, tells what it declares, and keeps to itself what is to be guessed."""

import pytest
from streamlit.testing.v1 import AppTest
from visiting import pictures

from tutor.ui.stage.scene_list import SCENES

MIDDLE = 0.5
"""Where between its ends a number is tried, beside its start."""


def drawn(name: str, settings: dict, *, hidden: bool = False, large: bool = False) -> AppTest:
    """A page with one scene."""

    def page(name: str, settings: dict, hidden: bool, large: bool) -> None:
        import streamlit as st  # noqa: PLC0415 - the script of an app

        from tutor.ui.stage.scene import ScenePlace, scene_key  # noqa: PLC0415
        from tutor.ui.stage.scene_list import SCENES  # noqa: PLC0415

        scene = SCENES[name]
        for setting, value in settings.items():
            st.session_state.setdefault(scene_key(name, setting), value)
        picture, control = st.container(key="stage_picture"), st.container(key="stage_control")
        held = scene.hides if hidden else frozenset()
        st.session_state["told"] = scene.draw(ScenePlace(name, picture, control, large, held, hidden))

    return AppTest.from_function(page, kwargs={"name": name, "settings": settings, "hidden": hidden, "large": large},
                                 default_timeout=120).run()


def choices(name: str) -> list[dict]:
    """Settings of a scene: as it starts, and with each setting at each of its other values."""
    known = SCENES[name].settings
    start = {setting: one.start for setting, one in known.items()}
    more = []
    for setting, one in known.items():
        low, high = one.between or (one.start, one.start)
        tried = one.options or ([type(one.start)(low + MIDDLE * (high - low))] if one.between else [])
        more += [start | {setting: value} for value in tried if value != one.start]
    return [start, *more]


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_draws_one_picture_and_tells_what_it_declares_whatever_it_is_set_to(name):
    for settings in choices(name):
        app = drawn(name, settings)
        assert not app.exception and not app.error, (settings, [one.value for one in app.exception])
        assert pictures(app) == (3 if name == "attention" else 1)
        told = app.session_state["told"].keys()
        assert told <= SCENES[name].facts.keys() and (settings != choices(name)[0] or told == SCENES[name].facts.keys())


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if scene.hides])
def test_a_scene_that_keeps_an_answer_is_drawn_without_it_and_its_control_rests(name):
    start = choices(name)[0]
    plain, held = drawn(name, start), drawn(name, start, hidden=True, large=True)
    assert not held.exception and pictures(held) == pictures(plain)
    assert all(one.disabled for one in (*held.slider, *held.segmented_control, *held.button))


@pytest.mark.parametrize("name", SCENES)
def test_each_setting_takes_its_start_and_refuses_what_is_none(name):
    for setting in SCENES[name].settings.values():
        assert setting.mistake(setting.start) is None and "must be" in setting.mistake(("no", "such", "thing"))
