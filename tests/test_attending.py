"""A visitor's list, read with and without a prefix: what is typed, answered and looked at, and the pictures of it."""

import numpy as np
import pytest
import torch
from list_networks import SOURCE, network, prefix

from tutor import figures, measure, predictors
from tutor.analysis import prefix_attention
from tutor.figures.scores import score_matrix
from tutor.methods import PrefixPT
from tutor.sources import Lists


@pytest.fixture(scope="module")
def pair():
    base = network()
    return base, {f"prefix {seed}": prefix(base, seed) for seed in (1, 2)}


@pytest.mark.parametrize("text", ["3 1 4 1", "3141", "3, 1, 4, 1", " 31 41 "])
def test_a_list_is_typed_with_or_without_spaces(text):
    assert prefix_attention.parse_digits(SOURCE, text) == (3, 1, 4, 1)


def test_digits_above_nine_are_typed_with_spaces():
    assert prefix_attention.parse_digits(Lists(items=4, digits=12), "11 0, 3 10") == (11, 0, 3, 10)


@pytest.mark.parametrize(("text", "answer"), [
    ("3 1 4", "the list has 3 digits; this network reads 4"),
    ("", "the list has 0 digits; this network reads 4"),
    ("3 1 4 9", "the list has '9'; its digits are 0 to 4"),
    ("a b c d", "the list has 'a'; its digits are 0 to 4"),
    ("³141", "the list has '³141'; its digits are 0 to 4"),
])
def test_what_is_no_list_is_answered_in_one_sentence(text, answer):
    with pytest.raises(ValueError) as refusal:
        prefix_attention.parse_digits(SOURCE, text)
    assert str(refusal.value) == answer


@pytest.mark.parametrize("digits", [3, 7])
def test_an_answer_is_what_greedy_decoding_says_to_its_last_digit(digits):
    source = Lists(items=6, digits=8)
    network = predictors.GPT2(width=16, layers=1, context=16).build(source.vocab, 0).requires_grad_(False)
    with torch.no_grad():
        network.unembed.bias[digits] += 50                           # whatever a digit is called in another world, it ends nothing here
    tokens = prefix_attention.answer_list(network, source, (3, 1, 4, 1, 5, 7))
    assert tokens[0].tolist() == [3, 1, 4, 1, 5, 7] + [digits] * 6


def test_a_pull_of_zero_makes_the_prefix_equally_dear_to_all_and_a_push_of_zero_makes_it_say_nothing(pair):
    _, prefixes = pair
    tuned, tokens = prefixes["prefix 1"], prefix_attention.as_batch([3, 1, 4, 1, 0, 0, 0, 0])
    mute = measure.attention(prefix_attention.edit_prefix(tuned, 1.0, 0.0), tokens)[0]
    assert not mute.bias.any() and torch.equal(mute.share, measure.attention(tuned, tokens)[0].share)
    even = prefix_attention.edit_prefix(tuned, 0.0, 1.0)
    assert not even.body.blocks[0].attn.memory.keys.any()
    same = prefix_attention.edit_prefix(tuned, 1.0, 1.0)
    assert torch.equal(same(tokens), tuned(tokens))


def test_the_first_layers_maps_differ_by_rounding_and_the_second_ones_do_not(pair):
    base, prefixes = pair
    tokens = prefix_attention.as_batch([3, 1, 4, 1, 1, 1, 3, 4])
    first, second = (prefix_attention.read_head(base, prefixes["prefix 1"], tokens, layer, 0) for layer in (0, 1))
    assert first.difference < 1e-6 and second.difference > 1e-3
    assert first.behind.shape == (8, 9) and first.rescaled.shape == first.without.shape == (8, 8)


def test_attention_is_divided_among_the_rows_of_a_prefix(pair):
    base, _ = pair
    shares = prefix_attention.measure_attention_shares(PrefixPT(length=3, init="normal").attach(base, 0), SOURCE, n=20)
    assert shares.shape == (2, 20, 3)
    np.testing.assert_allclose(shares.sum(-1), 1, atol=1e-6)


# The pictures.

WORDS = ["BOS", "3", "1", "4"]
WEIGHTS = np.tril(np.ones((4, 4))) / np.arange(1, 5)[:, None]


def test_a_map_shows_the_past_alone_and_says_where_it_looks_most():
    pic = figures.attention_map(WEIGHTS, WORDS, asked=3)
    shown = pic.figure.data[0].z
    assert np.isnan(shown[np.triu_indices(4, 1)]).all()
    np.testing.assert_allclose(shown[np.tril_indices(4)], WEIGHTS[np.tril_indices(4)], rtol=1e-6)
    assert pic.alt == "Attention of 4 positions. The largest weight: 3 at BOS, 50%."
    assert len(pic.table) == 10 and pic.table.weight.sum() == pytest.approx(4)


def test_a_map_behind_a_prefix_has_its_columns_first_and_says_what_it_takes():
    weights = np.concatenate([np.full((4, 1), 0.25), WEIGHTS * 0.75], axis=1)
    pic = figures.attention_map(weights, WORDS, prefix=1)
    assert list(pic.figure.layout.xaxis.ticktext) == ["p", *WORDS]
    assert "25% of the attention goes to the prefix" in pic.alt
    assert np.isfinite(pic.figure.data[0].z[:, 0]).all()
    assert pic.table.weight.sum() == pytest.approx(4) and pic.table[pic.table.word == "p1"].weight.tolist() == [0.25] * 4


def test_effects_say_in_which_layers_nothing_changed():
    pic = figures.effect_bars([1e-8, 0.12], [2e-8, 0.3], rounding=1e-6)
    assert pic.alt == "Behind the prefix the rescaled attention is the same in layer 1; it changes in layer 2 by 0.12."
    assert list(pic.figure.data[0].customdata) == [1e-8, 0.12]


def test_a_bias_picture_has_an_arrow_from_every_output_to_its_place_behind_each_prefix():
    without = np.zeros((3, 2))
    pic = figures.bias_scatter(without, {"one": without + np.array([1, 0]), "two": without + np.array([0, 2])}, explained=0.9)
    lines = [trace for trace in pic.figure.data if trace.mode == "lines"]
    assert len(lines) == 2 and len(pic.figure.data) == 5
    np.testing.assert_allclose(np.array(lines[1].y, dtype=float)[[0, 1]], [0, 2])
    assert "90% of the variance" in pic.alt and len(pic.table) == 9


def test_ranges_of_a_prefix_are_percentiles_over_inputs():
    shares = np.random.default_rng(0).dirichlet((1, 1, 1), size=(2, 400))
    spread = figures.AttentionSpread(shares)
    low, high = np.percentile(shares, (1, 99), axis=1)
    np.testing.assert_allclose(spread.gaps, (high - low).mean(-1))
    pic = figures.spread_bars(spread)
    assert len(pic.table) == 6 and (pic.table.p1 < pic.table["median"]).all() and (pic.table["median"] < pic.table.p99).all()
    assert pic.figure


def test_a_virtual_token_is_drawn_as_its_table():
    pic = figures.table_bars([2, 0, 1], ["x", "y", "z"], ("a", "b", "c"))
    assert list(pic.figure.data[0].y) == [2, 0, 1] and list(pic.figure.data[0].text) == ["c", "a", "b"]
    assert pic.alt == "One virtual token of 3 numbers, which say cab."


def test_a_matrix_says_ours_and_theirs():
    values = np.array([[0.97, np.nan], [0.01, 1.0]])
    pic = score_matrix(["one", "two"], ["Sort", "Add"], values, {("one", "Sort"): 0.94})
    assert pic.figure.data[0].text[0][0] == "<b>97%</b><br>(94%)" and pic.figure.data[0].text[0][1] == ""
    assert pic.alt == "two does add in 100% of all cases, two does sort in 1%."
    assert len(pic.table) == 4
