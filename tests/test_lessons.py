"""Lessons: what a bad file is told, what a step waits for, and where lessons of one's own stand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tutor.core.paths import MAIN, PAGES
from tutor.ui.stage import lesson_file, lesson_text
from tutor.ui.stage.lesson import LessonGuess, LessonStep
from tutor.ui.stage.lesson_file import LessonError
from tutor.ui.stage.lesson_text import choose_text

SHIPPED, WRONG = lesson_file.list_lessons(lesson_file.SHIPPED)

GOOD = """title: Two tails
about: A lesson for a test.
place: 1
minutes: 1
steps:
  - scene: coin
    say: Look.
    do: Press Heads.
    until: heads >= 2 and flips < 9
    done: So it goes.
  - scene: coin
    say: The end.
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "two-tails.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_lessons_can_all_be_read():
    assert WRONG == () and len(SHIPPED) >= 6
    assert list(SHIPPED)[:3] == ["three", "ideal", "becoming"]


def test_a_lesson_is_one_file(tmp_path):
    lesson = lesson_file.read_lesson(written(tmp_path, GOOD))
    assert (lesson.name, lesson.title, len(lesson.steps)) == ("two-tails", "Two tails", 2)


@pytest.mark.parametrize(("good", "bad", "line", "word"), [
    ("    until: heads >= 2 and flips < 9", "    until: heads many", 9, "heads >= 3"),
    ("  - scene: coin\n    say: The end", "  - scene: nowhere\n    say: The end", 11, "nowhere"),
    ("minutes: 1", "minutes: 100", 4, "less than or equal to 60"),
    ("    done: So it goes.\n", "", 6, "done"),
    ("title: Two tails\n", "", 1, "required"),
    ("    say: Look.", "    say: Look.\n    shout: Hear!", 8, "not permitted"),
    ("about: A lesson for a test.", "about: a: b", 2, "not allowed here"),
])
def test_a_bad_file_names_its_line(tmp_path, good, bad, line, word):
    assert good in GOOD
    with pytest.raises(LessonError, match=rf"^two-tails\.yaml, line {line}: .*{word}"):
        lesson_file.read_lesson(written(tmp_path, GOOD.replace(good, bad)))


@pytest.mark.parametrize(("good", "bad", "line", "sentence"), [
    ("    say: Look.", "    say: Look at {haeds}.", 7, r"steps\.0\.say\.0: the scene tells no fact 'haeds'; it tells .*heads"),
    ("    say: Look.", "    say: Look at {heads:.q}.", 7, "heads is a number, which the format '.q' does not fit"),
    ("    say: Look.", "    say: Look at {heads.real}.", 7, "is no fact of a scene"),
    ("    say: Look.", "    say: Look at {heads.", 7, "a brace is open or closed too often"),
    ("    do: Press Heads.", "    do: Press {coin:.0%} and {1}.", 8, "is no fact of a scene"),
    ("done: So it goes.", "done:\n      - say: Now {heads}.\n        if: heads > 1\n      - say: Now {tials}.", 13, "no fact 'tials'"),
    ("    done: So it goes.", "    done:\n      - if: tials > 1\n        say: Now.", 11, "no fact 'tials'"),
    ("done: So it goes.", "done:\n      - if: heads == many\n        say: Now.", 11, "heads is a number and is compared with 'many'"),
    ("    done: So it goes.", "    done: []", 10, "at least 1 item"),
    ("    done: So it goes.", "    done: {unless: heads > 1, say: Now.}", 10, "not permitted|required"),
    ("heads >= 2 and flips < 9", "haeds >= 2", 9, "no fact 'haeds'"),
    ("  - scene: coin\n    say: The end", "  - scene: prompt-map\n    say: It {tuned}", 12, "tuned is true or false and cannot be shown"),
    ("  - scene: coin\n    say: The end", "  - scene: tape\n    say: It is {heads}", 12, "it tells by_chance, nearest, vectors"),
])
def test_a_sentence_that_cannot_be_filled_is_refused_with_its_line(tmp_path, good, bad, line, sentence):
    assert good in GOOD
    with pytest.raises(LessonError, match=rf"^two-tails\.yaml, line {line}: .*({sentence})"):
        lesson_file.read_lesson(written(tmp_path, GOOD.replace(good, bad)))


ASKING = """  - scene: SCENE
    say: SAY
    guess:
      ask: How much?
      fact: FACT
      between: [0, 1]
      within: 0.1
      close: So it is.
      low: More.
      high: Less.
"""


@pytest.mark.parametrize(("scene", "fact", "say", "sentence"), [
    ("coin", "predicted", "x", "the scene shows predicted at once, so the guess needs reveal"),
    ("coin", "predcited", "x", "no fact 'predcited'"),
    ("states", "colour", "x", "colour is a word, and only numbers can be guessed"),
    ("soft-share", "regret", "It loses {regret:.1f} nats.", "it holds regret, which the learner is to guess"),
])
def test_a_guess_beside_its_answer_is_refused(tmp_path, scene, fact, say, sentence):
    step = ASKING.replace("SCENE", scene).replace("FACT", fact).replace("SAY", say)
    with pytest.raises(LessonError, match=sentence):
        lesson_file.read_lesson(written(tmp_path, GOOD + step))
    sound = ASKING.replace("SCENE", "soft-share").replace("FACT", "regret")
    assert lesson_file.read_lesson(written(tmp_path, GOOD + sound)).steps[-1].guess


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list", "a: 1\n" * 20_000, "\x00"])
def test_what_is_no_lesson_is_said_in_a_sentence(tmp_path, text):
    with pytest.raises(LessonError, match="two-tails"):
        lesson_file.read_lesson(written(tmp_path, text))


def test_a_bad_file_does_not_hide_the_good_ones(tmp_path):
    written(tmp_path, GOOD)
    (tmp_path / "broken.yaml").write_text("title: [", encoding="utf-8")
    found, wrong = lesson_file.list_lessons(tmp_path)
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
    found, wrong = lesson_file.list_lessons()
    assert set(found) == {*SHIPPED, "two-tails"} and wrong == ()
    assert list(found)[2:4] == ["becoming", "two-tails"]                    # equal places stand by name


def test_own_lessons_are_looked_for_where_the_app_is_told_to(own, tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    monkeypatch.setenv("TUTOR_LESSONS", str(tmp_path / "course"))
    written(tmp_path / "course", GOOD)
    assert "two-tails" in lesson_file.list_lessons()[0]


def test_a_lesson_of_the_same_name_takes_the_place_of_a_shipped_one(own):
    (own / "ideal.yaml").write_text(GOOD, encoding="utf-8")
    found, _ = lesson_file.list_lessons()
    assert (found["ideal"].title, len(found)) == ("Two tails", len(SHIPPED))


def test_the_page_lists_a_file_that_is_new_reads_it_again_when_it_changed_and_names_the_line_that_is_wrong(own):
    page = str(PAGES / "lessons.py")
    app = AppTest.from_file(str(MAIN), default_timeout=120).run().switch_page(page).run()

    def titles() -> str:
        return " ".join(element.value for element in app.run().markdown)

    assert "Two tails" not in titles()
    path = written(own, lesson_file.EXAMPLE)
    assert "Two tails" in titles()
    path.write_text(lesson_file.EXAMPLE.replace("title: Two tails", "title: Three heads"), encoding="utf-8")
    assert "Three heads" in titles() and "Two tails" not in titles()
    path.write_text(lesson_file.EXAMPLE.replace("minutes: 2", "minutes: two"), encoding="utf-8")
    assert "Three heads" not in titles()
    assert [error.value.split(":")[0] for error in app.error] == ["A lesson cannot be read. two-tails.yaml, line 4"]
    path.unlink()
    assert not app.run().error


def test_the_example_on_the_page_is_begun_like_any_other(own):
    written(own, lesson_file.EXAMPLE)
    app = AppTest.from_file(str(MAIN), default_timeout=120).run().switch_page(str(PAGES / "lessons.py")).run()
    assert lesson_file.EXAMPLE.strip() in [code.value for code in app.code]
    app = app.button(key="lessons_two-tails").click().run()
    assert "Press **Tails** twice." in " ".join(element.value for element in app.markdown)


@pytest.mark.parametrize(("known", "met"), [
    ({"heads": 2, "flips": 3}, True), ({"heads": 2, "flips": 9}, False), ({"heads": 1, "flips": 3}, False), ({"heads": 2}, False),
    ({"heads": "2", "flips": 3}, False),
])
def test_a_step_waits_until_all_of_it_is_shown(known, met):
    step = LessonStep(scene="coin", say="Look.", do="Press.", done="Yes.", until="heads >= 2 and flips < 9")
    assert step.met(known) is met


def test_the_feedback_names_the_error():
    guess = LessonGuess(ask="How much?", fact="regret", between=(0, 9), within=0.1, close="close", low="too low", high="too high")
    assert [choose_text(guess.verdict(number, 1.0), {}) for number in (0.5, 0.95, 1.05, 1.2)] == ["too low", "close", "close", "too high"]


@given(st.text(max_size=30))
def test_a_condition_is_understood_or_refused(text):
    try:
        clauses = lesson_text.parse_condition(text)
    except ValueError:
        return
    assert all(sign in lesson_text.OPERATORS for _, sign, _ in clauses)
