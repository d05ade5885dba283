"""What pictures have in common: colours, dashes, gaps, many points, and what they say before there is anything to show."""

import numpy as np
import plotly.graph_objects as go
import pytest
from smallest import pretraining, tuning

from tutor import figures, methods
from tutor.figures import palette
from tutor.methods import METHODS, SoftPT
from tutor.methods.retrieval import PIPELINES
from tutor.ui.run_views import run_comparison


def test_more_points_than_svg_bears_are_drawn_by_the_graphics_card():
    many = np.zeros(figures.picture.SVG_POINTS + 1)
    assert figures.picture.scatter_trace(many, many)["type"] == "scattergl"


def test_no_two_methods_look_alike():
    looks = [palette.look_of(method.label) for method in METHODS.values()]
    assert len({(look.colour, look.dash) for look in looks}) == len(looks)
    assert len({look.marker for look in looks}) == len(looks)


def test_a_longer_prompt_of_the_same_method_keeps_its_colour_and_changes_its_dash():
    short, long = palette.look_of("SoftPT"), palette.look_of("SoftPT (length 25)", 1, of="SoftPT")
    assert short.colour == long.colour and short.dash != long.dash
    assert (
        palette.look_of("SoftPT", 1, of="SoftPT") == short and palette.look_of("SoftPT (length 25)") != long
    )  # a label alone says nothing


def test_variants_keep_their_order_and_methods_that_of_the_registry():
    values = np.ones((1, 5))
    given = [figures.Curve("LoRAWT", values), *(figures.Curve(f"SoftPT (length {k})", values, of="SoftPT") for k in (6, 25)),
             figures.Curve("PreBayes", values, exact=True)]
    drawn = [trace.name for trace in figures.regret_curves(given).figure.data]
    assert drawn == ["ideal, no prompt (exact)", "soft prompt (length 6)", "soft prompt (length 25)", "low-rank update"]


def test_runs_of_one_method_are_named_by_what_tells_them_apart_and_ordered_by_its_size():
    specs = {spec.key(): spec for spec in (tuning(method=SoftPT(length=k)) for k in (25, 6))} | {pretraining().key(): pretraining()}
    names = run_comparison.short_names(specs)
    assert list(names.values()) == ["SoftPT (length 25)", "SoftPT (length 6)", "pretrained"]
    assert [names[key] for key in run_comparison.ordered(specs)] == ["SoftPT (length 6)", "SoftPT (length 25)", "pretrained"]


def test_thin_lines_are_one_trace_with_a_gap_after_each_repetition():
    assert np.isnan(figures.picture.join_paths(np.ones((3, 4)))).sum() == 2


def test_pictures_of_what_is_to_come_say_so():
    for empty in (figures.state_grid(None, None, name="flips seen"), figures.ideal_picture(None, None, None)):
        assert "as soon as training has begun" in empty.alt and empty.table.empty
        assert len(empty.figure.data[-1].x) == 0


def methods_of_one_sort(many: int, **said) -> dict[str, type]:
    return {f"made{n}": type(f"Made{n}", (methods.SoftPT,), {"__module__": __name__, "label": f"Made{n}"} | said) for n in range(many)}


@pytest.mark.parametrize("sort", [{}, {"changes_weights": True}, {"is_control": True}], ids=["prompts", "weights", "controls"])
def test_twenty_more_methods_of_a_sort_look_different_and_leave_the_others_as_they_are(sort):
    found = palette.looks_of(METHODS | methods_of_one_sort(20, **sort), PIPELINES)
    assert len(set(found.values())) == len(found) == len(METHODS) + len(PIPELINES) + 20
    assert all(found[method.label] == palette.look_of(method.label) for method in (METHODS | PIPELINES).values())


def test_a_method_that_joins_the_registry_keeps_the_looks_of_other_sorts():
    first = methods_of_one_sort(1)
    found = palette.looks_of(first | METHODS, PIPELINES)
    assert found["Made0"] == palette.look_of("HardPT") and found["HardPT"] == palette.look_of("SimplexPT")
    assert all(found[name] == palette.look_of(name) for name in ("NoTuning", "FullWT", "LoRAWT", "RetrieverPT"))


def test_every_marker_is_one_that_plotly_draws():
    many = palette.looks_of(METHODS | methods_of_one_sort(20), PIPELINES)
    for one in many.values():
        go.scatter.Marker(symbol=one.marker)                       # raises ValueError for any other name
