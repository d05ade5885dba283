"""The panel of a lesson on top of whatever lab it is about: says, waits, compares, and goes on when the learner has done it.

Where a learner is stands in the address and, so that the sidebar can be used meanwhile, in the session.
"""

from dataclasses import dataclass

import streamlit as st

from tutor.lessons import Guess, Lesson, Step, lessons
from tutor.ui import address, facts, stage

NAME, STEP, SAID = "lesson", "lesson_step", "lesson_said"
STYLE = """<style>
.st-key-lesson { border: 2px solid var(--st-primary-color); border-radius: 12px; padding: 1rem 1.25rem; background: var(--st-background-color); }
@media (min-width: 900px) and (min-height: 700px) {
  .st-key-lesson_place { position: sticky; top: 3.6rem; z-index: 50; }
  .st-key-lesson { max-height: 48vh; overflow: auto; box-shadow: 0 6px 18px rgba(0, 0, 0, 0.14); }
}
</style>"""


@dataclass(frozen=True)
class Sitting:
    """A lesson under way: its step, counted from zero, and the page that the learner is on."""

    lesson: Lesson
    at: int
    page: str

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.at]

    @property
    def guesses(self) -> dict[int, float]:
        """What has been guessed, by step."""
        return st.session_state.setdefault(f"lesson_guesses_{self.lesson.name}", {})

    def open(self, at: int, said: str = "") -> None:
        """Go to a step: on its page, with its settings; does not return."""
        _begin_step(self.lesson, at, self.page, said)


def sitting(page: str) -> Sitting | None:
    """The lesson in the address, else the one of this session, which the address then carries again; None where there is none."""
    known, _ = lessons()
    name = st.query_params.get(NAME) or st.session_state.get(NAME)
    if name not in known:
        return None
    text = st.query_params.get(STEP) or str(st.session_state.get(STEP, 1))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    at = min(max(number, 1), len(known[name].steps)) - 1
    st.session_state[NAME], st.session_state[STEP] = name, at + 1
    if st.query_params.get(NAME) != name:
        st.query_params.update({NAME: name, STEP: str(at + 1)})
    return Sitting(known[name], at, page)


def panel(now: Sitting) -> None:
    """What the lesson says, drawn once the page has told what it shows."""
    if now.page == now.step.page and now.step.met(facts.told()) and now.at + 1 < len(now.lesson.steps):
        now.open(now.at + 1, said=now.step.done)
    if stage.lecturing():
        return _slide(now)
    with st.container(key="lesson"):
        st.html(STYLE)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{now.lesson.title}** · step {now.at + 1} of {len(now.lesson.steps)}", width="content")
            if now.at and st.button("Back", key="lesson_back", type="tertiary"):
                now.guesses.pop(now.at - 1, None)
                now.open(now.at - 1)
            if st.button("Leave", key="lesson_leave", type="tertiary", help="Ends the lesson, with everything set up as at its end."):
                leave(now)
        st.progress((now.at + 1) / len(now.lesson.steps))
        if (said := st.session_state.get(SAID)) and now.at not in now.guesses:
            st.success(said, icon=":material/check:")
        st.markdown(now.step.say)
        _wait(now)


def _slide(now: Sitting) -> None:
    """The same step for a room: nothing waits, a question is answered by the next press of a key."""
    guess, asked = now.step.guess, now.at in now.guesses
    with st.container(key="lesson"):
        st.html(f"{STYLE}<style>[data-testid=stMain] h1 {{ display: none; }}</style>")     # the slide is the headline
        if said := st.session_state.get(SAID):
            st.success(said, icon=":material/check:")
        st.markdown(f"{now.step.say}{f'  {chr(10)}**{now.step.do}**' if now.step.do else ''}")
        if guess and not asked:
            st.markdown(f":material/help: **{guess.ask}?**".replace("??", "?"))
        elif guess:
            measured = facts.told().get(guess.fact)
            unit = f" {guess.unit}" if guess.unit else ""
            said = "no number yet" if measured is None else f"{measured:.3g}{unit}"
            st.success(f"{guess.ask.rstrip('?')}: **{said}**. {guess.close}", icon=":material/balance:")
        with st.container(horizontal=True, vertical_alignment="center"):
            back = st.button("Back", key="lesson_back", type="tertiary", disabled=not now.at)
            on = st.button("Next", key="lesson_next", type="primary", disabled=now.at + 1 == len(now.lesson.steps) and (not guess or asked))
            st.caption(f"{now.lesson.title} · {now.at + 1} of {len(now.lesson.steps)}", width="content")
            if st.button("End", key="lesson_leave", type="tertiary"):
                stage.end()
                leave(now)
    if back:
        now.guesses.pop(now.at - 1, None)
        now.open(now.at - 1)
    elif on and guess and not asked:
        now.guesses[now.at] = float("nan")
        address.put(guess.reveal)
        st.rerun()
    elif on:
        now.guesses.pop(now.at + 1, None)
        now.open(now.at + 1)


def _wait(now: Sitting) -> None:
    """The one thing that this step waits for."""
    step = now.step
    if now.page != step.page:
        if st.button(f"Go to {step.page.capitalize()}", type="primary", key="lesson_go", icon=":material/arrow_forward:"):
            now.open(now.at)
    elif step.until and not step.met(facts.told()):
        st.markdown(f":material/touch_app: **{step.do}**")
    elif step.guess and now.at not in now.guesses:
        _ask(now, step.guess)
    else:
        if step.until:
            st.success(step.done, icon=":material/check:")
        if step.guess:
            _compare(step.guess, now.guesses[now.at])
        _onward(now)


def _ask(now: Sitting, guess: Guess) -> None:
    with st.form(f"lesson_guess_{now.at}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        low, high = guess.between
        place = f"lesson_number_{now.lesson.name}_{now.at}"
        number = st.number_input(guess.ask, low, high, None, key=place, placeholder=guess.unit or "a number", width=420)
        sure = st.form_submit_button("That is my guess", type="primary")
    if sure and number is None:
        st.warning(f"Guess a number from {low:g} to {high:g} first.")
    elif sure:
        now.guesses[now.at] = number
        address.put(guess.reveal)
        st.rerun()


def _compare(guess: Guess, guessed: float) -> None:
    """The guess beside the number that the picture shows now, and which error it was."""
    measured = facts.told().get(guess.fact)
    if measured is None:
        st.info("The picture has no number to compare with yet.")
        return
    unit = f" {guess.unit}" if guess.unit else ""
    said = f"You guessed **{guessed:g}{unit}**; the picture shows **{measured:.3g}{unit}**. {guess.verdict(guessed, measured)}"
    st.info(said, icon=":material/balance:")


def _onward(now: Sitting) -> None:
    if now.at + 1 < len(now.lesson.steps):
        if st.button("Go on", type="primary", key="lesson_next", icon=":material/arrow_forward:"):
            now.open(now.at + 1)
        return
    names = list(lessons()[0])
    after = names[names.index(now.lesson.name) + 1 :][:1]
    with st.container(horizontal=True):
        if st.button("Finish", key="lesson_finish", type="primary", icon=":material/flag:"):
            leave(now)
        if after and st.button(f"Next lesson: {lessons()[0][after[0]].title}", key="lesson_following"):
            begin(after[0], now.page)


def begin(name: str, page: str) -> None:
    """Open a lesson at its first step; does not return."""
    st.session_state.pop(f"lesson_guesses_{name}", None)
    _begin_step(lessons()[0][name], 0, page)


def _begin_step(lesson: Lesson, at: int, page: str, said: str = "") -> None:
    st.session_state[NAME], st.session_state[STEP], st.session_state[SAID] = lesson.name, at + 1, said
    address.go(lesson.steps[at].page, {**lesson.steps[at].set, NAME: lesson.name, STEP: str(at + 1)}, here=page)


def leave(now: Sitting) -> None:
    """End the lesson on its last page, set up as at its end; does not return."""
    for name in (NAME, STEP, SAID):
        st.session_state.pop(name, None)
    for name in {NAME, STEP} & st.query_params.keys():
        del st.query_params[name]
    address.go(*now.lesson.end, here=now.page)
