"""What pictures have in common: colours, dashes, gaps, many points, and what they say before there is anything to show."""

import numpy as np

from tutor import figures
from tutor.figures import palette
from tutor.methods import METHODS


def test_more_points_than_svg_bears_are_drawn_by_the_graphics_card():
    many = np.zeros(figures.picture.SVG_POINTS + 1)
    assert figures.picture.dots(many, many)["type"] == "scattergl"


def test_no_two_methods_look_alike():
    looks = [palette.look(method.label) for method in METHODS.values()]
    assert len({(look.colour, look.dash) for look in looks}) == len(looks)
    assert len({look.marker for look in looks}) == len(looks)


def test_a_longer_prompt_of_the_same_method_keeps_its_colour_and_changes_its_dash():
    short, long = palette.look("SoftPT"), palette.look("SoftPT (length 25)", 1)
    assert short.colour == long.colour and short.dash != long.dash


def test_thin_lines_are_one_trace_with_a_gap_after_each_repetition():
    assert np.isnan(figures.picture.gapped(np.ones((3, 4)))).sum() == 2


def test_pictures_of_what_is_to_come_say_so():
    for empty in (figures.state_grid(None, None, name="flips seen"), figures.ideal_picture(None, None, None)):
        assert "as soon as training has begun" in empty.alt and empty.table.empty
        assert len(empty.figure.data[-1].x) == 0
