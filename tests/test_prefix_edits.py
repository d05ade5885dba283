"""A prefix edited by hand: vectors left out, values exchanged, both sides of the bias equation, and what answers are called."""

import numpy as np
import pytest
import torch
from list_networks import SOURCE, network, prefix

from tutor import figures, measure
from tutor.analysis import prefix_attention
from tutor.figures import AttentionSpread

TOKENS = prefix_attention.as_batch([3, 1, 4, 1, 1, 1, 3, 4])


@pytest.fixture(scope="module")
def base():
    return network()


def rows_of(tuned) -> list[torch.Tensor]:
    return [torch.stack(block.attn.memory.rows()) for block in tuned.body.blocks]


def test_a_prefix_without_some_vectors_is_that_of_the_others(base):
    tuned = prefix(base, 1, length=3)
    fewer = prefix_attention.edit_prefix(tuned, without=(1,))
    for whole, part in zip(rows_of(tuned), rows_of(fewer), strict=True):
        assert torch.equal(part, whole[:, :, [0, 2]])


def test_without_any_vector_the_network_is_what_it_was(base):
    tuned = prefix(base, 1, length=3)
    torch.testing.assert_close(prefix_attention.edit_prefix(tuned, without=(0, 1, 2))(TOKENS), base(TOKENS))
    assert not torch.allclose(tuned(TOKENS), base(TOKENS), atol=1e-3)


def test_exchanged_values_keep_the_share_and_change_what_is_said(base):
    one, other = prefix(base, 1, length=2), prefix(base, 2, length=2)
    mixed = prefix_attention.edit_prefix(one, values=other)
    kept, mine, theirs = (measure.attention(network, TOKENS)[0] for network in (mixed, one, other))
    assert torch.equal(kept.weights, mine.weights) and torch.equal(kept.values[:, :, :2], theirs.values[:, :, :2])
    assert torch.equal(prefix_attention.edit_prefix(other, values=other)(TOKENS), other(TOKENS))


@pytest.mark.parametrize("fields", [{"length": 3}, {"length": 2, "layers": 1}], ids=str)
def test_values_of_another_shape_are_refused(base, fields):
    with pytest.raises(ValueError, match="as many vectors in the same layers"):
        prefix_attention.edit_prefix(prefix(base, 1, length=2), values=prefix(base, 2, **fields))


def test_what_was_left_out_keeps_its_place_as_zeros():
    np.testing.assert_array_equal(prefix_attention.fill_gaps(np.array([[1.0, 2.0, 3.0]]), (3, 1)), [[1, 0, 2, 0, 3]])
    np.testing.assert_array_equal(prefix_attention.fill_gaps(np.ones((2, 1, 1)), ()), np.ones((2, 1, 1)))


def test_both_sides_of_the_equation_are_the_same_in_the_first_layer_alone(base):
    tuned = prefix(base, 1, length=2)
    first, second = (prefix_attention.read_head(base, tuned, TOKENS, layer, 1).sides for layer in (0, 1))
    layer, plain = measure.attention(tuned, TOKENS)[0], measure.attention(base, TOKENS)[0]
    a, mu = layer.weights[0, 1, :, :2], layer.values[0, 1, :2]
    np.testing.assert_allclose(first.right, (1 - a.sum(-1, keepdim=True)) * plain.output[0, 1] + a @ mu, atol=1e-6)
    assert first.difference < 1e-6 and second.difference > 1e-3
    assert first.rank == 2 and np.abs(first.behind - first.without).max() > 1e-3
    assert prefix_attention.read_head(base, base, TOKENS, 0, 0).sides.rank == 0


def test_a_picture_of_both_sides_has_them_on_a_diagonal_and_the_old_output_off_it():
    without, share = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.25, 0.5])
    right = (1 - share)[:, None] * without + share[:, None] * np.array([4.0, 0.0])
    pic = figures.bias_sides(without, right, right, share)
    line, old, sides = pic.figure.data
    assert list(line.x) == list(line.y) == [0, 2] and list(sides.x) == list(sides.y) == [1.75, 0, 2, 1]
    assert list(old.x) == [1, 0, 0, 2] and list(old.y) == list(sides.y)
    assert pic.alt.startswith("4 numbers behind the prefix") and pic.alt.endswith("at most 0.0e+00, the output without the prefix by 2.")
    assert pic.table.share.tolist() == [0.25, 0.25, 0.5, 0.5] and pic.table.number.tolist() == [1, 2, 1, 2]


def test_a_long_prefix_is_one_column_whose_parts_stand_in_the_table():
    rest = np.tril(np.ones((3, 3))) / np.arange(1, 4)[:, None]
    weights = np.concatenate([np.tile([0.1, 0.2, 0.3, 0.0], (3, 1)), 0.4 * rest], axis=1)
    one, apart = (figures.attention_map(weights, ["B", "1", "2"], prefix=4, together=together) for together in (True, False))
    assert list(one.figure.layout.xaxis.ticktext) == ["all p", "B", "1", "2"] and len(apart.figure.layout.xaxis.ticktext) == 7
    np.testing.assert_allclose(one.figure.data[0].z[:, 0], 0.6)
    assert "60% of the attention goes to the prefix" in one.alt and "60%" in apart.alt
    assert one.table.equals(apart.table) and one.table.weight.sum() == pytest.approx(3)
    start = one.table[one.table.stands_at == 0]
    assert start.looks_at.tolist() == [-4, -3, -2, -1, 0] and start.word.tolist() == ["p1", "p2", "p3", "p4", "B"]


def test_maps_with_a_prefix_and_without_are_drawn_to_the_same_size():
    plain = figures.attention_map(np.tri(3) / np.arange(1, 4)[:, None], ["B", "1", "2"])
    behind = figures.attention_map(np.full((3, 6), 1 / 6), ["B", "1", "2"], prefix=3)
    for pic, columns in ((plain, 3), (behind, 6)):
        assert tuple(pic.figure.layout.xaxis.range) == (-0.5, columns - 0.5) and tuple(pic.figure.layout.yaxis.range) == (2.5, -0.5)
        assert pic.figure.layout.yaxis.scaleanchor is None               # the plot fills its place, whatever its columns are
    assert plain.figure.layout.height == behind.figure.layout.height


def test_numbers_stand_in_the_cells_that_have_something_to_say():
    pic = figures.attention_map(np.array([[1.0, 0.0], [0.004, 0.996]]), ["B", "1"])
    _, faint, full = pic.figure.data
    assert not faint.text and list(full.text) == ["1", "1"] and (list(full.x), list(full.y)) == ([0, 1], [0, 1])


@pytest.mark.parametrize("rows", [2, 10, 60])
def test_the_share_that_moves_compares_over_lengths(rows):
    fixed = np.tile(np.random.default_rng(0).dirichlet(np.ones(rows)), (1, 50, 1))
    apart = np.zeros((1, 2, rows))
    apart[0, 0, 0] = apart[0, 1, 1] = 1
    assert AttentionSpread(fixed).moved == pytest.approx([0], abs=1e-12) and AttentionSpread(apart).moved == pytest.approx([1])
    half = np.zeros((1, 2, rows))
    half[0, 0, 0], half[0, 1, :2] = 1, 0.5
    assert AttentionSpread(half).moved == pytest.approx([0.5])


def test_the_share_that_moves_is_the_mean_over_all_pairs_and_the_width_is_in_mean_shares():
    shares = np.random.default_rng(1).dirichlet(np.ones(4), size=(2, 7))
    pairs = [(i, j) for i in range(7) for j in range(i)]
    expected = [np.mean([np.abs(layer[i] - layer[j]).sum() / 2 for i, j in pairs]) for layer in shares]
    assert AttentionSpread(shares).moved == pytest.approx(expected)
    assert AttentionSpread(shares).relative == pytest.approx(4 * AttentionSpread(shares).gaps)


@pytest.mark.parametrize(("answer", "said"), [
    ([4, 2, 5], "right for add 1"),
    ([1, 3, 4], "this is ascending"),
    ([4, 3, 1], "this is descending"),
    ([4, 2, 0], "nearest to add 1: 2 of 3 digits"),
])
def test_an_answer_is_called_by_the_task_whose_it_is(answer, said):
    solutions = prefix_attention.solve_tasks((3, 1, 4), ("ascending", "descending", "add 1"))
    assert solutions == {"ascending": [1, 3, 4], "descending": [4, 3, 1], "add 1": [4, 2, 5]}
    assert prefix_attention.judge_answer(answer, solutions, ("add 1",)) == said


def test_scores_are_those_of_greedy_answers(base):
    # A network that says 2 to everything is right where the task's answer is 2 everywhere, which no sorted list of this sample is.
    class_two = base.frozen_copy()
    with torch.no_grad():
        class_two.unembed.bias[2] += 1e4
    shares = prefix_attention.score_tasks(class_two, SOURCE, ("ascending", "double histogram"), n=200)
    lists = SOURCE.model_copy(update={"tasks": ("double histogram",)}).held_out().sample(200, SOURCE.natural_length, 1337).tokens
    assert shares["double histogram"] == pytest.approx((lists[:, SOURCE.items:] == 2).all(1).double().mean().item())
    assert shares["ascending"] < shares["double histogram"]
