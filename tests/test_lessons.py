"""Lessons: what a bad file is told, what a step waits for, and every shipped lesson tried on the pages it is about."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tutor import lessons
from tutor.lessons import Guess, LessonError, Step
from tutor.places import MAIN, PAGES
from tutor.ui import facts

SHIPPED, WRONG = lessons.lessons(lessons.SHIPPED)
STEPS = [pytest.param(lesson, at, id=f"{lesson.name}-{at + 1}") for lesson in SHIPPED.values() for at in range(len(lesson.steps))]

GOOD = """title: Two tails
about: A lesson for a test.
place: 1
minutes: 1
steps:
  - page: bayes
    say: Look.
    do: Press Heads.
    until: heads >= 2 and flips < 9
    done: So it goes.
  - page: bayes
    say: The end.
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "two-tails.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_lessons_can_all_be_read():
    assert WRONG == () and len(SHIPPED) >= 6
    assert list(SHIPPED)[:3] == ["ideal", "becoming", "evidence"]


def test_a_lesson_is_one_file(tmp_path):
    lesson = lessons.read(written(tmp_path, GOOD))
    assert (lesson.name, lesson.title, len(lesson.steps)) == ("two-tails", "Two tails", 2)


@pytest.mark.parametrize(("good", "bad", "line", "word"), [
    ("    until: heads >= 2 and flips < 9", "    until: heads many", 9, "heads >= 3"),
    ("  - page: bayes\n    say: The end", "  - page: nowhere\n    say: The end", 11, "nowhere"),
    ("minutes: 1", "minutes: 100", 4, "less than or equal to 60"),
    ("    done: So it goes.\n", "", 6, "done"),
    ("title: Two tails\n", "", 1, "required"),
    ("    say: Look.", "    say: Look.\n    shout: Hear!", 8, "not permitted"),
    ("about: A lesson for a test.", "about: a: b", 2, "not allowed here"),
])
def test_a_bad_file_names_its_line(tmp_path, good, bad, line, word):
    assert good in GOOD
    with pytest.raises(LessonError, match=rf"^two-tails\.yaml, line {line}: .*{word}"):
        lessons.read(written(tmp_path, GOOD.replace(good, bad)))


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list", "a: 1\n" * 20_000, "\x00"])
def test_what_is_no_lesson_is_said_in_a_sentence(tmp_path, text):
    with pytest.raises(LessonError, match="two-tails"):
        lessons.read(written(tmp_path, text))


def test_a_bad_file_does_not_hide_the_good_ones(tmp_path):
    written(tmp_path, GOOD)
    (tmp_path / "broken.yaml").write_text("title: [", encoding="utf-8")
    found, wrong = lessons.lessons(tmp_path)
    assert list(found) == ["two-tails"] and len(wrong) == 1 and "broken.yaml, line" in wrong[0]


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """A folder of somebody's own lessons, which the app reads beside the shipped ones."""
    monkeypatch.delenv("TUTOR_LESSONS", raising=False)
    monkeypatch.setenv("TUTOR_STORE", str(tmp_path))
    folder = tmp_path / "lessons"
    folder.mkdir()
    return folder


def test_a_lesson_of_ones_own_stands_among_the_shipped_ones_in_its_place(own):
    written(own, GOOD.replace("place: 1", "place: 2"))
    found, wrong = lessons.lessons()
    assert set(found) == {*SHIPPED, "two-tails"} and wrong == ()
    assert list(found)[:3] == ["ideal", "becoming", "two-tails"]                    # equal places stand by name


def test_own_lessons_are_looked_for_where_the_app_is_told_to(own, tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    monkeypatch.setenv("TUTOR_LESSONS", str(tmp_path / "course"))
    written(tmp_path / "course", GOOD)
    assert "two-tails" in lessons.lessons()[0]


def test_a_lesson_of_the_same_name_takes_the_place_of_a_shipped_one(own):
    (own / "ideal.yaml").write_text(GOOD, encoding="utf-8")
    found, _ = lessons.lessons()
    assert (found["ideal"].title, len(found)) == ("Two tails", len(SHIPPED))


def test_the_page_lists_a_file_that_is_new_reads_it_again_when_it_changed_and_names_the_line_that_is_wrong(own):
    page = str(PAGES / "lessons.py")
    app = AppTest.from_file(str(MAIN), default_timeout=120).run().switch_page(page).run()

    def titles() -> str:
        return " ".join(element.value for element in app.run().markdown)

    assert "Two tails" not in titles()
    path = written(own, lessons.EXAMPLE)
    assert "Two tails" in titles()
    path.write_text(lessons.EXAMPLE.replace("title: Two tails", "title: Three heads"), encoding="utf-8")
    assert "Three heads" in titles() and "Two tails" not in titles()
    path.write_text(lessons.EXAMPLE.replace("minutes: 2", "minutes: two"), encoding="utf-8")
    assert "Three heads" not in titles()
    assert [error.value.split(":")[0] for error in app.error] == ["A lesson cannot be read. two-tails.yaml, line 4"]
    path.unlink()
    assert not app.run().error


def test_the_example_on_the_page_is_begun_like_any_other(own):
    written(own, lessons.EXAMPLE)
    app = AppTest.from_file(str(MAIN), default_timeout=120).run().switch_page(str(PAGES / "lessons.py")).run()
    assert lessons.EXAMPLE.strip() in [code.value for code in app.code]
    app = app.button(key="lessons_two-tails").click().run()
    assert "Press **Tails** twice." in " ".join(element.value for element in app.markdown)


@pytest.mark.parametrize(("known", "met"), [
    ({"heads": 2, "flips": 3}, True), ({"heads": 2, "flips": 9}, False), ({"heads": 1, "flips": 3}, False), ({"heads": 2}, False),
    ({"heads": "2", "flips": 3}, False),
])
def test_a_step_waits_until_all_of_it_is_shown(known, met):
    step = Step(page="bayes", say="", do="Press.", done="Yes.", until="heads >= 2 and flips < 9")
    assert step.met(known) is met


def test_the_feedback_names_the_error():
    guess = Guess(ask="", fact="regret", between=(0, 9), within=0.1, close="close", low="too low", high="too high")
    assert [guess.verdict(number, 1.0) for number in (0.5, 0.95, 1.05, 1.2)] == ["too low", "close", "close", "too high"]


@given(st.text(max_size=30))
def test_a_condition_is_understood_or_refused(text):
    try:
        clauses = lessons.parsed(text)
    except (ValueError, lessons.yaml.YAMLError):
        return
    assert all(sign in lessons.OPERATORS for _, sign, _ in clauses)


def opened(step: Step, settings: dict) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settings.items() if value != ""}
    app.query_params.update(texts)
    app = app.switch_page(str(PAGES / f"{step.page}.py")).run()
    assert not app.exception and not app.error
    return app


def settings_at(lesson, at: int) -> dict:
    """What the page's controls are when step `at` opens: those of the steps before it on the same page count as well."""
    page, merged = lesson.steps[at].page, {}
    for before in lesson.steps[: at + 1]:
        if before.page == page:
            merged |= before.set
    return merged


@pytest.mark.parametrize(("lesson", "at"), STEPS)
def test_a_shipped_step_meets_a_page_that_tells_what_it_asks_for(lesson, at):
    step = lesson.steps[at]
    app = opened(step, settings_at(lesson, at))
    told = app.session_state[facts.PLACE]
    if step.until:
        assert {name for name, *_ in lessons.parsed(step.until)} <= told.keys()
        assert not step.met(told), "it is fulfilled before the learner has done anything"
    if step.guess:
        shown = opened(step, settings_at(lesson, at) | step.guess.reveal).session_state[facts.PLACE][step.guess.fact]
        low, high = step.guess.between
        assert low <= shown <= high
        assert step.guess.verdict(shown, shown) == step.guess.close
