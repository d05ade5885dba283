"""The numbers of a diagnosis: closed forms hold, intervals cover, and the gain per parameter comes from unrounded losses."""

import numpy as np
import pytest

from tutor.measure import Evidence, dependence, diagnose
from tutor.measure.diagnosis import resample_means
from tutor.measure.efficiency import ratio_within_rounding, times_as_efficient


def ids(count: int, each: int) -> np.ndarray:
    return np.repeat(np.arange(count), each)


def variance_of(vectors: np.ndarray) -> float:
    apart, size = dependence.measure_spread(vectors)
    return apart.mean() / size.mean()


def test_information_of_a_permutation_is_the_logarithm_of_its_length_less_the_stated_bias():
    one = ids(8, 50)
    told = dependence.local_information(one, (one * 3 + 1) % 8).mean()
    assert told == pytest.approx(np.log(8) + (8 + 8 - 8 - 1) / (2 * 400))


def test_information_of_independent_ids_is_zero_and_that_of_a_plain_count_is_not():
    rng = np.random.default_rng(0)
    drawn = [(rng.integers(5, size=200), rng.integers(5, size=200)) for _ in range(200)]
    corrected = [dependence.local_information(*pair).mean() for pair in drawn]
    assert np.mean(corrected) == pytest.approx(0.0, abs=0.003)                    # uncorrected: 16 / 400 = 0.04


def test_variance_of_a_constant_is_zero_of_noise_one_and_of_both_their_share():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((4000, 50))
    assert variance_of(np.full((40, 5), 0.1)) == 0.0 and variance_of(noise) == pytest.approx(1.0, abs=0.01)
    assert variance_of(noise + 2.0) == pytest.approx(1 / 5, abs=0.01)


def test_the_mean_cosine_is_that_of_all_pairs():
    vectors = np.random.default_rng(0).standard_normal((30, 4)) + 0.5
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert dependence.cosines_to_others(vectors).mean() == pytest.approx((units @ units.T)[~np.eye(30, dtype=bool)].mean())
    vectors[:3] = 0.0
    assert dependence.cosines_to_others(vectors)[0] == pytest.approx(2 / 29)       # to the two other zero vectors, and to no other


def test_shuffled_entries_are_the_same_entries_without_the_common_direction():
    vectors = np.tile(np.eye(50)[0], (200, 1))
    shuffled = dependence.shuffle_entries(vectors)
    assert (shuffled.sum(1) == 1).all() and variance_of(vectors) == 0.0 and variance_of(shuffled) > 0.9


def covered(draw, column, truth: float, trials: int = 150) -> float:
    """Share of simulated data sets whose interval holds the truth."""
    inside = 0
    for trial in range(trials):
        _, low, high = resample_means(draw(np.random.default_rng(trial)), trial).ratio(*column)
        inside += low <= truth <= high
    return inside / trials


def share_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    gain = 1 + rng.standard_normal(150)
    return {"kept": 0.4 * gain + 0.5 * rng.standard_normal(150), "gain": gain}


def variance_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return dict(zip(("kept", "gain"), dependence.measure_spread(1 + rng.standard_normal((150, 6))), strict=True))


@pytest.mark.parametrize(("draw", "column", "truth"), [(share_columns, ("gain",), 1.0), (share_columns, ("kept", "gain"), 0.4),
                                                      (variance_columns, ("kept", "gain"), 0.5)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(draw, column, truth):
    assert 0.9 <= covered(draw, column, truth) <= 0.99


def test_intervals_of_the_mean_cosine_and_of_information_hold_the_truth():
    rng, inside = np.random.default_rng(1), np.zeros(2)
    joint = np.array([[0.3, 0.1, 0.05], [0.1, 0.2, 0.25]])
    truth = (joint * np.log(joint / joint.sum(1, keepdims=True) / joint.sum(0))).sum()
    for _ in range(60):
        angles = rng.normal(0.0, 1.0, 100)                                        # the mean cosine of two is exp(-1)
        pairs = rng.choice(6, size=100, p=joint.ravel())
        contexts = np.stack([np.cos(angles), np.sin(angles)], 1)[:, None]
        losses = np.ones(100)
        report = diagnose(Evidence(losses, losses, contexts, needed=pairs // 3, retrieved=pairs % 3))
        inside += [measure.low <= right <= measure.high
                   for measure, right in ((report.find("cosine"), np.exp(-1)), (report.find("information"), truth))]
    assert (inside / 60 >= 0.87).all()


def test_rounded_losses_give_144_7_and_leave_149_possible():
    published = 3_555_076, 12_288
    assert times_as_efficient(0.20, published[0], 0.10, published[1]) == pytest.approx(144.7, abs=0.05)
    low, high = ratio_within_rounding(0.20, published[0], 0.10, published[1])
    assert low == pytest.approx(134.1, abs=0.05) and high == pytest.approx(155.8, abs=0.05) and low < 149 < high


def test_the_gain_per_parameter_comes_from_the_unrounded_losses():
    plain = np.full(40, 3.0)
    evidence = Evidence(plain, plain - 0.2049, np.ones((40, 1, 2)), soft_prompt=plain - 0.0951,
                        pipeline_parameters=3_555_076, soft_prompt_parameters=12_288)
    found = diagnose(evidence).find("times_as_efficient")
    assert found.value == pytest.approx(0.0951 / 0.2049 * 3_555_076 / 12_288) and found.value < 135
