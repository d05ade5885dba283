"""Pictures of scores: bars, lines and maps with every repetition, named levels, and stairs of a loss."""

import numpy as np
import pytest

from tutor import figures
from tutor.figures import ReferenceLevels, Score, loss_stairs, score_bars, score_lines, score_map, score_matrix
from tutor.figures.loss_cumulative import FEED

THREE, ONE = Score(0.62, 0.5, 0.7, (0.4, 0.62, 0.8)), Score(0.62, 0.5, 0.7)


def test_without_repetitions_a_map_writes_quartiles_because_a_share_has_no_plus_and_minus():
    drawn = score_map(["direct"], ["0.1"], [[ONE]], across="learning rate", measure="facts told (share)", share=True)
    assert list(drawn.figure.data[0]["text"][0]) == ["<b>62%</b><br>50% to 70%"]
    same = score_map(["direct"], ["0.1"], [[Score(0.62, 0.62, 0.62)]], across="learning rate", measure="facts told (share)", share=True)
    assert list(same.figure.data[0]["text"][0]) == ["<b>62%</b>"]


def test_with_repetitions_a_map_has_a_cell_for_each_of_them():
    three = [[THREE, THREE]] * 2
    drawn = score_map(["direct", "mlp"], ["0.1", "0.5"], three, across="learning rate", measure="facts told (share)", share=True)
    cells = drawn.figure.data
    assert [list(trace.text[0]) for trace in cells] == [["40", "62", "80"]] * 2 and "in percent" in drawn.figure.layout.xaxis.title.text
    assert cells[1].z[1] == pytest.approx([0.4, 0.62, 0.8])
    assert list(drawn.figure.layout.xaxis.tickvals) == pytest.approx([1, 1 + 3 + 0.4])        # in the middle of three, then past a gap
    assert cells[1].x[0] - cells[0].x[-1] > 1
    assert drawn.table[["repetition 1", "repetition 3"]].iloc[0].tolist() == [0.4, 0.8]


def test_a_map_of_unequal_repetitions_is_refused():
    with pytest.raises(ValueError, match=r"the scores have \[0, 3\] repetitions"):
        score_map(["one"], ["a", "b"], [[THREE, ONE]], across="rate", measure="BLEU")


def test_repetitions_take_the_place_of_whiskers_on_bars():
    bar, rings = score_bars({"table": {"one way": THREE}}, measure="BLEU").figure.data
    assert list(rings.y) == pytest.approx([0.4, 0.62, 0.8]) and set(rings.x) == {"one way"} and bar.error_y.array is None
    alone, = score_bars({"table": {"one way": ONE}}, measure="BLEU").figure.data
    assert alone.error_y.array[0] == pytest.approx(0.08) and alone.error_y.arrayminus[0] == pytest.approx(0.12)


def test_rings_stand_on_the_bar_of_their_group():
    drawn = score_bars({"table": {"a": THREE}, "summary": {"a": THREE}}, measure="BLEU").figure
    assert [trace.offsetgroup for trace in drawn.data] == ["table", "table", "summary", "summary"] and drawn.layout.scattermode == "group"


def test_repetitions_take_the_place_of_the_band_on_lines():
    many, none = (score_lines({"PrefixPT": {1: one, 4: one}}, across="vectors", measure="BLEU").figure.data for one in (THREE, ONE))
    assert [trace.fill for trace in many] == [None, None] and list(many[0].x) == [1, 1, 1, 4, 4, 4]
    assert [trace.fill for trace in none] == ["toself", None]


def test_a_level_is_named_with_its_height():
    drawn = score_bars({"": {"a": ONE}}, measure="BLEU", marks={"one fact guessed": 67.93}).figure
    shape, = drawn.layout.shapes
    assert (shape.y0, shape.y1, shape.name) == (67.93, 67.93, "one fact guessed: 67.9") and shape.showlegend and drawn.layout.showlegend
    assert not score_bars({"": {"a": ONE}}, measure="BLEU").figure.layout.showlegend


def test_measured_levels_run_over_all_sizes_and_stand_in_the_table_and_marks_do_not():
    series = {"one": {1: ONE, 16: ONE}, "other": {64: ONE, 4: ONE}}
    drawn = score_lines(series, across="vectors", measure="BLEU", levels=ReferenceLevels({"all words": 0.9}, {"guessed": 0.1}))
    level = drawn.figure.data[-1]
    assert (level.name, list(level.x), list(level.y)) == ("all words", [1, 64], [0.9, 0.9])
    assert [(shape.name, shape.y0) for shape in drawn.figure.layout.shapes] == [("guessed: 0.1", 0.1)]
    assert drawn.table["series"].tolist() == ["one"] * 2 + ["other"] * 2 + ["all words"] and drawn.table["vectors"].isna().sum() == 1
    assert drawn.alt == "BLEU: one from 0.62 at 1 to 0.62 at 16; other from 0.62 at 4 to 0.62 at 64."
    alone = score_lines({"one": {1: ONE}}, across="vectors", measure="BLEU").figure.layout
    assert not alone.showlegend and not alone.shapes


def test_long_names_are_broken_for_a_phone():
    matrix = score_matrix(["PrefixPT for Descending"], ["Descending"], np.array([[0.5]]), {})
    assert list(matrix.figure.layout.yaxis.ticktext) == ["PrefixPT for<br>Descending"] and matrix.figure.data[0].textfont.size == 12


def test_stairs_draw_the_first_repetition_and_what_guessing_costs():
    events = [{"step": step, "loss": loss, "repetition": of} for step, loss, of in ((1, 8.0, 0), (2, 0.5, 0), (3, 0.25, 0), (1, 9.0, 1))]
    drawn = loss_stairs(events, steps=10, marks={"one fact guessed": 0.252})
    assert list(drawn.table["loss"]) == [8.0, 0.5, 0.25] and drawn.figure.layout.shapes[0].y0 == 0.252
    assert drawn.alt.startswith("After 3 of 10 steps the loss is")
    assert loss_stairs([], steps=10, marks={}).alt == "0 of 10 steps have been taken."
    named = [drawn.figure.data[feed["index"]].name for feed in FEED]
    assert named == ["loss of each step", "its mean over 25 steps"]


def test_a_race_without_a_search_has_training_steps_below():
    run = [{"step": step, "kl": 0.1, "repetition": 0} for step in (1, 2)]
    titles = [
        figures.race_curves([figures.RaceEntry("one", run, search=search)]).figure.layout.xaxis.title.text for search in (False, True)
    ]
    assert titles == ["training step", "tuning step (of a search: prompts tried)"]
