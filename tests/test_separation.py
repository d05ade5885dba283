"""Separation of labelled point clouds whose answer is known: silhouettes, probes and distances, and what their bootstraps say."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from tutor.measure import separation

TWO = np.repeat([0, 1], 50)
FOUR = np.repeat(np.arange(4), 40)


def cloud(centres: list[list[float]], each: int, spread: float = 1.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.repeat(np.array(centres), each, axis=0) + spread * rng.standard_normal((len(centres) * each, len(centres[0])))


def plain(labels: np.ndarray) -> np.ndarray:
    return np.ones((1, len(labels)))


def test_two_clouds_far_apart_have_a_silhouette_near_one_and_shuffled_labels_near_zero():
    points = cloud([[0.0, 0.0], [100.0, 0.0]], 50)
    shuffled = np.random.default_rng(1).permutation(TWO)
    assert separation.silhouettes(points, TWO, plain(TWO))[0] > 0.97
    assert abs(separation.silhouettes(points, shuffled, plain(TWO))[0]) < 0.05


def test_the_silhouette_of_four_points_is_the_one_by_hand():
    points, groups = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 1])
    by_hand = [(5.5 - 1) / 5.5, (4.5 - 1) / 4.5, (4.5 - 1) / 4.5, (5.5 - 1) / 5.5]
    assert separation.silhouettes(points, groups, plain(groups))[0] == pytest.approx(np.mean(by_hand))


@pytest.mark.parametrize("labels", [TWO, np.repeat([0, 1, 2], [10, 30, 60]), np.repeat([0, 1], [1, 99])], ids=["two", "three", "one alone"])
def test_the_silhouette_is_that_of_scikit_learn(labels):
    points = np.random.default_rng(0).standard_normal((100, 3)) + labels[:, None]
    assert separation.silhouettes(points, labels, plain(labels))[0] == pytest.approx(silhouette_score(points, labels))


def test_a_text_that_is_drawn_twice_counts_twice_and_is_no_neighbour_of_itself():
    points, weights = cloud([[0.0, 0.0], [3.0, 0.0]], 50), separation.draw_resamples(TWO, 1, seed=3)[1:]
    again = np.repeat(np.arange(100), weights[0].astype(int))
    apart = separation.distances(points)
    s = []
    for i in again:
        own, other = again[(TWO[again] == TWO[i]) & (again != i)], again[TWO[again] != TWO[i]]
        a, b = apart[i, own].mean(), apart[i, other].mean()
        s.append((b - a) / max(a, b))
    assert separation.silhouettes(points, TWO, weights)[0] == pytest.approx(np.mean(s))


def test_the_distance_of_two_centroids_is_in_units_of_the_spread_about_them():
    # A cross of radius 2 about each centre: 4 points of square distance 4, less one that their mean takes, spread over 4 * 4 / 3. Chance
    # puts a fourth of it on either centroid.
    cross = 2 * np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    points, labels = np.concatenate([cross, cross + np.array([10, 0])]), np.repeat([0, 1], 4)
    square = separation.centroid_squares(points, labels, plain(labels))[0, 0]
    assert square == pytest.approx(10**2 / (4 * 4 / 3) - 1 / 4 - 1 / 4)
    assert separation.centroid_distances(points, labels, plain(labels))[0, 0] == pytest.approx(np.sqrt(square))


@pytest.mark.parametrize(("sizes", "spreads"), [((4, 4), (1, 1)), ((4, 4, 4, 4), (1, 2, 3, 4)), ((4, 40), (3, 1))],
                         ids=["fewest", "four labels", "few that spread wide"])
def test_centroids_of_one_place_are_no_distance_apart_on_average_over_squares_in_the_sample_and_in_its_bootstraps(sizes, spreads):
    rng, labels = np.random.default_rng(0), np.repeat(np.arange(len(sizes)), sizes)
    wide = np.array(spreads)[labels, None]
    squares = np.stack([separation.centroid_squares(wide * rng.standard_normal((len(labels), 500)), labels,
                                                    separation.draw_resamples(labels, 20, seed=trial)) for trial in range(200)])
    np.testing.assert_allclose(squares[:, 0].mean(0), 0, atol=0.03)        # 0.17 of four texts each, were their own means not counted
    np.testing.assert_allclose(np.nanmean(squares[:, 1:], axis=(0, 1)), 0, atol=0.03)


def test_squares_of_centroids_that_lie_apart_are_right_on_average():
    rng, labels = np.random.default_rng(0), np.repeat([0, 1], 4)
    points = rng.standard_normal((300, 8, 500))
    points[:, 4:, 0] += 15
    squares = [separation.centroid_squares(one, labels, plain(labels))[0, 0] for one in points]
    assert np.mean(squares) == pytest.approx(15**2 / 500, abs=0.03)


def test_centroids_that_are_nearer_than_by_chance_are_no_distance_apart():
    points, labels = np.array([[-1.0], [1.0], [-2.0], [2.0]]), np.array([0, 0, 1, 1])
    assert separation.centroid_squares(points, labels, plain(labels))[0, 0] < 0
    assert separation.centroid_distances(points, labels, plain(labels))[0, 0] == 0


def test_a_draw_of_one_text_alone_says_nothing_of_its_label_and_is_left_out():
    points, labels = cloud([[0.0] * 9, [5.0] * 9, [9.0] * 9], 4), np.repeat([0, 1, 2], 4)
    weights = np.array([[1] * 12, [4, 0, 0, 0] + [1] * 8, [4, 0, 0, 0] * 3], dtype=float)
    with np.errstate(all="raise"):
        found = separation.centroid_distances(points, labels, weights)
    assert np.isnan(found).tolist() == [[False] * 3, [True, True, False], [True] * 3]                # of 0 - 1, 0 - 2, 1 - 2
    assert separation.BootstrapValue(1.0, np.array([2.0, np.nan, 2.0])).interval == (2.0, 2.0)
    assert separation.BootstrapValue.over(np.array([2.0, np.nan, 4.0])).value == 3
    nothing = separation.BootstrapValue.over(np.array([np.nan]))
    assert np.isnan([nothing.value, *nothing.interval]).all()


@pytest.mark.filterwarnings("error")
def test_texts_of_which_all_of_a_label_are_alike_have_no_spread_to_count_in():
    labels = np.repeat([0, 1], 3)
    found = separation.centroid_distances(np.array([[0.1, 7.0], [0.3, 7.0]])[labels], labels, separation.draw_resamples(labels, 50))
    assert np.isnan(found).all()


def test_a_bootstrap_interval_covers_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for trial in range(200):
        points = rng.standard_normal((100, 2)) + 2 * TWO[:, None] * [1, 0]
        found = separation.centroid_distances(points, TWO, separation.draw_resamples(TWO, 200, seed=trial))[:, 0]
        low, high = separation.BootstrapValue(found[0], found[1:]).interval
        hits += low <= 2 / np.sqrt(2) <= high                                  # two dimensions: the rms radius is sqrt 2
    assert 0.9 <= hits / 200 <= 0.99


def test_resamples_keep_the_number_of_texts_of_each_kind_and_begin_with_the_sample_itself():
    weights = separation.draw_resamples(FOUR, 20)
    assert (weights[0] == 1).all()
    assert (weights.reshape(21, 4, 40).sum(-1) == 40).all() and (weights[1:].max(1) > 1).all()
    np.testing.assert_array_equal(weights, separation.draw_resamples(FOUR, 20))
    assert (weights[1:] != separation.draw_resamples(FOUR, 20, seed=1)[1:]).any()


def test_a_probe_reads_what_is_there_and_guesses_where_nothing_is():
    points = cloud([[0.0] * 8, [9.0] + [0.0] * 7, [0.0, 9.0] + [0.0] * 6, [0.0, 0.0, 9.0] + [0.0] * 5], 40)
    shuffled = np.random.default_rng(0).permutation(FOUR)
    assert separation.probe_accuracies(points, FOUR, FOUR, plain(FOUR))[0] == 1
    rng = np.random.default_rng(1)
    lots = [rng.permutation(FOUR) for _ in range(200)]
    chances = [separation.probe_accuracies(points, lot, lot, plain(FOUR))[0] for lot in lots]
    assert np.mean(chances) == pytest.approx(0.25, abs=0.02)
    assert separation.probe_accuracies(points, shuffled, shuffled, plain(FOUR))[0] < 0.45


def test_a_probe_of_few_against_many_counts_both_groups_equally():
    """Three of four texts are language; a probe that knows nothing and always says so is right in half of the cases, not in 75 %."""
    groups, nothing = (FOUR == 3).astype(int), np.zeros((160, 2))
    assert separation.probe_accuracies(nothing, groups, FOUR, plain(FOUR))[0] == 0.5


def test_a_draw_without_a_text_that_is_judged_says_nothing_of_the_probe():
    labels = np.repeat([0, 1], 4)
    found = separation.probe_accuracies(cloud([[0.0], [90.0]], 4), labels, labels, separation.draw_resamples(labels, 200))
    assert found[0] == 1 and np.isnan(found).any() and separation.BootstrapValue(found[0], found[1:]).interval == (1, 1)


def test_the_probe_is_a_ridge_regression_judged_on_the_other_half():
    points = cloud([[0.0] * 5, [0.7] * 5], 50)
    fit = separation.pick_half(TWO)
    assert fit[:50].sum() == fit[50:].sum() == 25
    scaled = StandardScaler().fit(points[fit]).transform(points)
    theirs = RidgeClassifier(alpha=separation.RIDGE * 25).fit(scaled[fit], TWO[fit]).score(scaled[~fit], TWO[~fit])
    assert separation.probe_accuracies(points, TWO, TWO, plain(TWO))[0] == pytest.approx(theirs)


def test_the_probe_is_the_same_from_equations_between_numbers_or_between_texts():
    rng = np.random.default_rng(0)
    members, share = np.eye(2)[np.repeat([0, 1], 10)], rng.uniform(0.5, 1, 20)
    wide = rng.standard_normal((20, 30))                                             # more numbers than texts
    gram = (wide.T * share) @ wide + separation.RIDGE * np.eye(30)
    np.testing.assert_allclose(separation._ridge(wide, members, share), np.linalg.solve(gram, (wide.T * share) @ members), atol=1e-9)
