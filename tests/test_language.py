"""The tiny language: its world is consistent, what is asked can be answered, nobody held out is met, and its words are enough."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tutor.core.spec_errors import SpecError
from tutor.sources import TinyLanguage
from tutor.sources.language import END, NATURAL, WORDS, decode, encode
from tutor.sources.language.documents import SAY, STYLES, TASKS, World
from tutor.sources.language.words import FIRST, LAST, NUMBERS, PERSON, PLACE
from tutor.sources.source import is_held_out

each_kind = pytest.mark.parametrize("kind", TASKS)
VALUE = {word: n for n, word in enumerate(NUMBERS)}


def documents(kind: str, n: int = 200, *, held: bool = False, style: int = 0) -> list[tuple[str, list[str]]]:
    """Documents of one kind: the whole text, and what is asked in it."""
    world = World(np.random.default_rng(0), held)
    drawn = [TASKS[kind](world, style) for _ in range(n)]
    return [(" ".join(text for text, _ in parts), [text for text, asked in parts if asked]) for parts in drawn]


def test_the_vocabulary_is_small_and_every_word_stands_in_it_once():
    assert len(WORDS) == len(set(WORDS)) <= 600
    assert TinyLanguage().vocab == len(WORDS)


@each_kind
@pytest.mark.parametrize("style", range(len(STYLES)))
def test_every_document_is_written_in_the_words_of_the_language(kind, style):
    for text, _ in documents(kind, 30, style=style):
        assert decode(encode(text)) == text


def test_every_word_occurs_somewhere():
    met = set()
    for kind in TASKS:
        for style in range(len(STYLES)):
            met |= {word for text, _ in documents(kind, 60, style=style) for word in text.split()}
    assert set(WORDS) - met == {"end"}


def stated(text: str) -> dict[tuple[str, str], str]:
    """Who has what value of which attribute, read off the sentences of a text."""
    found = {}
    for attribute, ways in SAY.items():
        for way in ways:
            pattern = re.escape(way).replace(r"\{n\}", r"(?P<n>\w+(?: \w+)?)").replace(r"\{v\}", r"(?P<v>\w+)")
            found |= {(hit["n"], attribute): hit["v"] for hit in re.finditer(rf"(?:^|(?<=\. )){pattern}", text)
                      if hit["v"] in (PERSON | PLACE)[attribute]}
    return found


ASKED = {
    "where does (.+) live": "town", "what is the job of (.+)": "job", "what does (.+) like": "food", "what pet does (.+) have": "pet",
    "what does (.+) wear": "colour", "what is there in (.+)": "sight", "what is the weather of (.+)": "weather",
}


def test_every_question_has_its_answer_in_the_facts_before_it():
    for text, asked in documents("qa"):
        facts, questions = stated(text), re.findall(r"(?<=\. )(wh[^.]+?) \?", text)
        assert len(questions) == len(facts) > 1
        for question, answer in zip(questions, asked, strict=True):
            (name, attribute), = [(hit[1], what) for way, what in ASKED.items() if (hit := re.fullmatch(way, question))]
            assert f"{facts[name, attribute]} ." == answer


def test_most_questions_have_rivals_so_that_only_the_name_tells_the_answer():
    facts = [stated(text) for text, _ in documents("qa")]
    guessed = [1 / sum(attribute == other for _, other in told) for told in facts for _, attribute in told]
    assert np.mean(guessed) < 0.5


def test_guests_come_back_by_their_full_names():
    for text, asked in documents("guests"):
        first, *again = [re.findall(r"\w+ \w+", part) for part in text.removesuffix(" .").split(" ; guests :")]
        first = [name for name in first if name.split()[0] != "guests"]
        assert len({name.split()[0] for name in first}) == len(first)
        assert all(sorted(part) == sorted(first) for part in again)
        assert asked == [name.split()[1] for part in again for name in part]


def test_a_name_said_again_counts_where_everything_known_is_predicted():
    source = TinyLanguage(tasks=("qa",), documents=1)
    known, asked = (source.model_copy(update={"predict": what}).sample(20, 96, rng=0) for what in ("known", "answers"))
    assert torch.equal(known.tokens, asked.tokens) and (known.mask | ~asked.mask).all()
    for row, more in zip(known.tokens.tolist(), (known.mask & ~asked.mask).tolist(), strict=True):
        words, met = [WORDS[token] for token in row], set()
        for i, (before, word) in enumerate(pairwise(words), 1):
            assert more[i] == (word in LAST and (before, word) in met)
            met.add((before, word))


def test_an_unfounded_question_is_about_somebody_who_is_not_mentioned():
    for text, _ in documents("unfounded"):
        (told, name), = [(hit[1], hit[2]) for way in ASKED if (hit := re.match(rf"(.+ \.) {way} \? ", text))]
        assert name not in told


def test_a_gap_is_filled_by_the_fact_that_was_told():
    for text, asked in documents("cloze"):
        told, _, gap = text.partition("text : ")
        missing = stated(gap.partition("blank is")[0].replace("blank", asked[0].removesuffix(" .")))
        assert len(missing) == 1 and missing.items() <= stated(told).items()


@pytest.mark.parametrize("style", [0, 1], ids=["at once", "in steps"])
def test_sums_are_right_in_every_step(style):
    for text, asked in documents("arithmetic", style=style):
        for terms, answer in zip(re.findall(r"compute (.+?) \?", text), asked, strict=True):
            total = eval(" ".join(str(VALUE.get(word, {"plus": "+", "minus": "-"}.get(word))) for word in terms.split()))
            assert answer.endswith(f"{NUMBERS[total]} .")
        for a, op, b, c in re.findall(r"(\w+) (plus|minus) (\w+) gives (\w+)", text):
            assert VALUE[c] == VALUE[a] + (VALUE[b] if op == "plus" else -VALUE[b])


@pytest.mark.parametrize("style", range(len(STYLES)))
def test_a_told_table_holds_every_cell(style):
    for text, (told,) in documents("table", 50, style=style):
        assert all(f" {value} " in f" {told} " for value in re.findall(r"= (\w+(?: \w+)?) [|.]", text))


def test_a_table_is_told_in_the_way_of_the_trade_and_of_towns_that_nobody_learned_from():
    met = {held: [] for held in (False, True)}
    for held, found in met.items():
        for text, (told,) in documents("trade", 200, held=held):
            row = dict(re.findall(r"(\w+) = (\w+(?: \w+)?) [|.]", text))
            assert told == STYLES[PERSON["job"].index(row["job"]) % len(STYLES)].format(**row)
            found.append((row["town"], row["job"]))
    learned, tested = ({town for town, _ in found} for found in met.values())
    assert len(learned) == 12 and tested == set(PERSON["town"]) - learned
    assert all({job for _, job in found} == set(PERSON["job"]) for found in met.values())


def test_a_summary_says_who_where_and_what():
    for text, (line,) in documents("summary", 50):
        hit = re.fullmatch(r"(\w+ \w+) , (\w+) of (\w+) , likes (\w+) \.", line)
        facts = stated(text.partition("summary")[0])
        assert hit.groups()[1:] == tuple(facts[hit[1], attribute] for attribute in ("job", "town", "food"))


def test_a_sum_that_is_asked_plainly_is_still_worked_out_in_steps():
    for text, (line,) in documents("reasoned", 50):
        first, sign, second, then, third = re.fullmatch(r"compute (\w+) (plus|minus) (\w+) (plus|minus) (\w+) \? steps : .*", text).groups()
        middle = VALUE[first] + VALUE[second] * (1 if sign == "plus" else -1)
        last = middle + VALUE[third] * (1 if then == "plus" else -1)
        assert line == (f"steps : {first} {sign} {second} gives {NUMBERS[middle]} ; "
                        f"{NUMBERS[middle]} {then} {third} gives {NUMBERS[last]} ; answer : {NUMBERS[last]} .")


def people(text: str) -> set[tuple[str, str]]:
    return {(a, b) for a, b in pairwise(text.split()) if a in FIRST and b in LAST}


@pytest.mark.parametrize("held", [False, True], ids=["train", "test"])
@each_kind
def test_people_of_one_split_are_never_met_in_the_other(kind, held):
    met = {pair for text, _ in documents(kind, held=held) for pair in people(text)}
    rows = np.array([[FIRST.index(a), LAST.index(b)] for a, b in met]).reshape(-1, 2)
    assert kind in ("arithmetic", "reasoned") or len(met) > 50
    assert not len(rows) or set(is_held_out(rows)) == {held}


def test_no_sum_of_the_test_is_met_in_training():
    sums = [{s for text, _ in documents("arithmetic", held=held) for s in re.findall(r"compute (.+?) \?", text)} for held in (False, True)]
    assert not sums[0] & sums[1] and len(sums[1]) > 50


def test_only_answers_count_and_an_answer_ends_its_document():
    source = TinyLanguage(tasks=("cloze",), documents=1)
    batch = source.sample(20, 96, rng=0)
    for row, asked in zip(batch.tokens, batch.mask, strict=True):
        said = decode(row[asked])
        assert re.fullmatch(r"\w+ \. end", said)
        assert decode(row).split(" end")[0].endswith(said.removesuffix(" end"))


def test_everything_counts_where_everything_is_predicted():
    assert TinyLanguage(predict="everything").sample(8, 60, rng=0).mask.all()


def test_all_documents_of_a_sequence_are_of_one_kind_and_told_in_one_style():
    source = TinyLanguage(tasks=("qa", "table"), styles=(2, 7))
    for row, (task, style) in zip(source.sample(40, 96, rng=0).tokens, source.sample(40, 96, rng=0).latent.tolist(), strict=True):
        texts = decode(row).split(" end ")
        assert all(text.startswith("table :") == (task == 1) for text in texts)
        if task == 1:
            assert texts[0].split("text : ")[1].startswith("in ") == (style == 0)


def test_a_document_that_is_cut_off_is_not_asked():
    batch = TinyLanguage(tasks=("table",)).sample(30, 60, rng=0)
    for row, asked in zip(batch.tokens, batch.mask, strict=True):
        assert decode(row[asked]).endswith("end") and decode(row[asked]).count("end") == 1


@given(st.text())
def test_any_text_is_encoded_or_its_unknown_words_are_named(text):
    try:
        assert decode(encode(text)).split() == text.lower().split()
    except ValueError as error:
        assert re.fullmatch(r"the text has .*; the tiny language does not know (it|them)", str(error), re.DOTALL)


def test_unknown_words_are_named():
    with pytest.raises(ValueError, match="the text has quantum, flux; the tiny language does not know them"):
        encode("anna likes quantum flux")


@pytest.mark.parametrize(("fields", "answer"), [
    ({"tasks": ("poetry",)}, "tasks.0 is poetry; input should be 'prose'"),
    ({"weights": (1,)}, "weights has 1 entries and tasks 6; both must have the same"),
    ({"styles": (8,)}, "styles is [8]; each must lie between 0 and 7"),
    ({"documents": 0}, "documents is 0; input should be greater than or equal to 1"),
], ids=str)
def test_a_language_that_cannot_be_is_refused_in_one_sentence(fields, answer):
    with pytest.raises(SpecError) as refusal:
        TinyLanguage(**fields)
    assert str(refusal.value).startswith(answer)


@pytest.mark.parametrize("documents", [1, 2])
def test_what_fills_up_a_sequence_behind_its_last_document_is_no_text(documents):
    source = TinyLanguage(tasks=("cloze",), documents=documents)
    tokens = source.sample(20, 3 * NATURAL, 0).tokens
    written = source.written(tokens)
    assert ((tokens == END) & written).sum(1).tolist() == [documents] * 20 and (tokens[~written] == END).all() and not written.all()
    assert TinyLanguage(tasks=("cloze",)).written(tokens).all()


def test_few_examples_are_met_again_and_again_and_another_subset_has_others():
    def met(**fields):
        source = TinyLanguage(tasks=("table",), documents=1, **fields)
        return {tuple(row) for row in source.sample(200, source.natural_length, rng=3).tokens.tolist()}

    assert len(met(examples=5)) == 5 and len(met()) > 150
    assert met(examples=3) < met(examples=5)
    assert not met(examples=5) & met(examples=5, subset=1)


def test_what_is_held_out_is_never_limited():
    held = TinyLanguage(examples=5, subset=2, predict="everything").held_out()
    assert (held.examples, held.subset, held.predict, held.split) == (None, 0, "answers", "test")


@pytest.mark.parametrize("kind", ["table", "summary"])
@pytest.mark.parametrize("style", range(len(STYLES)))
def test_one_document_that_ends_in_a_sentence_fits_into_its_natural_length(kind, style):
    source = TinyLanguage(tasks=(kind,), styles=(style,), documents=1)
    assert source.sample(200, source.natural_length, rng=0).mask.any(1).all()


def test_a_batch_is_the_same_whatever_else_was_drawn():
    one, two = (TinyLanguage().sample(6, 96, rng=5) for _ in range(2))
    assert torch.equal(one.tokens, two.tokens) and torch.equal(one.mask, two.mask)
