"""The glossary is one alphabetical list of sentences, and what pictures explain comes from it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.methods import METHODS
from tutor.methods.retrieval import PIPELINES
from tutor.ui.plot.glossary import list_meanings, parse_glossary, read_glossary

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("figures", "ui", "measure", "studies", "methods", "runs", "analysis")
WRITERS = [path for room in ROOMS for path in ROOT.glob(f"tutor/{room}/**/*.py")]
TERMS = [entry.term for entry in read_glossary()]


@pytest.mark.parametrize("entry", read_glossary(), ids=TERMS)
def test_an_entry_is_a_short_sentence_that_does_not_explain_a_word_by_itself(entry):
    assert entry.meaning[0].isupper() or entry.meaning[0].isdigit()
    assert entry.meaning.endswith(".") and len(entry.meaning) <= 160
    assert not re.match(rf"(a |an |the )?{re.escape(entry.term)}\b", entry.meaning, re.IGNORECASE)


def test_the_terms_stand_in_alphabetical_order():
    assert sorted(TERMS, key=str.casefold) == TERMS


def test_the_terms_that_a_reader_meets_first_are_there():
    wanted = {"trajectory", "regret", "pseudo-counts", "prompt", "prefix", "soft prompt", "posterior", "excess", "plane", "frame"}
    assert wanted | {"run", "key", "study", "verdict"} <= set(TERMS)


def test_whatever_a_picture_explains_is_an_entry_or_a_way_to_tune():
    known = {word for method in (METHODS | PIPELINES).values() for word in (method.label, method.in_words)}
    assert set(list_meanings()) - known == {entry.term for entry in read_glossary() if entry.on_pictures} - known


@pytest.mark.parametrize("term", [entry.term for entry in read_glossary() if entry.on_pictures])
def test_a_word_that_pictures_explain_is_written_somewhere(term):
    word = re.compile(rf"(?<![\w+-]){re.escape(term)}(?![\w-])")
    assert any(word.search(path.read_text(encoding="utf-8")) for path in WRITERS if path.name != "glossary.py")


A_TERM = st.from_regex(r"[A-Za-z][A-Za-z0-9 -]{0,20}", fullmatch=True)
A_MEANING = st.from_regex(r"[A-Z][a-z :,]{0,40}\.", fullmatch=True)


@given(st.dictionaries(A_TERM, st.tuples(A_MEANING, st.booleans())))
def test_what_is_written_is_read(entries):
    lines = [f"- {mark}{term}{mark}: {meaning}" for term, (meaning, shown) in entries.items() for mark in ["**" if shown else "*"]]
    found = parse_glossary("\n".join(["# Glossary", "", "Prose.", "", *lines]))
    assert {entry.term: (entry.meaning, entry.on_pictures) for entry in found} == entries


@pytest.mark.parametrize(("text", "said"), [("- **a**: One.\nprose", "line 2"), ("- **a**: One.\n- *a*: Two.", "second time")])
def test_a_glossary_with_a_mistake_names_the_line(text, said):
    with pytest.raises(ValueError, match=said):
        parse_glossary(text)
