"""Files in the lessons folder that are none: each is named once with its line, and every page and every other lesson stands."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tutor.core.paths import MAIN, PAGES
from tutor.ui.stage import lesson_file
from tutor.ui.stage.lesson import Lesson, LessonGuess
from tutor.ui.stage.lesson_file import LessonError

START = """title: Mine
about: What two tails are worth.
place: 20
minutes: 2
steps:
  - scene: coin
    say: Nothing is known of this coin.
"""
END = "  - scene: prompt-map\n    say: The network takes a prompt for flips as well.\n"
SOUND = START + END
GUESS = "    guess: {ask: How much, fact: flips, between: [0, 5], within: 1, close: c, low: d, high: e}\n"
UNTIL = "    do: Press it.\n    until: flips >= 2\n    done: It is done.\n"
DEEP = "[" * 500 + "]" * 500


def step(more: str) -> str:
    """A lesson whose first step has more to it, from line 8 on."""
    return f"{START}{more}{END}"


BAD = {
    "huge_integer": (SOUND.replace("20", "9" * 5000), "line 3: 999999"),
    "huge_hexadecimal": (SOUND.replace("20", f"0x{'f' * 9000}"), "line 3: place: the number has too many digits"),
    "many_digits": (SOUND.replace("20", "9" * 30), "line 3: place: the number has too many digits"),
    "huge_minutes": (SOUND.replace("minutes: 2", f"minutes: {'9' * 18}"), "line 4: minutes: input should be less than or equal to 60"),
    "sexagesimal": (SOUND.replace("20", "1:" * 2000 + "1"), "line 3: "),
    "not_a_number": (SOUND.replace("20", ".nan"), "line 3: place: nan is no finite number"),
    "infinite": (SOUND.replace("20", ".inf"), "line 3: place: inf is no finite number"),
    "wrong_date": (SOUND.replace("20", "2026-13-45"), "line 3: 2026-13-45 is malformed"),
    "date": (SOUND.replace("Mine", "2026-01-02"), "line 1: title: a date stands here"),
    "reversed_range": (step(GUESS.replace("0, 5", "5, 1")), "line 8: steps.0.guess: between is [5, 1]"),
    "empty_range": (step(GUESS.replace("0, 5", "3, 3")), "line 8: steps.0.guess: between is [3, 3]"),
    "endless_range": (step(GUESS.replace("0, 5", "0, .inf")), "line 8: steps.0.guess.between.1: inf is no finite number"),
    "far_range": (step(GUESS.replace("0, 5", "0, 1.0e+300")), "line 8: steps.0.guess: between is [0, 1e+300]"),
    "wide_tolerance": (step(GUESS.replace("within: 1", "within: 6")), "line 8: steps.0.guess: within is 6"),
    "no_tolerance": (step(GUESS.replace("within: 1", "within: 0")), "line 8: steps.0.guess.within: input should be greater than 0"),
    "fact_of_several_words": (step(GUESS.replace("fact: flips", "fact: the flips")), "line 8: steps.0.guess.fact: "),
    "scene_outside": (SOUND.replace("scene: coin", "scene: ../app"), "line 6: steps.0.scene: scene is '../app'"),
    "scene_upper": (SOUND.replace("scene: coin", "scene: Coin"), "line 6: steps.0.scene: scene is 'Coin'"),
    "page": (SOUND.replace("scene: coin", "page: bayes"), "line 6: steps.0.page: a step names a scene, not a page"),
    "set_name": (step("    set: {'a b': 1}\n"), "line 8: steps.0.set.a b"),
    "set_long": (step(f"    set: {{flips: {'H' * 601}}}\n"), "line 8: steps.0.set.flips"),
    "set_endless": (step("    set: {coin: .inf}\n"), "line 8: steps.0.set.coin: inf is no finite number"),
    "set_nothing": (step("    set: {coin: }\n"), "line 8: steps.0.set.coin"),
    "set_nested": (step("    set: {coin: {a: 1}}\n"), "line 8: steps.0.set.coin"),
    "set_many": (step(f"    set: {{{', '.join(f'a{i}: 1' for i in range(101))}}}\n"), "line 8: steps.0.set"),
    "reveal_endless": (step(GUESS.replace("within", "reveal: {coin: -.inf}, within")), "line 8: steps.0.guess.reveal.coin"),
    "set_unknown": (step("    set: {bias: 1}\n"), "line 8: steps.0.set.bias: the scene coin has no setting 'bias'; it has coin, flips"),
    "set_list": (step("    set: {flips: [H, T]}\n"), "line 8: steps.0.set.flips"),
    "set_letters": (step("    set: {flips: HEAD}\n"), "line 8: steps.0.set.flips: flips is 'HEAD'; it must be up to 400 letters H and T"),
    "set_outside": (step("    set: {coin: 7}\n"), "line 8: steps.0.set.coin: coin is '7'; it must be a number from 0 to 1"),
    "set_word": (step("    set: {coin: word}\n"), "line 8: steps.0.set.coin: coin is 'word'; it must be a number"),
    "reveal_unknown": (step(GUESS.replace("within", "reveal: {bias: 1}, within")), "line 8: steps.0.guess.reveal.bias: the scene coin"),
    "until_words_by_size": (step(UNTIL.replace(">= 2", ">= heads")), "line 9: steps.0.until: flips >= heads compares words by size"),
    "until_truth_by_size": (step(UNTIL.replace(">= 2", "> true")), "line 9: steps.0.until: flips > true compares words by size"),
    "until_list": (step(UNTIL.replace(">= 2", ">= [1, 2]")), "line 9: steps.0.until: flips is compared with [1, 2]"),
    "until_nothing": (step(UNTIL.replace(">= 2", ">= null")), "line 9: steps.0.until: flips is compared with null"),
    "until_huge": (step(UNTIL.replace(">= 2", f">= {'9' * 5000}")), "line 9: steps.0.until: the value of flips"),
    "until_endless": (step(UNTIL.replace(">= 2", ">= .nan")), "line 9: steps.0.until: the value of flips"),
    "until_date": (step(UNTIL.replace(">= 2", "== 2026-01-02")), "line 9: steps.0.until: the value of flips"),
    "until_open": (step(UNTIL.replace(">= 2", "== [")), "line 9: steps.0.until: the value of flips"),
    "until_long": (step(UNTIL.replace(">= 2", ">= 2 and flips >= 2" * 11)), "line 9: steps.0.until"),
    "deep": (step(f"    set: {{a: {DEEP}}}\n"), "nested too deeply"),
    "alias_bomb": (SOUND + "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9) if i else 'x'}]\n" for i in range(9)), "100,000 parts"),
    "alias_circle": (SOUND + "x: &x [*x]\n", "line 10: an alias leads back"),
    "twice": (SOUND + "title: Other\n", "line 10: the key title stands twice"),
    "twice_in_set": (step("    set: {a: 1, a: 2}\n"), "line 8: the key a stands twice"),
    "number_as_key": (SOUND + "1: 2\n", "line 1: the document: the key 1 is no word"),
    "list_as_key": (SOUND + "? [a]\n: 2\n", "line 10: "),
    "python_object": (SOUND.replace("20", "!!python/object/apply:os.getcwd []"), "line 3: could not determine"),
    "zero_byte": (SOUND.replace("Mine", "Mi\0ne"), "is no text"),
    "half_a_letter": (SOUND.replace("Mine", '"\\ud83d"'), "line 1: title: the text holds characters that are none"),
    "nothing": ("", "line 1: this is no lesson"),
    "words": ("just words", "line 1: this is no lesson"),
    "list": ("- a\n- b\n", "line 1: this is no lesson"),
    "two_documents": (f"{SOUND}---\n{SOUND}", "line 10"),
    "tab": (SOUND.replace("  - scene", "\t- scene", 1), "line 6"),
    "no_title": (SOUND.replace("Mine", '""'), "line 1: title: string should have at least 1 character"),
    "one_step": (START, "line 5: steps: tuple should have at least 2 items"),
    "many_steps": (START + END * 100, "line 5: steps: tuple should have at most 100 items"),
    "large": (SOUND + "# " + "x" * 64 * 1024, "at most 65,536 are read"),
    "nan": (SOUND, "cannot be the name of a lesson"),
}


@pytest.fixture
def crowded(tmp_path, monkeypatch) -> Path:
    """A folder of one's own with every bad file, files that are none at all, and one sound lesson."""
    for name, (text, _) in BAD.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "sound.yml").write_bytes(SOUND.encode("utf-16"))
    (tmp_path / "._sound.yaml").write_bytes(b"\0\5\x16\7")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "circle.yaml").symlink_to(tmp_path / "circle.yaml")
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "absent")
    os.mkfifo(tmp_path / "pipe.yaml")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml"))).write_text(SOUND, encoding="utf-8")
    monkeypatch.setenv("TUTOR_LESSONS", str(tmp_path))
    return tmp_path


NO_FILES = ("folder.yaml", "circle.yaml", "dangling.yaml", "pipe.yaml", "\N{REPLACEMENT CHARACTER}.yaml")


@pytest.mark.parametrize("name", BAD)
def test_what_the_page_could_not_bear_is_refused_on_reading_with_its_line(tmp_path, name):
    text, said = BAD[name]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LessonError) as refused:
        lesson_file.read_lesson(path)
    assert str(refused.value).startswith(f"{name}.yaml") and said in str(refused.value) and str(refused.value).isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_lesson_may_be_saved_by_any_editor(tmp_path, encoding):
    path = tmp_path / "mine.yaml"
    path.write_bytes(SOUND.replace("Mine", "Zwei Würfe").replace("\n", "\r\n").encode(encoding))
    assert lesson_file.read_lesson(path).title == "Zwei Würfe"


def test_settings_may_be_written_once_and_used_again(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"{START}    set: &start {{flips: HH}}\n  - scene: coin\n    say: Again.\n    set: *start\n", encoding="utf-8")
    assert [one.set for one in lesson_file.read_lesson(path).steps] == [{"flips": "HH"}] * 2


def test_every_bad_file_of_a_folder_is_named_and_the_sound_one_is_there(crowded):
    found, wrong = lesson_file.list_lessons(crowded)
    assert list(found) == ["sound"] and len(wrong) == len(BAD) + len(NO_FILES)
    assert all(sum(one.startswith(name) for one in wrong) == 1 for name in NO_FILES)


def test_a_folder_of_thousands_or_none_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(lesson_file, "MOST_FILES", 3)
    for i in range(5):
        (tmp_path / f"mine-{i}.yaml").write_text(SOUND, encoding="utf-8")
    found, wrong = lesson_file.list_lessons(tmp_path)
    assert list(found) == ["mine-0", "mine-1", "mine-2"] and wrong[0].endswith("holds 5 lessons; the first 3 are read")
    assert lesson_file.list_lessons(tmp_path / "absent") == ({}, ()) and lesson_file.list_lessons(tmp_path / "mine-0.yaml") == ({}, ())


def test_a_file_that_may_be_read_now_is_read_again(tmp_path):
    path = tmp_path / "mine.yaml"
    path.symlink_to(tmp_path / "other")
    assert lesson_file.list_lessons(tmp_path)[1]
    (tmp_path / "other").write_text(SOUND, encoding="utf-8")
    assert list(lesson_file.list_lessons(tmp_path)[0]) == ["mine"]


def test_the_app_stands_with_all_of_them_and_names_each_once(crowded):
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    assert not app.exception and not app.error
    app = app.switch_page(str(PAGES / "lessons.py")).run()
    assert not app.exception and "**1." in " ".join(element.value for element in app.markdown)
    said = [error.value for error in app.error]
    names = [*(f"{name}.yaml" for name in BAD), *NO_FILES]
    assert len(said) == len(names) and all(sum(f" {name}" in one for one in said) == 1 for name in names)
    app = app.button(key="lessons_sound").click().run()
    assert not app.exception and not app.error and "Nothing is known of this coin." in " ".join(element.value for element in app.markdown)


def test_a_word_in_the_place_of_a_number_is_no_number_to_compare_with():
    guess = LessonGuess(ask="", fact="kind", between=(0, 9), within=0.1, close="close", low="too low", high="too high")
    assert [guess.measured({"kind": fact}) for fact in ("Flips", None, float("nan"), [1], 2, True)] == [None, None, None, None, 2.0, 1.0]


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["coin", "flips >= 2", "../app"])
PART = st.sampled_from(["title", "about", "place", "minutes", "steps", "scene", "page", "say", "set", "until", "do", "done", "guess", "ask",
                        "fact", "between", "within", "close", "low", "high", "reveal"])
ANY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PART, inner, max_size=6), max_leaves=20)


@settings(max_examples=200)
@given(data=st.binary(max_size=80) | ANY.map(lambda value: lesson_text(value).encode("utf-8", "ignore"))
       | st.tuples(st.integers(0, len(SOUND)), st.text(max_size=6)).map(lambda more: with_more(*more)))
def test_a_file_of_any_content_is_a_lesson_or_refused_in_one_line(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        assert isinstance(lesson_file.read_lesson(path), Lesson)
    except LessonError as refused:
        assert str(refused).startswith("any.yaml") and str(refused).isprintable()


def lesson_text(value: object) -> str:
    """A value as YAML, more or less."""
    return repr(value).replace("None", "null").replace("True", "true").replace("False", "false")


def with_more(at: int, more: str) -> bytes:
    """The sound lesson with something put in."""
    return (SOUND[:at] + more + SOUND[at:]).encode("utf-8", "ignore")
