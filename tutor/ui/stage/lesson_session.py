"""Where a learner is in a lesson: which one and which step is in the address, what was done in the open step is in the session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tutor.ui.shell import presentation
from tutor.ui.stage.lesson import Lesson, LessonStep
from tutor.ui.stage.lesson_file import list_lessons
from tutor.ui.stage.lesson_text import choose_text
from tutor.ui.stage.scene import scene_key

OPEN = "lesson_open"
DONE = "Done."
"""What stands where a sentence may not appear."""


@dataclass
class StepState:
    """What was done in the open step, and its text as filled when it opened."""

    lesson: str
    at: int
    opened: int
    guess: float | None = None
    result: str = ""
    text: str = ""


@dataclass(frozen=True)
class LessonSession:
    """A lesson in progress: the index of its step from 0, where the number of steps stands for the ending."""

    lesson: Lesson
    at: int
    state: StepState

    @property
    def step(self) -> LessonStep:
        """The step whose scene is shown: at the ending, the last one."""
        return self.lesson.steps[min(self.at, len(self.lesson.steps) - 1)]

    @property
    def ended(self) -> bool:
        """Whether all steps are behind the learner."""
        return self.at == len(self.lesson.steps)

    @property
    def asking(self) -> bool:
        """Whether a guess is awaited."""
        return not self.ended and self.step.guess is not None and self.state.guess is None

    @property
    def waiting(self) -> bool:
        """Whether something is still to be done in this step."""
        return self.asking or (not self.ended and bool(self.step.until) and not self.state.result)

    @property
    def hidden(self) -> frozenset[str]:
        """The facts that the scene must not show yet: those that this step or a later one asks for in the same scene."""
        later = [step for step in self.lesson.steps[self.at + 1 :] if step.scene == self.step.scene]
        own = self.step.hidden if self.asking else frozenset()
        told = frozenset() if self.asking or not self.step.guess else frozenset({self.step.guess.fact})
        return own | frozenset().union(*(step.hidden for step in later)) - told

    def said(self, facts: Mapping[str, Any]) -> str:
        """Return the text of the step, filled with the facts known when it opened; later changes do not alter it."""
        self.state.text = self.state.text or choose_text(self.step.say, facts)
        return self.state.text

    def note_result(self, facts: Mapping[str, Any]) -> None:
        """Keep what is said of a task that is done, with the numbers for which it last was."""
        if not self.ended and self.step.met(facts):
            self.state.result = choose_text(self.step.done, facts) or DONE

    def take_guess(self, number: float) -> None:
        """Store the learner's guess and set the scene so that the number shows; call it before the scene is drawn."""
        self.state.guess = number
        _set_scene(self.step, self.step.settle(self.step.guess.reveal))

    def reveal(self) -> None:
        """Show the answer to somebody who does not guess."""
        self.take_guess(float("nan"))

    def next_lesson(self) -> Lesson | None:
        """Return the lesson after this one."""
        known = list(list_lessons()[0].values())
        later = known[[one.name for one in known].index(self.lesson.name) + 1 :]
        return later[0] if later else None


def current_lesson() -> LessonSession | None:
    """Return the lesson in the address; a step that the session has not open is opened. None where the address names no known lesson.

    A step number out of range is clipped.
    """
    lesson = list_lessons()[0].get(st.query_params.get(presentation.LESSON, ""))
    if lesson is None:
        st.session_state.pop(OPEN, None)
        return None
    text = st.query_params.get(presentation.STEP, "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    at = min(max(number, 1), len(lesson.steps) + 1) - 1
    state = st.session_state.get(OPEN)
    if state is None or (state.lesson, state.at) != (lesson.name, at):
        state = st.session_state[OPEN] = StepState(lesson.name, at, (state.opened if state else 0) + 1)
        now = LessonSession(lesson, at, state)
        _set_scene(now.step, lesson.end if now.ended else now.step.opening)
    return LessonSession(lesson, at, state)


def open_step(name: str, at: int) -> None:
    """Write into the address that the step with index `at` of a lesson shall be open; the next run opens it."""
    st.session_state.pop(OPEN, None)
    st.query_params.update({presentation.LESSON: name, presentation.STEP: str(at + 1)})


def _set_scene(step: LessonStep, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        st.session_state[scene_key(step.scene, name)] = value
