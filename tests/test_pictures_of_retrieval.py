"""Pictures of retrieval pipelines, drawn from numbers that can be checked by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from small_pictures import ANSWERED, CROWDS, PHASES, SURFACE, WATCHED

from tutor import figures


def test_every_context_has_a_bar_that_begins_with_the_true_word():
    true, first, second = figures.answer_bars(ANSWERED, "bread").drawing.data
    assert (list(true["x"]), list(first["x"]), list(second["x"])) == ([0.1, 0.9], [0.6, 0.05], [0.2, 0.0])
    assert true["text"] == ["✓ bread", "✓ bread"] and first["text"] == ["rice", ""]      # five hundredths are too narrow for a word


def test_what_lies_outside_of_a_histogram_is_counted_at_its_edge():
    others, nearest = figures.crowd_bars(CROWDS[0]).drawing.data
    assert sum(others["y"]) == pytest.approx(1) and sum(nearest["y"]) == pytest.approx(1)
    assert others["y"][0] == pytest.approx(1 / 3)


def test_a_training_is_drawn_at_the_steps_at_which_somebody_looked_and_lines_come_before_bands():
    own, shuffled, band, *_ = figures.training_lines(WATCHED, measure="nats", levels={"soft prompt": 3.0}).drawing.data
    assert (list(own["x"]), list(own["y"])) == ([1, 3], [5.5, 1.5]) and list(shuffled["y"]) == [6.0, 8.0]
    assert list(band["y"]) == [6.0, 2.0, 1.0, 5.0]


def test_a_training_that_nobody_has_looked_at_yet_waits_for_its_points():
    waiting = figures.training_lines(dict.fromkeys(WATCHED, np.zeros((1, 0))), measure="nats", steps=50)
    assert [len(trace["x"]) for trace in waiting.drawing.data] == [0, 0] and waiting.table.empty


def test_three_places_on_the_surface_have_their_names_and_losses():
    alt = figures.loss_surface(SURFACE).alt
    assert "zeros in front 7.00 nats" in alt and "constant alone 5.00" in alt and "as trained 4.00" in alt and "least, 2.50" in alt


def test_the_map_has_a_sign_and_a_word_for_every_verdict_and_a_gap_where_nothing_was_computed():
    cells = figures.phase_map(PHASES).drawing.data[0]
    assert (cells["x"], cells["y"]) == (["0", "0.9"], ["0.4", "1"])
    assert cells["text"] == [["<b>?</b><br>unclear<br>no gain", ""], ["<b>✓</b><br>retrieves<br>-30%", "<b>✗</b><br>prompt *<br>97%"]]
    assert_allclose(cells["z"], [[np.nan, np.nan], [0, 0.97]], rtol=1e-6)
