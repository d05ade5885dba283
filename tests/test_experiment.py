"""The experiment in Python: what a browser tells of it is checked, and facts belong to the prompt that stands there."""

import gzip
import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.analysis.belief_film import film_of
from tutor.runs.io.formats import StoreError
from tutor.runs.store import RunStore
from tutor.ui.experiment import NUMBERS, list_facts, read_answer
from tutor.ui.experiment.film_files import describe_film, make_film_file
from tutor.ui.widgets.prompt_editor import parse_rows

TOLD = {name: 0.5 for name in NUMBERS} | {"rows": [[1.0, 0.0], [0.25, 0.75]], "coin": 0.2, "tuned": False}
JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)


def test_what_the_browser_sends_is_read():
    found = read_answer(TOLD)
    assert found["rows"].tolist() == [[1.0, 0.0], [0.25, 0.75]] and found["coin"] == 0.2 and not found["tuned"]


@given(JSON)
def test_anything_else_is_none(told):
    assert read_answer(told) is None


@given(st.sampled_from([*NUMBERS, "coin", "rows"]), JSON)
def test_each_field_is_checked(name, value):
    found = read_answer(TOLD | {name: value})
    assert found is None or all(math.isfinite(found[number]) for number in NUMBERS)


@pytest.mark.parametrize("wrong", [{"coin": 0.0}, {"coin": 2.0}, {"rows": []}, {"rows": [[1, 0]] * 9}, {"rows": [[1, 0, 0]]},
                                   {"regret": math.nan}])
def test_what_is_out_of_range_is_none(wrong):
    assert read_answer(TOLD | wrong) is None


def test_facts_of_another_prompt_are_not_this_ones():
    rows = parse_rows("HT")
    assert list_facts(rows, 0.2, read_answer(TOLD)) == {"vectors": 2, "prompt_heads": 1.0, "prompt_tails": 1.0, "coin": 0.2, "tuned": False}


def test_facts_of_this_prompt():
    facts = list_facts(np.array(TOLD["rows"]), 0.2, read_answer(TOLD | {"heads": 1.5, "regret": 0.75}))
    assert (facts["worth_heads"], facts["regret"], facts["prompt_tails"]) == (1.5, 0.75, 0.75)


def test_a_film_as_the_browser_reads_it():
    film = film_of(RunStore().load("de23c0aba73abe8a"))
    told = orjson.loads(orjson.dumps(describe_film(film)))
    assert told["shape"] == list(film.expects.shape) and len(told["sequences"]) == film.expects.shape[1]
    assert told["sequences"][0].count("H") == int((film.tokens[0] == 0).sum())


def test_the_fan_is_the_network_after_so_many_flips_and_heads():
    told = orjson.loads(gzip.decompress(make_film_file("156230c34abf9128")))
    points = np.array(told["fan"])
    expects, flips, heads = points.T
    assert len(points) == 40 * 51 and (heads <= flips).all() and flips.max() == 50
    assert np.abs(expects - (heads + 1) / (flips + 2)).mean() < 0.02          # close to the ideal predictor


def test_a_run_that_is_not_there_has_no_film():
    with pytest.raises(StoreError):
        make_film_file("0" * 16)
