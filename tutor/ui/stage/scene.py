"""What a scene is: one picture with its one control, and the facts that it tells the sentences of a lesson."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tutor.figures import Picture
from tutor.ui.plot import draw_picture
from tutor.ui.stage.fact_kinds import Kinds

Value = str | int | float | bool
LARGE_TYPE = 24
"""Pixels of the smallest text of a lecture."""


@dataclass(frozen=True)
class SceneSetting:
    """Something that a step can set: its start, and the values that it may have (words, or numbers between two ends)."""

    start: Value
    options: tuple[Value, ...] = ()
    between: tuple[int | float, int | float] | None = None
    check: Callable[[str], bool] | None = None
    """Whether a text is one of those that the setting understands."""
    reads: str = ""
    """What such a text looks like, in words."""

    def describe(self) -> str:
        """Describe in words which values the setting may have."""
        if self.options:
            return " or ".join(f"*{option}*" for option in self.options)
        return f"{self.between[0]:g} to {self.between[1]:g}" if self.between else self.reads or "a text"

    def mistake(self, value: Any) -> str | None:
        """Return what the value must be, as the end of a sentence, or None where it is fine."""
        if self.options:
            return None if value in self.options else f"it must be one of {', '.join(map(str, self.options))}"
        if self.between:
            low, high = self.between
            number = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
            return None if number else f"it must be a number from {low:g} to {high:g}"
        fine = isinstance(value, str) and (self.check is None or self.check(value))
        return None if fine else f"it must be {self.reads or 'a text'}"


def scene_key(scene: str, name: str) -> str:
    """Key under which the session holds a setting of a scene; also the key of the control that changes it."""
    return f"scene_{scene}_{name}"


@dataclass(frozen=True)
class ScenePlace:
    """Where a scene is drawn: room for its picture and its control, whether in large type, and what it must not show yet."""

    scene: str
    picture: DeltaGenerator
    control: DeltaGenerator
    large: bool = False
    hidden: frozenset[str] = frozenset()
    asking: bool = False
    """Whether a guess is awaited: the control rests meanwhile, because it could show the answer."""

    def key(self, name: str) -> str:
        """Key of a setting of this scene."""
        return scene_key(self.scene, name)

    def value(self, name: str) -> Any:
        """Return what a setting is now."""
        return st.session_state[self.key(name)]

    @contextmanager
    def line(self, label: str):
        """Make the line of the control, which begins with a label."""
        with self.control, st.container(horizontal=True, vertical_alignment="center", key="stage_line"):
            st.markdown(label, width="content")
            yield

    def choose(self, label: str, name: str, options: Sequence[str]) -> str:
        """Draw a row of buttons of which one is chosen, and return it."""
        with self.line(label):
            chosen = st.segmented_control(label, options, key=self.key(name), required=True, label_visibility="collapsed",
                                          disabled=self.asking)
        return options[0] if chosen is None else chosen

    def slide(self, label: str, name: str, ends: tuple[Any, Any, Any], form: str | None = None) -> Any:
        """Draw a slider with these ends (lowest, highest, step), and return where it stands."""
        low, high, step = ends
        with self.line(label):
            return st.slider(label, low, high, step=step, format=form, key=self.key(name), label_visibility="collapsed",
                             disabled=self.asking)

    def show(self, picture: Picture, **more: Any) -> None:
        """Draw the picture in its room; `more` goes to `draw_picture`."""
        with self.picture:
            draw_picture(picture, key=f"stage_{self.scene}", type_size=LARGE_TYPE if self.large else None, **more)


@dataclass(frozen=True)
class Scene:
    """One picture with its one control."""

    draw: Callable[[ScenePlace], dict[str, Any]]
    """Draws both and returns the facts."""
    facts: Kinds
    settings: Mapping[str, SceneSetting] = field(default_factory=dict)
    hides: frozenset[str] = frozenset()
    """The facts that the scene can keep to itself until somebody has guessed them."""
