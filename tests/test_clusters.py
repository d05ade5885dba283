"""Clusters of tasks: separation of point clouds whose answer is known, its controls, and jumps of lines whose steps are known."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from tutor import predictors
from tutor.measure import clusters, jumps
from tutor.sources import TinyLanguage
from tutor.sources.language import END, decode, encode

TWO = np.repeat([0, 1], 50)
FOUR = np.repeat(np.arange(4), 40)


def cloud(centres: list[list[float]], each: int, spread: float = 1.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.repeat(np.array(centres), each, axis=0) + spread * rng.standard_normal((len(centres) * each, len(centres[0])))


@pytest.fixture(scope="module")
def network():
    return predictors.Transformer(width=16, layers=2).build(TinyLanguage().vocab, 0).requires_grad_(False)


@pytest.fixture(scope="module")
def texts():
    return clusters.texts(5)


def plain(labels: np.ndarray) -> np.ndarray:
    return np.ones((1, len(labels)))


def test_two_clouds_far_apart_have_a_silhouette_near_one_and_shuffled_labels_near_zero():
    points = cloud([[0.0, 0.0], [100.0, 0.0]], 50)
    shuffled = np.random.default_rng(1).permutation(TWO)
    assert clusters.silhouettes(points, TWO, plain(TWO))[0] > 0.97
    assert abs(clusters.silhouettes(points, shuffled, plain(TWO))[0]) < 0.05


def test_the_silhouette_of_four_points_is_the_one_by_hand():
    points, groups = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 1])
    by_hand = [(5.5 - 1) / 5.5, (4.5 - 1) / 4.5, (4.5 - 1) / 4.5, (5.5 - 1) / 5.5]
    assert clusters.silhouettes(points, groups, plain(groups))[0] == pytest.approx(np.mean(by_hand))


@pytest.mark.parametrize("labels", [TWO, np.repeat([0, 1, 2], [10, 30, 60]), np.repeat([0, 1], [1, 99])], ids=["two", "three", "one alone"])
def test_the_silhouette_is_that_of_scikit_learn(labels):
    points = np.random.default_rng(0).standard_normal((100, 3)) + labels[:, None]
    assert clusters.silhouettes(points, labels, plain(labels))[0] == pytest.approx(silhouette_score(points, labels))


def test_a_text_that_is_drawn_twice_counts_twice_and_is_no_neighbour_of_itself():
    points, weights = cloud([[0.0, 0.0], [3.0, 0.0]], 50), clusters.resamples(TWO, 1, seed=3)[1:]
    again = np.repeat(np.arange(100), weights[0].astype(int))
    apart = clusters.distances(points)
    s = []
    for i in again:
        own, other = again[(TWO[again] == TWO[i]) & (again != i)], again[TWO[again] != TWO[i]]
        a, b = apart[i, own].mean(), apart[i, other].mean()
        s.append((b - a) / max(a, b))
    assert clusters.silhouettes(points, TWO, weights)[0] == pytest.approx(np.mean(s))


def test_the_distance_of_two_centroids_is_in_units_of_the_spread_about_them():
    # Each cloud is a cross of radius 2 about its centre, so the spread is exactly 2; 4 points, so chance adds 2 * 4 / 4 to the square.
    cross = 2 * np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    points, labels = np.concatenate([cross, cross + np.array([10, 0])]), np.repeat([0, 1], 4)
    assert clusters.centroid_distances(points, labels, plain(labels))[0, 0] == pytest.approx(np.sqrt(10**2 / 2**2 - 2 / 4))


def test_the_distance_of_two_samples_of_one_cloud_is_zero_on_average_over_squares():
    rng, labels = np.random.default_rng(0), TWO
    weights = plain(labels)
    squares = [clusters.centroid_distances(rng.standard_normal((100, 1)) + 3 * labels[:, None], labels, weights)[0, 0] ** 2
               for _ in range(2000)]
    assert np.mean(squares) == pytest.approx(9, rel=0.05)                     # spread 1; one in 40 too much without the correction


def test_a_bootstrap_interval_covers_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for trial in range(200):
        points = rng.standard_normal((100, 2)) + 2 * TWO[:, None] * [1, 0]
        found = clusters.centroid_distances(points, TWO, clusters.resamples(TWO, 200, seed=trial))[:, 0]
        low, high = clusters.Sampled(found[0], found[1:]).interval
        hits += low <= 2 / np.sqrt(2) <= high                                  # two dimensions: the rms radius is sqrt 2
    assert 0.9 <= hits / 200 <= 0.99


def test_resamples_keep_the_number_of_texts_of_each_kind_and_begin_with_the_sample_itself():
    weights = clusters.resamples(FOUR, 20)
    assert (weights[0] == 1).all()
    assert (weights.reshape(21, 4, 40).sum(-1) == 40).all() and (weights[1:].max(1) > 1).all()
    np.testing.assert_array_equal(weights, clusters.resamples(FOUR, 20))
    assert (weights[1:] != clusters.resamples(FOUR, 20, seed=1)[1:]).any()


def test_a_probe_reads_what_is_there_and_guesses_where_nothing_is():
    points = cloud([[0.0] * 8, [9.0] + [0.0] * 7, [0.0, 9.0] + [0.0] * 6, [0.0, 0.0, 9.0] + [0.0] * 5], 40)
    shuffled = np.random.default_rng(0).permutation(FOUR)
    assert clusters.probe_accuracies(points, FOUR, FOUR, plain(FOUR))[0] == 1
    rng = np.random.default_rng(1)
    lots = [rng.permutation(FOUR) for _ in range(200)]
    chances = [clusters.probe_accuracies(points, lot, lot, plain(FOUR))[0] for lot in lots]
    assert np.mean(chances) == pytest.approx(0.25, abs=0.02)
    assert clusters.probe_accuracies(points, shuffled, shuffled, plain(FOUR))[0] < 0.45


def test_a_probe_of_few_against_many_counts_both_groups_equally():
    """Three of four texts are language; a probe that knows nothing and always says so is right in half of the cases, not in 75 %."""
    groups, nothing = (FOUR == 3).astype(int), np.zeros((160, 2))
    assert clusters.probe_accuracies(nothing, groups, FOUR, plain(FOUR))[0] == 0.5


def test_the_probe_is_a_ridge_regression_judged_on_the_other_half():
    points = cloud([[0.0] * 5, [0.7] * 5], 50)
    fit = clusters.half(TWO)
    assert fit[:50].sum() == fit[50:].sum() == 25
    scaled = StandardScaler().fit(points[fit]).transform(points)
    theirs = RidgeClassifier(alpha=clusters.RIDGE * 25).fit(scaled[fit], TWO[fit]).score(scaled[~fit], TWO[~fit])
    assert clusters.probe_accuracies(points, TWO, TWO, plain(TWO))[0] == pytest.approx(theirs)


def test_every_measure_of_separation_has_a_number_and_an_interval_around_it():
    points = cloud([[0.0] * 4, [1.0, 0, 0, 0], [0.0, 1, 0, 0], [0.0, 0, 9, 0]], 40)
    found = clusters.separation(points, FOUR, draws=200)
    assert {metric for metric, _ in found} == {"silhouette", "probe", "distance"} and len(found) == 2 * 3 + 6 + 2
    for key, one in found.items():
        low, high = one.interval
        assert low <= one.value <= high and len(one.draws) == 200, key
    assert found["distance", clusters.TO_SUMS].value == min(found["distance", f"{name} - sums"].value for name in clusters.NAMES[:3])
    assert found["silhouette", "language | sums"].value > 0.6
    assert found["silhouette", "stories | questions | gaps"].value < 0.25


def test_texts_are_held_out_equally_long_and_as_many_of_each_kind(texts):
    assert texts.tokens.shape == (20, clusters.LENGTH) and texts.labels.tolist() == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5
    assert clusters.texts(1).tokens[0].tolist() != clusters.texts(1, seed=1).tokens[0].tolist()
    first = [decode(texts.tokens[row]) for row in (0, 5, 10, 15)]
    assert first[0].startswith("one ") and "?" in first[1] and "blank" in first[2] and first[3].startswith("compute ")


def test_a_text_is_the_mean_over_its_words_without_the_start(network, texts):
    found, states = clusters.text_vectors(network, texts.tokens), clusters.layered(network, texts.tokens)
    assert found.shape == (3, 20, 16)
    np.testing.assert_allclose(found[2, 7], states[2, 7, 1:].mean(0), atol=1e-6)


def test_the_other_reading_is_the_state_that_has_just_read_the_last_full_stop(network, texts):
    found, states = clusters.text_vectors(network, texts.tokens, "full stop"), clusters.layered(network, texts.tokens)
    for row in (0, 6, 13, 19):
        last = max(place for place, word in enumerate(texts.tokens[row, :-1].tolist()) if word == clusters.STOP)
        np.testing.assert_allclose(found[:, row], states[:, row, last + 1], atol=1e-5)


def test_texts_for_that_reading_are_the_same_in_word_and_place_so_that_nothing_but_context_differs(network):
    cut = clusters.texts(6, "full stop")
    assert cut.tokens.shape == (24, clusters.LENGTH) and (cut.tokens[:, -2] == clusters.STOP).all()
    found = clusters.text_vectors(network, cut.tokens, "full stop")
    assert np.ptp(found[0], axis=0).max() == 0 < np.ptp(found[1], axis=0).max()        # alike before the first block, apart behind it


def test_full_stops_are_nowhere_farther_apart_than_texts_can_be_cut():
    for kind in clusters.TASKS:
        tokens = TinyLanguage(tasks=(kind,), split="test").sample(20, 300, 0).tokens
        gaps = [np.diff(np.flatnonzero(row == clusters.STOP)).max() for row in tokens.numpy()]
        assert max(gaps) < clusters.SPARE


def test_a_text_without_a_full_stop_is_answered_in_a_sentence(network):
    with pytest.raises(ValueError, match="a text has no full stop"):
        clusters.text_vectors(network, torch.tensor([encode("anna likes bread")]), "full stop")


def test_a_bag_of_embeddings_knows_the_words_and_not_their_order(network, texts):
    order = torch.randperm(clusters.LENGTH - 1, generator=torch.Generator().manual_seed(0))
    shuffled = torch.cat([texts.tokens[:, :-1][:, order], texts.tokens[:, -1:]], dim=1)
    mine = clusters.bag(network, texts.tokens)
    np.testing.assert_allclose(mine, clusters.bag(network, shuffled), atol=1e-9)
    assert np.abs(clusters.text_vectors(network, texts.tokens)[2] - clusters.text_vectors(network, shuffled)[2]).max() > 1e-3
    # Before the first block a network has nothing but the bag and the positions, which are the same for all texts.
    before = clusters.text_vectors(network, texts.tokens)[0]
    np.testing.assert_allclose(before - before[0], mine - mine[0], atol=1e-5)


def test_a_straight_line_has_steps_of_one_length_and_a_known_ratio_to_chance():
    line = np.arange(5.0)[:, None] * [3.0, 4.0]
    np.testing.assert_allclose(jumps.steps(line), 5.0)
    # Among 5 points on a line the mean distance of two is 2 steps: (4 * 1 + 3 * 2 + 2 * 3 + 1 * 4) / 10.
    assert jumps.steps(line).mean() / jumps.chance(line) == pytest.approx(1 / 2)


def test_states_in_any_order_jump_as_far_as_chance():
    points = np.random.default_rng(0).standard_normal((1000, 6))
    assert jumps.steps(points).mean() / jumps.chance(points) == pytest.approx(1, abs=0.03)


def test_steps_that_are_missing_count_neither_above_nor_below():
    found = jumps.Steps(np.array([[[1.0, 1.0, 1.0], [4.0, np.nan, np.nan]]])).mean(0, draws=300)
    assert found.value == (1 + 1 + 1 + 4) / 4
    assert set(found.draws.round(6)) == {1.0, 1.75, 4.0}                   # both, or one of them twice


def test_a_path_is_the_state_after_each_word(network):
    words = encode("anna miller likes bread")
    longer = clusters.layered(network, torch.tensor([[*words, *encode("with cheese . end")]]))
    np.testing.assert_allclose(jumps.path(network, words), longer[:, 0, 1:5], atol=1e-5)


def test_states_of_words_are_at_most_so_many_and_know_their_text(network, texts):
    found, all_of_them = jumps.word_states(network, texts.tokens, most=50), clusters.layered(network, texts.tokens)[2, :, 1:]
    assert found.states.shape == (3, 50, 16)
    for state, text in zip(found.states[2], found.texts, strict=True):
        assert np.abs(all_of_them[text] - state).max(-1).min() < 1e-6


def test_stories_are_retold_behind_the_words_that_are_given(network):
    tokens = jumps.stories(4)
    told = jumps.retold(network, tokens)
    assert tokens.shape == (4, jumps.GIVEN + jumps.NEW) and torch.equal(told[:, :jumps.GIVEN], tokens[:, :jumps.GIVEN])
    assert not torch.equal(told, tokens)


def test_steps_of_stories_are_those_behind_the_given_words_until_the_end(network):
    tokens = jumps.stories(3).clone()
    tokens[1, jumps.GIVEN + 4:] = END
    states = jumps.word_states(network, tokens).states
    found = jumps.story_steps(network, tokens, states).lengths
    assert found.shape == (3, 3, jumps.NEW - 1)
    assert np.isfinite(found[:, 1]).sum(-1).tolist() == [3] * 3 and np.isfinite(found[:, [0, 2]]).all()
    whole = jumps.path(network, tokens[0].tolist())
    np.testing.assert_allclose(found[:, 0], jumps.steps(whole)[:, jumps.GIVEN:] / jumps.chance(states)[:, None], rtol=1e-4)
    alone = jumps.embedding_steps(network, tokens, tokens).lengths
    assert alone.shape == (1, 3, jumps.NEW - 1) and np.isfinite(alone[0, 1]).sum() == 3


def test_the_probe_is_the_same_from_equations_between_numbers_or_between_texts():
    rng = np.random.default_rng(0)
    members, share = np.eye(2)[np.repeat([0, 1], 10)], rng.uniform(0.5, 1, 20)
    wide = rng.standard_normal((20, 30))                                             # more numbers than texts
    gram = (wide.T * share) @ wide + clusters.RIDGE * np.eye(30)
    np.testing.assert_allclose(clusters._ridge(wide, members, share), np.linalg.solve(gram, (wide.T * share) @ members), atol=1e-9)
