"""The card of a lesson: where one is, what is said, the one thing to do, what came of it, and the way on."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from tutor.ui.shell import presentation
from tutor.ui.stage import guessed_number
from tutor.ui.stage.lesson_file import list_lessons
from tutor.ui.stage.lesson_session import LessonSession, open_step
from tutor.ui.stage.lesson_text import choose_text

ASK, ENDING = "Your guess", "You have reached the end of this lesson."
"""What stands where a sentence may not appear."""
TYPED, WRONG = "lesson_typed", "lesson_typed_wrong"

Facts = Mapping[str, Any]


def draw_card(now: LessonSession, facts: Facts) -> None:
    """Draw the card; `facts` are those of the scene as it is drawn."""
    now.note_result(facts)
    steps = len(now.lesson.steps)
    with st.container(key="stage_head"):
        names = list(list_lessons()[0])
        where = "the end" if now.ended else f"step {now.at + 1} of {steps}"
        lesson = f"Lesson {names.index(now.lesson.name) + 1} of {len(names)}, "
        st.caption(where.capitalize() if presentation.is_lecture() else lesson + where)
        st.progress(min(now.at + 1, steps) / steps)
        st.title(now.lesson.title)
    with st.container(key="stage_text"):
        if now.ended:
            st.markdown(now.lesson.ending or ENDING)
            if following := now.next_lesson():
                st.markdown(f"Next: **{following.title}**")
        else:
            _draw_step(now, facts)
    _draw_ways(now)


def _draw_step(now: LessonSession, facts: Facts) -> None:
    step = now.step
    if text := now.said(facts):
        st.markdown(text)
    if step.do and not now.state.result:
        with st.container(key="stage_task"):
            st.markdown(choose_text(step.do, facts))
    if now.state.result:
        st.success(now.state.result, icon=":material/check:")
    if step.guess and not now.asking:
        _compare(now, facts)
    elif step.guess:
        _ask(now, facts)


def _asks(now: LessonSession, facts: Facts) -> str:
    return choose_text(now.step.guess.ask, facts) or ASK


def _ask(now: LessonSession, facts: Facts) -> None:
    """The question; a room guesses aloud, a learner types a number."""
    guess, share = now.step.guess, now.step.share
    with st.container(key="stage_task"):
        st.markdown(_asks(now, facts))
        if presentation.is_lecture():
            return
        form = st.form(f"lesson_guess_{now.at}", border=False)
        with form, st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Your guess", key=TYPED, max_chars=60, label_visibility="collapsed", placeholder="your guess",
                          help=f"It must be {guessed_number.describe_range(share=share, unit=guess.unit, between=guess.between)}.")
            st.form_submit_button("Guess", type="primary", on_click=_take_guess, args=(now,))
        if wrong := st.session_state.pop(WRONG, ""):
            st.warning(wrong)


def _take_guess(now: LessonSession) -> None:
    guess = now.step.guess
    try:
        number = guessed_number.parse_guess(st.session_state.get(TYPED) or "", share=now.step.share, unit=guess.unit, between=guess.between)
    except ValueError as error:
        st.session_state[WRONG] = f"{str(error)[:1].upper()}{str(error)[1:]}."
    else:
        now.take_guess(number)


def _compare(now: LessonSession, facts: Facts) -> None:
    """The guess beside the number that the picture shows now, and which error it was."""
    guess, share, guessed = now.step.guess, now.step.share, now.state.guess
    measured = guess.measured(facts)
    if measured is None:
        st.info("The picture has no number to compare with yet.")
        return
    mine, true = (guessed_number.format_guess(number, share=share, unit=guess.unit) for number in (guessed, measured))
    if math.isnan(guessed):                                   # a room guessed, or nobody
        st.success(f"{_asks(now, facts)} **{true}**. {choose_text(guess.close, facts)}", icon=":material/check:")
    else:
        st.success(f"You guessed **{mine}**; it is **{true}**. {choose_text(guess.verdict(guessed, measured), facts)}",
                   icon=":material/check:")


def _draw_ways(now: LessonSession) -> None:
    """Back and on; at the end, the next lesson first."""
    with st.container(key="stage_ways", horizontal=True, vertical_alignment="center"):
        st.button("Back", key="stage_back", on_click=open_step, args=(now.lesson.name, now.at - 1), disabled=not now.at)
        if not now.ended:
            _draw_next(now)
        elif following := now.next_lesson():
            st.button("Next lesson", key="stage_next", type="primary", on_click=open_step, args=(following.name, 0))
        else:
            st.button("All lessons", key="stage_next", type="primary", on_click=presentation.leave_stage)


def _draw_next(now: LessonSession) -> None:
    """The way on; who does not do what the step asks for is shown the answer to a question, or goes on where nothing was asked."""
    if presentation.is_lecture() and now.asking:
        st.button("Next", key="stage_next", type="primary", on_click=now.reveal)         # a key answers before it goes on
        return
    held, onward = now.waiting and not presentation.is_lecture(), (now.lesson.name, now.at + 1)
    st.button("Next", key="stage_next", type="primary", on_click=open_step, args=onward, disabled=held)
    if held and now.asking:
        st.button("Show answer", key="stage_skip", type="tertiary", on_click=now.reveal)
    elif held:
        st.button("Skip", key="stage_skip", type="tertiary", on_click=open_step, args=onward)
