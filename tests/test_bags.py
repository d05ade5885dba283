"""Bags of coins of one's own: what is drawn is what is drawn from, and what a bad file is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.sources import bags

HEIGHTS = st.lists(st.integers(0, bags.HIGHEST), min_size=bags.COINS, max_size=bags.COINS)


@given(HEIGHTS.filter(any))
def test_a_coin_is_as_likely_as_it_is_high(heights):
    bag = bags.make_bag(heights)
    biases = [row[0] for row in bag.probs]
    assert biases == pytest.approx(bags.list_biases()[np.flatnonzero(heights)])
    assert bag.weights == pytest.approx(np.array(heights)[np.flatnonzero(heights)] / sum(heights))


def test_flips_of_a_bag_come_from_its_coins():
    heights = [0] * bags.COINS
    heights[3] = heights[15] = 9                                        # coins of 0.175 and 0.775
    batch = bags.make_bag(heights).sample(400, 200, 0)
    shares = (batch.tokens == 0).double().mean(1)
    assert sorted({round(float(bias), 3) for bias in batch.latent[:, 0]}) == [0.175, 0.775]
    assert shares[batch.latent[:, 0] < 0.5].mean().item() == pytest.approx(0.175, abs=0.01)


@pytest.mark.parametrize(("heights", "word"), [([1] * 3, "has 20 of them"), ([0] * 20, "all 0"), ([10] + [0] * 19, "from 0 to 9")])
def test_what_is_no_bag_is_refused(heights, word):
    with pytest.raises(ValueError, match=word):
        bags.make_bag(heights)


@pytest.mark.parametrize("text", ["H,T,T\n1,0\n", "htt\r\n10", "\ufeffH, T ,T\n\n1,0,\n", "H\tT\tT".replace("\t", ",") + "\r1,0"])
def test_flips_may_be_written_in_several_ways(text):
    assert bags.parse_flips(text.encode()) == [(0, 1, 1), (0, 1)]


@pytest.mark.parametrize(("data", "word"), [
    (b"H,T\nT,X,H\n", "line 2, column 2: 'X' is no flip"),
    (b"bias,0.3\n", "line 1, column 1: 'bias' is no flip"),
    (b"\n\n", "holds no flips"),
    (b"\xff\xfe\x00", "no text in UTF-8 or UTF-16"),
    (b"H" * 1001, "line 1 has 1,001 flips"),
    (b"H\n" * 5001, "more than 5,000 lines"),
    (b"H" * 1_000_001, "1,000,001 bytes"),
    (b"H" * 140_000, "no line of a CSV file"),
])
def test_a_bad_file_is_told_where_and_what(data, word):
    with pytest.raises(ValueError, match=word):
        bags.parse_flips(data)


@given(st.binary(max_size=200))
def test_no_file_does_worse_than_a_sentence(data):
    try:
        lines = bags.parse_flips(data)
    except ValueError:
        return
    assert bags.make_bag(bags.heights_of(lines)).vocab == 2


def test_recorded_coins_become_the_bag_that_they_suggest():
    heavy, light = (0,) * 90 + (1,) * 10, (0,) * 10 + (1,) * 90
    heights = bags.heights_of([heavy, light, light])
    assert heights[17] + heights[18] > 0 and heights[2] == bags.HIGHEST  # 0.9 lies between two coins, as does 0.1
    assert sum(heights[5:15]) == 0
