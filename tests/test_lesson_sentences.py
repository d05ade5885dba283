"""Sentences that follow the numbers, and guesses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tutor.ui.stage.guessed_number import format_guess, parse_guess
from tutor.ui.stage.lesson_text import Sentence, choose_text, placeholders

SENTENCE = TypeAdapter(Sentence)


def said(sentence, **facts) -> str:
    return choose_text(SENTENCE.validate_python(sentence), facts)


def test_a_text_holds_the_numbers_that_the_page_tells():
    assert said("{worth:.0f} tails, {share:.0%}, {task}", worth=124.7, share=0.256, task="Add 2") == "125 tails, 26%, Add 2"
    assert said("a {{brace}}") == "a {brace}"


def test_a_text_without_its_numbers_does_not_appear():
    assert said("{worth:.0f} tails") == said("{worth:.0f} tails", worth=None) == said("{worth:.0f} tails", worth=float("nan")) == ""


@pytest.mark.parametrize(("worth", "text"), [(200, "many: 200"), (10, "few: 10"), (None, "nobody knows")])
def test_the_first_text_that_holds_appears(worth, text):
    sentence = [{"if": "worth > 150", "say": "many: {worth}"}, {"say": "few: {worth}"}, {"say": "nobody knows"}]
    assert said(sentence, worth=worth) == text


def test_a_condition_that_fails_leaves_nothing_to_say():
    assert said({"if": "worth > 150", "say": "more than a hundred and fifty"}, worth=125) == ""


@given(st.text(max_size=40))
def test_every_text_is_understood_or_refused_in_one_sentence(text):
    try:
        names = placeholders(text)
    except ValueError as error:
        assert "\n" not in str(error) or "\n" in text
        return
    assert said(text, **{name: 1.0 for name, _ in names}) is not None if not any(form for _, form in names) else True


@pytest.mark.parametrize("text", ["90", "90 %", "90%", "0.9", "0,9", ".9", " 90.0 % ", "+0.9", "90,0"])
def test_a_share_is_typed_in_per_cent_or_as_a_part(text):
    assert parse_guess(text, share=True, between=(0.0, 1.0)) == pytest.approx(0.9)


@pytest.mark.parametrize(("text", "number"), [
    ("1", 1.0), ("1 %", 0.01), ("100", 1.0), ("-50", -0.5), ("-0.5", -0.5), ("\N{MINUS SIGN}50 %", -0.5), ("0", 0.0), ("0.5 %", 0.005),
])
def test_one_is_all_and_one_per_cent_is_little(text, number):
    assert parse_guess(text, share=True, between=(-1.0, 1.0)) == pytest.approx(number)


@pytest.mark.parametrize(("text", "number"), [("0.3", 0.3), ("0,3", 0.3), ("0.3 nats", 0.3), ("1.5nats", 1.5), ("2", 2.0)])
def test_a_number_may_carry_its_unit(text, number):
    assert parse_guess(text, share=False, unit="nats", between=(0.0, 2.0)) == pytest.approx(number)


@pytest.mark.parametrize("text", [
    "", "many", "nan", "inf", "1e3", "1_0", "3 %", "0x1", "1.2.3", "1,000.5", "٣", "--1", "2.01", "-0.1", "9" * 400,
])
def test_what_is_no_number_in_the_range_is_answered_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"^the guess is .*; it must be a number from 0 to 2 nats$"):
        parse_guess(text, share=False, unit="nats", between=(0.0, 2.0))


def test_a_share_outside_its_range_is_answered_in_per_cent():
    with pytest.raises(ValueError, match=r"^the guess is 150 %; it must be a share from 0% to 100%, such as 40 % or 0.4$"):
        parse_guess("150", share=True, between=(0.0, 1.0))


@given(st.floats(0, 1), st.sampled_from(["{:.6f}", "{:.4%}"]))
def test_what_is_written_as_a_share_is_read_again(number, form):
    assert parse_guess(form.format(number), share=True, between=(0.0, 1.0001)) == pytest.approx(number, abs=1e-6)


def test_numbers_are_written_as_short_as_they_can_be_compared():
    assert [format_guess(number, share=True, unit="") for number in (0.9, -0.2985, 0.0)] == ["90 %", "-29.8 %", "0 %"]
    nats = [format_guess(number, share=False, unit="nats") for number in (0.0049, 124.685, 12345.6)]
    assert nats == ["0.0049 nats", "125 nats", "12,346 nats"]
