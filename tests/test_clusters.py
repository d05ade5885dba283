"""Clusters of tasks: held-out texts, how networks read them, their controls, and jumps of lines whose steps are known."""

import numpy as np
import pytest
import torch

from tutor import predictors
from tutor.measure import cluster_scores, step_sizes
from tutor.sources import TinyLanguage
from tutor.sources.language import END, decode, encode


@pytest.fixture(scope="module")
def network():
    return predictors.Transformer(width=16, layers=2).build(TinyLanguage().vocab, 0).requires_grad_(False)


@pytest.fixture(scope="module")
def texts():
    return cluster_scores.sample_texts(5)


def test_every_measure_of_separation_has_a_number_and_an_interval_around_it():
    labels, centres = np.repeat(np.arange(4), 40), np.array([[0.0] * 4, [1.0, 0, 0, 0], [0.0, 1, 0, 0], [0.0, 0, 9, 0]])
    points = np.random.default_rng(0).standard_normal((160, 4)) + centres[labels]
    found = cluster_scores.measure_separation(points, labels, draws=200)
    assert {metric for metric, _ in found} == {"silhouette", "probe", "distance"} and len(found) == 2 * 3 + 6 + 2
    for key, one in found.items():
        low, high = one.interval
        assert low <= one.value <= high and len(one.draws) == 200, key
    to_sums = [found["distance", f"{name} - sums"].value for name in cluster_scores.NAMES[:3]]
    assert found["distance", cluster_scores.TO_SUMS].value == min(to_sums)
    assert found["silhouette", "language | sums"].value > 0.6
    assert found["silhouette", "stories | questions | gaps"].value < 0.25


def test_texts_are_held_out_equally_long_and_as_many_of_each_kind(texts):
    assert texts.tokens.shape == (20, cluster_scores.LENGTH) and texts.labels.tolist() == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5
    assert cluster_scores.sample_texts(1).tokens[0].tolist() != cluster_scores.sample_texts(1, seed=1).tokens[0].tolist()
    first = [decode(texts.tokens[row]) for row in (0, 5, 10, 15)]
    assert first[0].startswith("one ") and "?" in first[1] and "blank" in first[2] and first[3].startswith("compute ")


def test_a_text_is_the_mean_over_its_words_without_the_start(network, texts):
    found, states = cluster_scores.text_vectors(network, texts.tokens), cluster_scores.residual_stream(network, texts.tokens)
    assert found.shape == (3, 20, 16)
    np.testing.assert_allclose(found[2, 7], states[2, 7, 1:].mean(0), atol=1e-6)


def test_the_other_reading_is_the_state_that_has_just_read_the_last_full_stop(network, texts):
    found, states = cluster_scores.text_vectors(network, texts.tokens, "full stop"), cluster_scores.residual_stream(network, texts.tokens)
    for row in (0, 6, 13, 19):
        last = max(place for place, word in enumerate(texts.tokens[row, :-1].tolist()) if word == cluster_scores.STOP)
        np.testing.assert_allclose(found[:, row], states[:, row, last + 1], atol=1e-5)


def test_texts_for_that_reading_are_the_same_in_word_and_place_so_that_nothing_but_context_differs(network):
    cut = cluster_scores.sample_texts(6, "full stop")
    assert cut.tokens.shape == (24, cluster_scores.LENGTH) and (cut.tokens[:, -2] == cluster_scores.STOP).all()
    found = cluster_scores.text_vectors(network, cut.tokens, "full stop")
    assert np.ptp(found[0], axis=0).max() == 0 < np.ptp(found[1], axis=0).max()        # alike before the first block, apart behind it


def test_full_stops_are_nowhere_farther_apart_than_texts_can_be_cut():
    for kind in cluster_scores.TASKS:
        tokens = TinyLanguage(tasks=(kind,), split="test").sample(20, 300, 0).tokens
        gaps = [np.diff(np.flatnonzero(row == cluster_scores.STOP)).max() for row in tokens.numpy()]
        assert max(gaps) < cluster_scores.SPARE_WORDS


def test_a_text_without_a_full_stop_is_answered_in_a_sentence(network):
    with pytest.raises(ValueError, match="a text has no full stop"):
        cluster_scores.text_vectors(network, torch.tensor([encode("anna likes bread")]), "full stop")


def test_a_bag_of_embeddings_knows_the_words_and_not_their_order(network, texts):
    order = torch.randperm(cluster_scores.LENGTH - 1, generator=torch.Generator().manual_seed(0))
    shuffled = torch.cat([texts.tokens[:, :-1][:, order], texts.tokens[:, -1:]], dim=1)
    mine = cluster_scores.bag_of_embeddings(network, texts.tokens)
    np.testing.assert_allclose(mine, cluster_scores.bag_of_embeddings(network, shuffled), atol=1e-9)
    assert np.abs(cluster_scores.text_vectors(network, texts.tokens)[2] - cluster_scores.text_vectors(network, shuffled)[2]).max() > 1e-3
    # Before the first block a network has nothing but the bag and the positions, which are the same for all texts.
    before = cluster_scores.text_vectors(network, texts.tokens)[0]
    np.testing.assert_allclose(before - before[0], mine - mine[0], atol=1e-5)


def test_a_straight_line_has_steps_of_one_length_and_a_known_ratio_to_chance():
    line = np.arange(5.0)[:, None] * [3.0, 4.0]
    np.testing.assert_allclose(step_sizes.step_lengths(line), 5.0)
    # Among 5 points on a line the mean distance of two is 2 steps: (4 * 1 + 3 * 2 + 2 * 3 + 1 * 4) / 10.
    assert step_sizes.step_lengths(line).mean() / step_sizes.chance_distance(line) == pytest.approx(1 / 2)


def test_states_in_any_order_jump_as_far_as_chance():
    points = np.random.default_rng(0).standard_normal((1000, 6))
    assert step_sizes.step_lengths(points).mean() / step_sizes.chance_distance(points) == pytest.approx(1, abs=0.03)


def test_steps_that_are_missing_count_neither_above_nor_below():
    found = step_sizes.StepSizes(np.array([[[1.0, 1.0, 1.0], [4.0, np.nan, np.nan]]])).mean(0, draws=300)
    assert found.value == (1 + 1 + 1 + 4) / 4
    assert set(found.draws.round(6)) == {1.0, 1.75, 4.0}                   # both, or one of them twice


def test_a_path_is_the_state_after_each_word(network):
    words = encode("anna miller likes bread")
    longer = cluster_scores.residual_stream(network, torch.tensor([[*words, *encode("with cheese . end")]]))
    np.testing.assert_allclose(step_sizes.sentence_states(network, words), longer[:, 0, 1:5], atol=1e-5)


def test_states_of_words_are_at_most_so_many_and_know_their_text(network, texts):
    found, all_of_them = (
        step_sizes.word_states(network, texts.tokens, most=50),
        cluster_scores.residual_stream(network, texts.tokens)[2, :, 1:],
    )
    assert found.states.shape == (3, 50, 16)
    for state, text in zip(found.states[2], found.texts, strict=True):
        assert np.abs(all_of_them[text] - state).max(-1).min() < 1e-6


def test_stories_are_retold_behind_the_words_that_are_given(network):
    tokens = step_sizes.sample_stories(4)
    told = step_sizes.continue_stories(network, tokens)
    assert tokens.shape == (4, step_sizes.GIVEN_WORDS + step_sizes.NEW_WORDS) and torch.equal(
        told[:, : step_sizes.GIVEN_WORDS], tokens[:, : step_sizes.GIVEN_WORDS]
    )
    assert not torch.equal(told, tokens)


def test_steps_of_stories_are_those_behind_the_given_words_until_the_end(network):
    tokens = step_sizes.sample_stories(3).clone()
    tokens[1, step_sizes.GIVEN_WORDS + 4:] = END
    states = step_sizes.word_states(network, tokens).states
    found = step_sizes.story_steps(network, tokens, states).lengths
    assert found.shape == (3, 3, step_sizes.NEW_WORDS - 1)
    assert np.isfinite(found[:, 1]).sum(-1).tolist() == [3] * 3 and np.isfinite(found[:, [0, 2]]).all()
    whole = step_sizes.sentence_states(network, tokens[0].tolist())
    np.testing.assert_allclose(
        found[:, 0], step_sizes.step_lengths(whole)[:, step_sizes.GIVEN_WORDS :] / step_sizes.chance_distance(states)[:, None], rtol=1e-4
    )
    alone = step_sizes.embedding_steps(network, tokens, tokens).lengths
    assert alone.shape == (1, 3, step_sizes.NEW_WORDS - 1) and np.isfinite(alone[0, 1]).sum() == 3
