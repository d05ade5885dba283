"""The panel of a lesson on top of whatever lab it is about: says, waits, compares, and goes on when the learner wants to.

Where a learner is stands in the address and, so that the sidebar can be used meanwhile, in the session.
"""

from dataclasses import dataclass

import streamlit as st

from tutor.ui.shell import config, guessed_number, page_controls, page_facts, presentation, url_state
from tutor.ui.shell.lesson_file import Lesson, LessonStep, list_lessons
from tutor.ui.shell.lesson_text import Sentence, choose_text

NAME, STEP, OPENED = "lesson", "lesson_step", "lesson_opened"
DONE, ASK = "Done.", "Your guess"
"""What stands where a sentence may not appear."""
STYLE = """<style>
.st-key-lesson { border: 2px solid PRIMARY; border-radius: 12px; padding: 1rem 1.25rem; background: BACKGROUND; }
@media (min-width: 900px) and (min-height: 700px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-lesson_place) { position: sticky; top: 3.6rem; z-index: 50; }
  .st-key-lesson { max-height: 48vh; overflow: auto; box-shadow: 0 6px 18px rgba(0, 0, 0, 0.14); }
}
</style>"""


def card_style() -> str:
    """Return the CSS of the lesson card in the colours of the visitor's theme; it is opaque, because the page scrolls behind it."""
    theme = config.read_tables()["theme"]["dark" if st.context.theme.type == "dark" else "light"]
    return STYLE.replace("PRIMARY", theme["primaryColor"]).replace("BACKGROUND", theme["backgroundColor"])


@dataclass(frozen=True)
class LessonSession:
    """A lesson in progress: the index of its step (from 0) and the page that the learner is on."""

    lesson: Lesson
    at: int
    page: str

    @property
    def step(self) -> LessonStep:
        return self.lesson.steps[self.at]

    @property
    def here(self) -> bool:
        """Whether the learner is on the page of the step."""
        return self.page == self.step.page

    @property
    def last(self) -> bool:
        return self.at + 1 == len(self.lesson.steps)

    @property
    def guesses(self) -> dict[int, float]:
        """Guesses made so far, by step index."""
        return st.session_state.setdefault(f"lesson_guesses_{self.lesson.name}", {})

    @property
    def results(self) -> dict[int, str]:
        """Feedback on each completed step, by step index, with the numbers that the page showed when the condition last held."""
        return st.session_state.setdefault(f"lesson_results_{self.lesson.name}", {})

    @property
    def answered(self) -> bool:
        return self.at in self.guesses

    def secrets(self) -> set[str]:
        """Return the facts that the page must not show yet.

        These are the facts that this step or a later one on the same page asks to guess without a `reveal` (settings that bring the number
        on screen). Once this step has a guess, its own fact is shown, even if a later step asks for it again.
        """
        later = [step.guess.fact for step in self.lesson.steps[self.at :]
                 if step.page == self.page and step.guess and not step.guess.reveal]
        return set(later) - ({self.step.guess.fact} if self.step.guess and self.answered else set())

    def open(self, at: int) -> None:
        """Open the step with index `at`: its page, its settings, and every other control at its default. Does not return."""
        _begin_step(self.lesson, at, self.page)

    def said(self) -> str:
        """Return the text of the step, filled with the facts recorded when the step was opened; later changes do not alter it."""
        texts = st.session_state.setdefault(f"lesson_texts_{self.lesson.name}", {})
        if not texts.get(self.at):
            texts[self.at] = choose_text(self.step.say, page_facts.read_facts())
        return texts[self.at]

    def guess(self, number: float) -> None:
        """Store the learner's guess and apply the settings that reveal the number. Does not return."""
        self.guesses[self.at] = number
        url_state.open_page(self.page, self.step.guess.reveal, here=self.page)


def current_lesson(page: str) -> LessonSession | None:
    """Return the lesson in progress, from the address or else from this session, and write it into the address.

    The first time that a session sees a step (it followed a link, for example), the page's controls are set to the step's settings.

    Returns
    -------
    LessonSession or None
        None where neither names a known lesson. A step number out of range is clipped.
    """
    known, _ = list_lessons()
    if url_state.came_by_address() and [st.query_params.get(at) for at in (NAME, STEP)] != [
        st.session_state.get(NAME),
        str(st.session_state.get(STEP)),
    ]:
        forget_lesson()                                  # Back shows the step that belongs to the page, or none
    name = st.query_params.get(NAME) or st.session_state.get(NAME)
    if name not in known:
        return None
    text = st.query_params.get(STEP) or str(st.session_state.get(STEP, 1))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    at = min(max(number, 1), len(known[name].steps)) - 1
    st.session_state[NAME], st.session_state[STEP] = name, at + 1
    if st.query_params.get(NAME) != name:
        st.query_params.update({NAME: name, STEP: str(at + 1)})
    now = LessonSession(known[name], at, page)
    if st.session_state.get(OPENED, ("", 0, 0))[:2] != (name, at):
        _note_opened(now.lesson, at)
        if now.here and not url_state.came_by_address():
            page_controls.set_controls(page, now.step.set)
    page_facts.withhold_facts(now.secrets())
    return now


def draw_panel(now: LessonSession) -> None:
    """Draw the lesson panel, or the slide in a lecture; call it after the page has recorded its facts."""
    if now.here and now.step.met(page_facts.read_facts()):
        now.results[now.at] = choose_text(now.step.done, page_facts.read_facts()) or DONE
    presentation.scroll_to_top("/".join(map(str, st.session_state[OPENED])))
    if presentation.is_lecture():
        return _slide(now)
    with st.container(key="lesson"):
        st.html(card_style())
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{now.lesson.title}** · step {now.at + 1} of {len(now.lesson.steps)}", width="content")
            if now.at and st.button("Back", key="lesson_back", type="tertiary"):
                now.open(now.at - 1)
            if st.button("Leave", key="lesson_leave", type="tertiary", help="Ends the lesson, with everything set up as at its end."):
                leave_lesson(now)
        st.progress((now.at + 1) / len(now.lesson.steps))
        _say(now)
        _wait(now)


def _say(now: LessonSession) -> None:
    if now.here and (text := now.said()):
        st.markdown(text)


def _slide(now: LessonSession) -> None:
    """The same step for a room: nothing waits, a question is answered by the next press of a key."""
    step, asked = now.step, now.step.guess is not None and not now.answered
    with st.container(key="lesson"):
        st.html(f"{card_style()}<style>[data-testid=stMain] h1 {{ display: none; }}</style>")     # the slide is the headline
        _say(now)
        if step.do:
            st.markdown(f"**{choose_text(step.do, page_facts.read_facts())}**")
        if now.at in now.results:
            st.success(now.results[now.at], icon=":material/check:")
        if asked:
            st.markdown(f":material/help: **{_asks(now)}**")
        elif step.guess:
            _answer(now)
        with st.container(horizontal=True, vertical_alignment="center"):
            back = st.button("Back", key="lesson_back", type="tertiary", disabled=not now.at)
            on = st.button("Next", key="lesson_next", type="primary", disabled=now.last and not asked)
            st.caption(f"{now.lesson.title} · {now.at + 1} of {len(now.lesson.steps)}" + (", the last slide" if now.last else ""),
                       width="content")
            if now.last:
                _following(now)
            if st.button("End", key="lesson_leave", type="tertiary"):
                presentation.end_lecture()
                leave_lesson(now)
    if back:
        now.open(now.at - 1)
    elif on and asked:
        now.guess(float("nan"))
    elif on:
        now.open(now.at + 1)


def _answer(now: LessonSession) -> None:
    """The number that a room has guessed, with what is said of those who were right."""
    measured, guess = page_facts.read_facts().get(now.step.guess.fact), now.step.guess
    said = "no number yet" if measured is None else guessed_number.format_guess(measured, share=now.step.share, unit=guess.unit)
    why = choose_text(guess.close, page_facts.read_facts()) if measured is not None else ""
    st.success(f"{_asks(now)} **{said}**. {why}", icon=":material/balance:")


def _wait(now: LessonSession) -> None:
    """The one thing that this step waits for."""
    step = now.step
    if not now.here:
        if st.button(f"Go to {step.page.capitalize()}", type="primary", key="lesson_go", icon=":material/arrow_forward:"):
            now.open(now.at)
    elif step.until and now.at not in now.results:
        st.markdown(f":material/touch_app: **{choose_text(step.do, page_facts.read_facts())}**")
    elif step.guess and not now.answered:
        _ask(now)
    else:
        if step.until:
            st.success(now.results[now.at], icon=":material/check:")
        if step.guess:
            _compare(now, now.guesses[now.at])
        _onward(now)


def _asks(now: LessonSession) -> str:
    return choose_text(now.step.guess.ask, page_facts.read_facts()) or ASK


def _ask(now: LessonSession) -> None:
    guess, share = now.step.guess, now.step.share
    with st.form(f"lesson_guess_{now.at}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        place = f"lesson_number_{now.lesson.name}_{now.at}"
        text = st.text_input(
            _asks(now),
            key=place,
            placeholder=guessed_number.describe_range(share=share, unit=guess.unit, between=guess.between),
            max_chars=60,
            width=420,
        )
        sure = st.form_submit_button("That is my guess", type="primary")
    if not sure:
        return
    try:
        number = guessed_number.parse_guess(text or "", share=share, unit=guess.unit, between=guess.between)
    except ValueError as error:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    else:
        now.guess(number)


def _compare(now: LessonSession, guessed: float) -> None:
    """The guess beside the number that the picture shows now, and which error it was."""
    guess, share = now.step.guess, now.step.share
    measured = guess.measured(page_facts.read_facts())
    if measured is None:
        st.info("The picture has no number to compare with yet.")
        return
    mine, true = (guessed_number.format_guess(number, share=share, unit=guess.unit) for number in (guessed, measured))
    why: Sentence = guess.verdict(guessed, measured)
    st.info(f"You guessed **{mine}**; it is **{true}**. {choose_text(why, page_facts.read_facts())}", icon=":material/balance:")


def _onward(now: LessonSession) -> None:
    if not now.last:
        if st.button("Go on", type="primary", key="lesson_next", icon=":material/arrow_forward:"):
            now.open(now.at + 1)
        return
    with st.container(horizontal=True):
        if st.button("Finish", key="lesson_finish", type="primary", icon=":material/flag:"):
            leave_lesson(now)
        _following(now)


def _following(now: LessonSession) -> None:
    """A button to the next lesson, where there is one."""
    known = list_lessons()[0]
    names = list(known)
    for name in names[names.index(now.lesson.name) + 1 :][:1]:
        if st.button(f"Next lesson: {known[name].title}", key="lesson_following"):
            begin_lesson(name, now.page)


def begin_lesson(name: str, page: str) -> None:
    """Open the lesson called `name` at its first step; `page` is the page that runs now. Does not return."""
    _begin_step(list_lessons()[0][name], 0, page)


def _begin_step(lesson: Lesson, at: int, page: str) -> None:
    _note_opened(lesson, at)
    st.session_state[NAME], st.session_state[STEP] = lesson.name, at + 1
    step = lesson.steps[at]
    page_controls.set_up(step.page, step.set, also={NAME: lesson.name, STEP: str(at + 1)}, here=page)


def _note_opened(lesson: Lesson, at: int) -> None:
    for kept in ("results", "texts", "guesses"):
        st.session_state.setdefault(f"lesson_{kept}_{lesson.name}", {}).pop(at, None)
    st.session_state[OPENED] = (lesson.name, at, st.session_state.get(OPENED, ("", 0, 0))[2] + 1)


def forget_lesson() -> None:
    """Drop the lesson from this session, but leave the address as it is."""
    for name in (NAME, STEP, OPENED):
        st.session_state.pop(name, None)


def end_lesson() -> None:
    """Drop the lesson from this session and from the address."""
    forget_lesson()
    for name in {NAME, STEP} & st.query_params.keys():
        del st.query_params[name]


def leave_lesson(now: LessonSession) -> None:
    """End the lesson and open its last page with the settings of its last step. Does not return."""
    end_lesson()
    page, settings = now.lesson.end
    page_controls.set_up(page, settings, here=now.page)
