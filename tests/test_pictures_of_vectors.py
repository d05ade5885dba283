"""Pictures of texts and of prompt vectors among words, drawn from numbers that can be checked by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from small_pictures import AWAY, CLOUD, LAYERS, LOST, MOMENTS, PULLS, TASKS, WAY, WORDS

from tutor import figures
from tutor.figures import MOVING, palette
from tutor.figures.cluster_map import find_nameable
from tutor.figures.prompt_looks import OF_PRIORS, assign_looks, looks_of
from tutor.methods.priors import PRIORS, Fitted

# Texts.

def test_a_map_has_every_text_in_the_colour_and_the_marker_of_its_task():
    traces = {trace.name: trace for trace in figures.task_map(CLOUD).figure.data if trace.mode == "markers"}
    assert len({(trace.marker.color, trace.marker.symbol) for trace in traces.values()}) == 4
    for place, name in enumerate(CLOUD.names):
        np.testing.assert_allclose(np.column_stack([traces[name].x, traces[name].y]), CLOUD.points[CLOUD.labels == place], rtol=1e-6)
    told = [meta for trace in traces.values() for meta in trace.meta]
    assert told == list(range(60))                                              # so that two maps of the same texts find each other's


def test_whiskers_reach_to_the_ends_of_the_interval():
    drawn = figures.layer_lines(LAYERS, measure="silhouette", level={})
    trained = next(trace for trace in drawn.figure.data if trace.name == "trained")
    np.testing.assert_allclose(np.asarray(trained.y) - trained.error_y.arrayminus, 0.5, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(trained.y) + trained.error_y.array, 0.9, rtol=1e-6)
    assert drawn.table.set_index(["series", "layer"]).loc[("untrained", 3), "value"] == pytest.approx(0.5)


def test_the_way_of_a_sentence_names_words_where_there_is_room_and_dashes_what_the_network_wrote():
    given, generated = (trace for trace in figures.sentence_path(CLOUD, WAY).figure.data if "lines" in trace.mode)
    assert (list(given.text), list(generated.text)) == (["anna", "likes"], ["", "bread", "."])             # there is room for all
    assert (list(given.customdata), list(generated.customdata)) == (["anna", "likes"], ["likes", "bread", "."])        # to be pointed at
    assert generated.line.dash == "dash"
    assert (list(generated.x), list(generated.y)) == ([1, 1, 0], [0, 2, 2])              # it begins where the given words end
    assert "from 'likes' to 'bread', 2.00 wide" in figures.sentence_path(CLOUD, WAY).alt
    alone = figures.sentence_path(CLOUD, figures.SentencePath(WAY.points, WAY.words, 4)).figure.data
    assert [trace.name for trace in alone if "lines" in trace.mode] == ["given"]


def test_a_word_is_named_where_it_covers_no_other():
    points = np.array([[0.0, 0.0], [1.9, 0.5], [2.0, 0.0], [0.0, 0.6], [2.1, 0.7]])
    assert find_nameable(points, np.array([10.0, 10.0])) == {0, 2, 3, 4}                     # a fifth of the width, or 6 % of the height
    assert find_nameable(points, np.array([100.0, 100.0])) == {0}


def test_each_step_is_a_bar_under_the_word_that_it_leads_to():
    drawn = figures.step_bars(np.array([0.5, 1.5, 1.0]), WAY.words, WAY.given).figure
    bars = {trace.name: trace for trace in drawn.data if trace.type == "bar"}
    assert (list(bars["given"].y), list(bars["generated"].y)) == ([0.5], [1.5, 1.0])
    assert list(bars["generated"].customdata) == ["bread", "."]


def test_distances_of_tasks_stand_on_both_sides_of_an_empty_diagonal():
    far, near = figures.IntervalValue(2.0, 1.5, 2.5), figures.IntervalValue(0.5, 0.4, 0.6)
    drawn = figures.distance_map(TASKS[1:], {("questions", "gaps"): near, ("questions", "sums"): far, ("gaps", "sums"): far})
    values = np.asarray(drawn.figure.data[0].z, dtype=float)
    np.testing.assert_array_equal(values, [[np.nan, 0.5, 2], [0.5, np.nan, 2], [2, 2, np.nan]])
    assert drawn.figure.data[0].text[0][1] == "<b>0.50</b><br>0.40 to 0.60" and "Nearest are questions and gaps, 0.50" in drawn.alt


def test_a_distance_that_is_not_known_is_said_to_be_unknown():
    nothing, far = figures.IntervalValue(np.nan, np.nan, np.nan), figures.IntervalValue(2.0, 1.5, 2.5)
    alone = figures.distance_map(TASKS[2:], {("gaps", "sums"): nothing})
    assert alone.figure.data[0].text[0][1] == "unknown" and alone.alt.startswith("No distance is known")
    some = figures.distance_map(TASKS[1:], {("questions", "gaps"): nothing, ("questions", "sums"): far})
    assert some.alt == "Nearest are questions and sums, 2.00 spreads apart, farthest questions and sums, 2.00."
    over = figures.layer_lines({"trained": {1: nothing, 2: far}}, measure="distance", level={"bag": nothing})
    assert over.alt == "Distance, layer by layer: trained unknown, 2.00; bag unknown."


# Prompt vectors.

def test_a_single_prompt_ends_in_red_and_its_way_has_a_gap_after_every_vector():
    words, path, here, began = figures.prompt_map(WORDS, [figures.PlacedPrompt("far region", MOMENTS)]).drawing.data
    assert here["marker"]["color"] == palette.RED and list(words["text"]) == list(WORDS.words)
    assert_allclose(path["x"], [0.0, 0.5, 3.0, np.nan, 1.0, 1.0, 1.0])
    assert_allclose(np.stack([here["x"], here["y"]], axis=1), MOMENTS[-1])
    assert_allclose(np.stack([began["x"], began["y"]], axis=1), MOMENTS[0])
    assert all(figures.prompt_map(WORDS, [figures.PlacedPrompt("a", MOMENTS)]).drawing.data[i]["name"] == "a" for i in figures.MOVING)


def test_draws_from_a_prior_have_no_way():
    assert len(figures.prompt_map(WORDS, [figures.PlacedPrompt("a", MOMENTS[:1])]).drawing.data) == 3


def test_the_tape_marks_where_a_word_changes_and_is_greener_where_it_is_nearer():
    words = [["anna", "likes"], ["anna", "eats"]]
    values = np.array([[0.9, 0.8], [0.5, 0.6]])
    near, far = (figures.token_tape([0, 5], words, values, measure=name).drawing.data[0] for name in ("cosine", "distance"))
    assert near["text"] == [["<b>anna</b>", "anna"], ["<b>likes</b>", "<b>eats</b>"]]
    assert_allclose(near["z"], [[0.9, 0.5], [0.8, 0.6]], rtol=1e-6)
    assert_allclose(far["z"], -near["z"], rtol=1e-6)


def test_the_same_green_means_the_same_in_every_tape():
    def scale(values, measure):
        cell = figures.token_tape([0], [["anna", "likes"]], np.array([values]), measure=measure).drawing.data[0]
        return cell["zmin"], cell["zmax"], cell["colorbar"]

    assert scale([0.2, 0.3], "cosine")[:2] == scale([0.8, 0.9], "cosine")[:2] == (0, 1)
    low, high, bar = scale([0.0, 4.0], "distance")
    assert (low, high) == (-4.0, 0) and dict(zip(bar["tickvals"], bar["ticktext"], strict=True)) == {0.0: "0", -2.0: "2", -4.0: "4"}
    low, high, _ = scale([0.0, 0.0], "distance")                      # vectors that are their words: the greenest there is
    assert low < high == 0


def test_what_is_lost_is_drawn_as_a_median_and_handed_out_to_the_last_step():
    picture = figures.tuning_loss_curves({"fresh": LOST})
    drawn = next(trace for trace in picture.drawing.data if "fill" not in trace)
    assert_allclose(drawn["y"], np.median(LOST, axis=0))
    assert list(picture.table["step"]) == [4, 5] and picture.table["median"].tolist() == [1.5, 0.75]
    assert picture.drawing.layout["yaxis"]["title"]["text"] == "training loss (nats per token)"


def test_texts_lie_behind_all_else_and_leave_the_traces_of_a_film_where_they_are():
    drawn = figures.prompt_map(WORDS, [figures.PlacedPrompt("far region", MOMENTS)], {"sums": CLOUD.points}).drawing.data
    alone = figures.prompt_map(WORDS, [figures.PlacedPrompt("far region", MOMENTS)]).drawing.data
    assert [drawn[i]["name"] for i in MOVING] == [alone[i]["name"] for i in MOVING]
    edge, dots = drawn[len(alone):]
    assert edge["zorder"] == dots["zorder"] == -1
    assert_allclose(np.stack([dots["x"], dots["y"]], axis=1), CLOUD.points, rtol=1e-6)
    ellipse = np.stack([edge["x"], edge["y"]], axis=1) - CLOUD.points.mean(0)         # two standard deviations, in any direction
    assert_allclose(np.einsum("nd,de,ne->n", ellipse, np.linalg.inv(np.cov(CLOUD.points.T)), ellipse), 4, rtol=1e-4)


def test_other_repetitions_are_faint_and_counted_in_the_table():
    picture = figures.prompt_map(WORDS, [figures.PlacedPrompt("a", MOMENTS, MOMENTS[-1] + 1)])
    *_, here, _, others = picture.drawing.data
    assert_allclose(others["x"], np.asarray(here["x"]) + 1)
    assert others["marker"]["opacity"] < 0.5 and (picture.table["moment"] == "end of another repetition").sum() == 2


def test_distances_stand_in_a_row_for_each_prompt_with_starts_above_ends():
    picture = figures.distance_strips({"words": AWAY}, [figures.PromptDistances("fitted Gaussian", 3 * AWAY, AWAY)])
    words, starts, ends = picture.drawing.data
    assert_allclose(ends["x"], 3 * AWAY)
    assert set(words["y"]) == {0} and 0.5 < starts["y"][0] < ends["y"][0] < picture.drawing.layout["yaxis"]["range"][0]
    assert "words 1.0" in picture.alt and "fitted Gaussian 3.0 (at the start 1.0)" in picture.alt


def test_every_prior_looks_different_and_the_same_in_every_picture():
    assert set(OF_PRIORS) == {prior.label for prior in PRIORS.values()}
    assert len({(look.colour, look.dash) for look in OF_PRIORS.values()}) == len(PRIORS)
    assert len({look.marker for look in OF_PRIORS.values()}) == len(PRIORS)
    more = [type(f"Prior{n}", (Fitted,), {"__module__": __name__, "label": f"prior {n}"}) for n in range(8)]
    found = looks_of([*PRIORS.values(), *more])
    assert len(set(found.values())) == len(PRIORS) + 8 and found.items() >= OF_PRIORS.items()
    assert assign_looks(["far region"])["far region"] == assign_looks(["chosen words", "far region"])["far region"]


def test_controls_have_the_colour_of_what_they_control():
    found = assign_looks(["from real words", "from tables", "from tables, shuffled"], {"from tables, shuffled": "from tables"})
    assert found["from tables"].colour == found["from tables, shuffled"].colour != found["from real words"].colour
    assert found["from tables"].dash != found["from tables, shuffled"].dash


def test_dots_reach_over_their_quartiles_in_the_row_of_their_name():
    scores = {"soft": {"a": figures.Score(2.0, 1.0, 4.0), "b": figures.Score(3.0, 3.0, 3.0)}, "deep": {"b": figures.Score(1.0, 0.5, 1.5)}}
    soft, deep = figures.score_dots(scores, measure="loss", of="prior").drawing.data
    assert (soft["error_x"]["array"], soft["error_x"]["arrayminus"]) == ([2.0, 0.0], [1.0, 0.0])
    assert [round(float(y)) for y in soft["y"]] == [0, 1] and [round(float(y)) for y in deep["y"]] == [1] and deep["y"][0] != soft["y"][1]


def test_a_cell_of_one_run_says_so_in_the_place_of_a_spread():
    one, two = figures.Score(1.0, 1.0, 1.0, runs=1), figures.Score(1.0, 0.5, 1.5, runs=2)
    cells = figures.score_map(["a"], ["x", "y"], [[one, two]], across="rate", measure="loss").drawing.data
    assert [cell["text"] for cell in cells] == [[["<b>1.00</b><br>1 run"]], [["<b>1.00</b><br>0.50 to 1.50"]]]


def test_a_pull_is_drawn_over_its_strength_with_zero_apart():
    drawn = figures.anchor_picture({"decoy": PULLS}, free={"decoy": 92.0}, nothing=0.1, measure="BLEU").drawing
    axis = drawn.layout["xaxis"]
    assert axis["ticktext"] == ["0", "1", "10"] and axis["tickvals"] == [-0.5, 0.0, 1.0]
    read, score, order, free, nothing = drawn.data
    assert_allclose(read["x"], axis["tickvals"])
    assert_allclose(read["y"], [0, 0.5, 1])
    assert_allclose(score["y"], [90, 70, 40])
    assert_allclose([*score["error_y"]["array"], *score["error_y"]["arrayminus"]], [5, 5, 10, 5, 10, 10])
    assert (read["yaxis"], score["yaxis"], read["line"]["color"]) == ("y", "y2", score["line"]["color"])
    assert list(order["y"]) == [50, 30, 5] and set(free["y"]) == {92.0} and set(nothing["y"]) == {0.1}
    assert read["text"] == ["strength 0", "strength 1", "strength 10"]


def test_what_was_not_measured_in_another_order_is_not_drawn():
    bare = [figures.AnchorScore(one.strength, one.read, one.score) for one in PULLS]
    assert len(figures.anchor_picture({"decoy": bare}, free={"decoy": 92.0}, nothing=0.1, measure="BLEU").drawing.data) == 4
