"""The exact interval of the middle of a few values: against enumeration of all signs, scipy, and its own promises."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from tutor.studies.checks.signed_rank import interval, middle, pairwise_means, rank_sum_probabilities, tail

few_numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12)


def test_pairwise_means_are_those_of_all_pairs_and_of_each_value_with_itself():
    assert pairwise_means([3.0, 1.0, 8.0]).tolist() == [1.0, 2.0, 3.0, 4.5, 5.5, 8.0]
    assert middle([3.0, 1.0, 8.0]) == pytest.approx(3.75)


@pytest.mark.parametrize("n", [1, 3, 6])
def test_the_distribution_of_the_rank_sum_is_that_of_all_signs(n):
    sums = [sum(rank for rank, sign in zip(range(1, n + 1), signs, strict=True) if sign) for signs in itertools.product((0, 1), repeat=n)]
    wanted = [sum(one <= w for one in sums) / len(sums) for w in range(n * (n + 1) // 2 + 1)]
    assert rank_sum_probabilities(n).tolist() == pytest.approx(wanted)


def test_six_values_give_the_range_and_five_give_no_interval():
    values = [0.3, 0.1, 0.5, 0.2, 0.9, 0.4]
    assert interval(values) == (0.1, 0.9)
    assert interval(values[:5]) == (-math.inf, math.inf)


def test_ten_values_leave_eight_pairwise_means_out_on_each_side():
    values = np.arange(10.0) ** 2
    means = pairwise_means(values)
    assert interval(values) == (means[8], means[-9])          # the critical value of n = 10 at 5 % in every table is 8


def test_the_doubt_is_the_p_value_of_the_signed_rank_test():
    values = np.array([0.31, -0.12, 0.54, 0.27, 0.93, 0.44, 0.08, 0.61])
    assert tail(-values, 0.0) == 1.0                           # below zero the doubt is whole
    assert tail(values, 0.0) == pytest.approx(wilcoxon(values, mode="exact").pvalue)


@given(few_numbers, st.floats(-10, 10))
def test_the_interval_moves_with_the_values(values, shift):
    low, high = interval(values)
    moved = interval([value + shift for value in values])
    assert moved == pytest.approx((low + shift, high + shift), abs=1e-6) and low <= middle(values) <= high


@given(few_numbers, st.floats(0.5, 0.99))
def test_more_confidence_is_never_a_narrower_interval(values, level):
    narrow, wide = interval(values, level), interval(values, level + (1 - level) / 2)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@given(few_numbers, st.floats(-1e6, 1e6), st.sampled_from([0.1, 0.05, 0.01]))
def test_the_interval_clears_a_bound_exactly_where_the_doubt_is_small_enough(values, bound, doubt):
    assert (interval(values, 1 - doubt)[0] > bound) == (tail(values, bound) <= doubt * (1 + 1e-9))


def test_what_was_not_measured_decides_nothing():
    values = [0.1, 0.2, 0.3, math.nan, 0.5, 0.6]
    assert interval(values) == (-math.inf, math.inf) and tail(values, 0.0) == 1.0


def test_values_without_an_end_stay_on_their_side():
    assert interval([1.0, 2.0, 3.0, math.inf, math.inf, math.inf]) == (1.0, math.inf)
