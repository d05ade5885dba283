"""Networks set by hand: every string and every map comes out of its virtual token, and of nothing else."""

import string

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.predictors.handmade import answer_symbols, make_pair_map, make_string_writer, make_symbol_map, write_string

PRINTABLE = [chr(c) for c in range(32, 126)]
symbols = st.integers(0, len(PRINTABLE) - 1)


@given(st.lists(symbols, min_size=1, max_size=20))
@settings(max_examples=40)
def test_one_virtual_token_writes_any_string(text):
    network = make_string_writer(len(PRINTABLE), len(text))
    assert write_string(network, torch.tensor(text), len(text)).tolist() == text


def test_the_papers_own_sentence_comes_out():
    text = "I love transformers!"
    table = torch.tensor([PRINTABLE.index(c) for c in text])
    network = make_string_writer(94, 20)
    assert "".join(PRINTABLE[i] for i in write_string(network, table, 20)) == text


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10))
@settings(max_examples=30)
def test_one_virtual_token_is_any_map_of_symbols(answers):
    network = make_symbol_map(10)
    assert [answer_symbols(network, torch.tensor(answers), torch.tensor([x])) for x in range(10)] == answers


def test_swapping_the_case_of_letters_is_such_a_map():
    letters = string.ascii_letters
    network, swap = make_symbol_map(len(letters)), torch.tensor([letters.index(c.swapcase()) for c in letters])
    assert "".join(letters[answer_symbols(network, swap, torch.tensor([letters.index(c)]))] for c in "fortunE") == "FORTUNe"


@given(st.lists(st.integers(0, 3), min_size=16, max_size=16))
@settings(max_examples=20)
def test_one_virtual_token_is_any_map_of_pairs(answers):
    network = make_pair_map(4)
    said = [answer_symbols(network, torch.tensor(answers), torch.tensor([a, b])) for a in range(4) for b in range(4)]
    assert said == answers


def test_addition_modulo_ten_is_such_a_map():
    network, table = make_pair_map(10), torch.tensor([(a + b) % 10 for a in range(10) for b in range(10)])
    assert all(answer_symbols(network, table, torch.tensor([a, b])) == (a + b) % 10 for a in range(10) for b in range(10))


def test_the_weights_know_nothing_of_the_answer():
    network = make_symbol_map(10)
    other = network.logits(network.virtual(torch.zeros(10, dtype=torch.int64)), torch.tensor([3]))
    assert int(other[-1].argmax()) == 0


@pytest.mark.parametrize("tokens", [[], [5], [5, 7, 1]], ids=str)
def test_a_string_writer_does_not_care_what_it_reads(tokens):
    network, table = make_string_writer(10, 4), torch.tensor([3, 1, 4, 1])
    read = torch.tensor(tokens, dtype=torch.int64)
    assert int(network.logits(network.virtual(table), read)[-1].argmax()) == [3, 1, 4, 1][len(tokens)]
