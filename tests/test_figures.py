"""Every picture, drawn from small networks that were really trained: what it shows, says and hands out."""

import numpy as np
import pytest
from repeating import advanced
from small_pictures import of_prompt_vectors, of_retrieval, of_texts
from smallest import COIN, COINS, pretraining, tuning

from tutor import exact, figures, methods, sources
from tutor.analysis import run_states, training_frames
from tutor.figures import palette
from tutor.figures.line_labels import spread_apart
from tutor.figures.step_gradients import choose_magnification
from tutor.measure import belief, evaluate
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.training.recipe import Recipe
from tutor.ui.run_views import run_comparison
from tutor.ui.shell import config

TWO = sources.Mixture()
BUDGET = Recipe(steps=40, batch=8, length=20, learning_rate=3e-2)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def base(store):
    return pretrain(pretraining(), store)


@pytest.fixture(scope="module")
def search(store):
    return pretrain(tuning(method=methods.HardPT(length=3, sequences=16), repetitions=1), store)


@pytest.fixture(scope="module")
def tuned(pretrained):
    """A width-16 LSTM and its soft prompt, three repetitions."""
    network = pretrained["lstm"]
    return network, [advanced(methods.SoftPT(length=3).start(network, COIN, BUDGET, seed)).predictor for seed in range(3)]


@pytest.fixture(scope="module")
def curves(tuned):
    network, prompted = tuned
    untuned = evaluate(network, on=COIN, length=60, n=32).cumulative[None]
    soft = np.stack([evaluate(one, on=COIN, length=60, n=32).cumulative for one in prompted])
    ideal = exact.baselines(pretrained=COINS, on=COIN, length=60, prompt_length=3)
    return [
        figures.Curve("NoTuning", untuned),
        figures.Curve("SoftPT", soft),
        *(figures.Curve(name, values[None], exact=True) for name, values in ideal.items()),
    ]


@pytest.fixture(scope="module")
def ground(pretrained):
    return run_states.fit_state_cloud(pretrained["lstm"], COINS)


@pytest.fixture(scope="module")
def plane(ground):
    return figures.Plane(ground.coordinates, ground.projection.explained_variance)


@pytest.fixture(scope="module")
def path(ground, tuned):
    trail = run_states.follow_states(ground, tuned[1][0], COIN)
    return figures.Path("SoftPT", trail.coordinates, trail.prompt_end, trail.off_plane, trail.moved)


@pytest.fixture(scope="module")
def gallery(base, search, curves, ground, plane, path):
    """Every picture there is, by name."""
    scores, flips = run_states.read_prompt_scores(search), (0, 1, 1, 1)
    reach = run_states.compute_reach(COINS, COIN, longest=4, length=20)
    read = [figures.ProbeScore(one.tap, *one.step) for one in run_states.probe_taps(base)]
    learned = training_frames.read_predictions(base)
    return (
        of_texts()
        | of_prompt_vectors()
        | of_retrieval()
        | {
            "training": figures.training_curve(base.events(), bayes_loss=belief.bayes_loss(COINS, 8), steps=12),
            "race": figures.race_curves([figures.RaceEntry("HardPT", search.events(), search=True)]),
            "belief": figures.belief_picture(
                [("prior", belief.posterior(COINS, (0, 0))), ("posterior", belief.posterior(COINS, (1, 3)))], truth=0.2, predicted=0.33
            ),
            "two coins": figures.belief_picture([("prior", belief.posterior(TWO, (0, 0))), ("posterior", belief.posterior(TWO, (1, 3)))]),
            "flips": figures.flips_picture(
                flips, [figures.Prediction("ideal predictor", belief.predict_each_flip(COINS, flips))], truth=0.2
            ),
            "curves": figures.regret_curves(curves),
            "instant": figures.regret_curves(curves, measure="instant"),
            "bars": figures.regret_bars(curves),
            "prompts": figures.prefix_bars(scores.prompts, scores.network, ideal=scores.ideal),
            "reach": figures.reach_picture(
                [figures.BestPromptCurve("one coin", reach.lengths, reach.best, reach.regret, reach.floor)], flips=20
            ),
            "pseudo-counts": figures.pseudo_counts_picture(
                {"one coin": run_states.regret_behind_prompts(COINS, COIN, [(0,) * h + (1,) * (4 - h) for h in range(5)], 20)}, flips=20
            ),
            "grid": figures.state_grid(plane, ground.seen.flips, name="flips seen"),
            "shares": figures.state_grid(plane, ground.seen.ratio, name="share of heads", share=True),
            "paths": figures.trajectories(plane, [path]),
            "one path": figures.trajectories(plane, [path], legend=False),
            "ideal": figures.ideal_picture(learned.ideal, learned.moments[-1], learned.seen.flips),
            "probes": figures.probe_bars(read, statistic="number of flips"),
        }
    )


NAMES = (
    "training", "race", "belief", "two coins", "flips", "curves", "instant", "bars", "prompts", "reach", "pseudo-counts", "grid",
    "shares", "paths", "one path", "ideal", "kept", "kept by seeds", "context vectors", "context vectors of seeds", "found",
    "probes", "task map", "t-SNE", "over layers", "way", "steps", "prompts among words", "tape", "losing", "pulls", "answers",
    "two tokens",
    "crowd", "crowds", "course", "surface", "phases", "prompts among texts", "how far", "how far two", "dots",
)


def drawn_colours(figure) -> set[str]:
    """Every colour written as six hexadecimal digits anywhere in a figure's lines and markers."""
    parts = [getattr(trace, name, None) for trace in figure.data for name in ("line", "marker")]
    found = [part.color for part in parts if part is not None]
    return {colour.lower() for colour in found if isinstance(colour, str) and colour.startswith("#")}


def test_the_gallery_holds_every_picture(gallery):
    assert set(gallery) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_its_takeaway_in_a_sentence_with_numbers(gallery, name):
    alt = gallery[name].alt
    assert alt.endswith(".") and "nan" not in alt and any(letter.isdigit() for letter in alt)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_hands_out_its_numbers(gallery, name):
    table = gallery[name].table
    assert len(table) and table.select_dtypes("number").notna().any(axis=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_leaves_paper_and_letters_to_the_page(gallery, name):
    layout = gallery[name].figure.layout
    assert (layout.paper_bgcolor, layout.plot_bgcolor, layout.font.color, layout.template.layout.font.color) == (
        "rgba(0,0,0,0)",
        "rgba(0,0,0,0)",
        None,
        None,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_vertical_axis_names_what_it_measures(gallery, name):
    titles = [axis.title.text for axis in gallery[name].figure.select_yaxes() if axis.visible is not False]
    assert titles and all(titles)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name in ("training", "race", "curves", "instant", "bars", "prompts", "reach", "pseudo-counts")]
)
def test_losses_and_regrets_are_told_in_nats(gallery, name):
    assert all("nats" in axis.title.text for axis in gallery[name].figure.select_yaxes())


@pytest.mark.parametrize("name", NAMES)
def test_no_picture_puts_more_markers_on_a_page_than_svg_bears(gallery, name):
    marked = [trace for trace in gallery[name].figure.data if "markers" in (getattr(trace, "mode", None) or "")]
    assert all(trace.type == "scatter" for trace in marked)
    assert sum(len(trace.x) for trace in marked) <= figures.picture.SVG_POINTS


@pytest.mark.parametrize("name", NAMES)
def test_every_colour_drawn_has_a_partner_on_a_dark_page(gallery, name):
    both_ways = {palette.PALE.lower()}  # seen on white and on black
    assert drawn_colours(gallery[name].figure) <= set(config.dark_partners()) | both_ways


def test_live_points_arrive_at_the_curves_they_belong_to(gallery):
    traces = gallery["training"].figure.data
    named = {traces[feed["index"]].name: feed["y"] for feed in figures.FEED}
    assert named == {"loss of the network": "loss", "its mean over 25 steps": "loss", "lost beyond the ideal predictor": "kl"}


def test_the_thick_line_is_the_median_of_the_repetitions(curves):
    soft = next(curve for curve in curves if curve.label == "SoftPT")
    line = next(trace for trace in figures.regret_curves(curves).figure.data if trace.name == "soft prompt" and trace.hoverinfo != "skip")
    np.testing.assert_allclose(line.y, np.median(soft.values, axis=0), rtol=1e-5)


def test_the_band_lies_between_the_quartiles(curves):
    soft = next(curve for curve in curves if curve.label == "SoftPT")
    band = next(trace for trace in figures.regret_curves(curves).figure.data if trace.fill == "toself")
    high, low = np.split(np.asarray(band.y), 2)
    np.testing.assert_allclose(np.stack([low[::-1], high]), np.quantile(soft.values, (0.25, 0.75), axis=0), rtol=1e-5)


def test_bars_stop_at_what_was_evaluated(curves):
    bars = [trace.name for trace in figures.regret_bars(curves).figure.data if trace.showlegend is False]
    assert bars == ["after 50"]  # the curves end after 60


def test_the_red_dot_is_the_state_at_the_end_of_the_prompt(plane, path):
    dot = next(trace for trace in figures.trajectories(plane, [path]).figure.data if trace.marker.color == palette.RED)
    np.testing.assert_allclose([dot.x[0], dot.y[0]], path.coordinates[0, path.prompt_end, :2], atol=1e-4)


def test_a_network_without_a_prompt_has_no_red_dot(plane, ground, tuned):
    trail = run_states.follow_states(ground, tuned[0], COIN)
    still = figures.Path("NoTuning", trail.coordinates, trail.prompt_end, trail.off_plane, trail.moved)
    assert palette.RED not in [trace.marker.color for trace in figures.trajectories(plane, [still]).figure.data]


def test_the_share_off_the_plane_is_said_in_the_title(plane, path):
    assert f"{path.off_plane:.0%} off the plane" in figures.trajectories(plane, [path], legend=False).figure.layout.title.text


def test_the_distance_to_the_ideal_predictor_is_said(gallery, base):
    learned = training_frames.read_predictions(base)
    assert f"{np.abs(learned.ideal - learned.moments[-1]).mean():.3f} on average" in gallery["ideal"].alt


def test_a_race_against_a_pinned_method_is_in_multiples_of_its_distance(base):
    slow = figures.RaceEntry("SoftPT", [{"step": step, "kl": 0.1, "repetition": 0} for step in (0, 10, 20)])
    fast = figures.RaceEntry("FullWT", [{"step": step, "kl": 0.01, "repetition": 0} for step in (0, 5, 20)], search=True)
    picture = figures.race_curves([slow, fast], against=slow)
    assert [list(trace.y) for trace in picture.figure.data] == [pytest.approx([1] * 3), pytest.approx([0.1] * 3)]
    assert "times that of soft prompt" in picture.figure.layout.yaxis.title.text
    assert slow.at(np.array([7.0, 99.0])) == pytest.approx(0.1)


def test_a_race_of_many_that_rests_has_its_names_at_the_ends_of_its_curves():
    many = [figures.RaceEntry(method.label, [{"step": step, "kl": 0.9**place, "repetition": 0} for step in (0, 10, 20)])
            for place, method in enumerate(methods.METHODS.values())]
    named, moving = (figures.race_curves(many, steps=20, moving=moving).figure.layout for moving in (False, True))
    assert {"untuned network", "soft prompt"} < {note.text.replace("<br>", " ") for note in named.annotations}
    assert named.showlegend is False and not moving.annotations


def test_states_find_each_other_by_their_places(gallery):
    assert gallery["grid"].figure.data[0].meta == gallery["shares"].figure.data[0].meta
    assert len(set(gallery["grid"].figure.data[0].meta)) == len(gallery["grid"].figure.data[0].x)


def test_axes_tell_the_variance_they_explain(gallery, plane):
    assert gallery["grid"].figure.layout.xaxis.title.text == f"component 1 ({plane.explained[0]:.0%} of the spread)"


def test_prompts_stand_from_best_to_worst(gallery):
    assert gallery["prompts"].table["network"].is_monotonic_increasing and len(gallery["prompts"].table) == 2**3


def test_a_pinned_method_is_the_zero_of_all_others(curves):
    zero = next(curve for curve in curves if curve.label == "SoftPT")
    found = {curve.label: curve for curve in run_comparison.subtract_reference(curves, zero)}
    assert np.median(found["SoftPT"].values, axis=0) == pytest.approx(0, abs=1e-9)
    untuned = next(curve for curve in curves if curve.label == "NoTuning")
    assert found["NoTuning"].at(50) == pytest.approx(untuned.at(50) - np.median(zero.at(50)))
    figure = figures.regret_curves(list(found.values()), measure="instant", against="pinned SoftPT", difference=True).figure
    assert figure.layout.yaxis.type is None and "pinned SoftPT" in figure.layout.yaxis.title.text


def test_names_at_the_ends_of_curves_do_not_touch_and_keep_their_order():
    placed = spread_apart([10.0, 11.0, 12.0, 300.0], [15.0, 15.0, 28.0, 15.0], 300.0)
    assert placed == [10.0, 25.0, 46.5, 292.5]
    assert spread_apart([5.0, 5.0], [10.0, 10.0], 12.0) == [5.0, 15.0]              # no room: they keep their distance


def test_many_curves_are_named_at_their_ends_and_few_in_a_legend():
    many = [figures.Curve(f"method {i}", np.full((2, 30), 2.0**-i)) for i in range(9)]
    drawn = figures.regret_curves(many, logarithmic=True).drawing.layout
    assert drawn["showlegend"] is False
    heights = {note["text"]: note["y"] for note in drawn["annotations"]}
    assert heights == pytest.approx({f"method {i}": -i * np.log10(2) for i in range(9)})
    few = figures.regret_curves(many[:8]).drawing.layout
    assert few["showlegend"] and "annotations" not in few


def test_regrets_far_apart_open_on_a_logarithmic_axis_where_nothing_stands_at_zero():
    near, far, none = (figures.Curve(name, np.full((1, 60), level)) for name, level in (("near", 2.0), ("far", 0.01), ("none", 0.0)))
    assert figures.ends_far_apart([near, far]) and not figures.ends_far_apart([near, near]) and not figures.ends_far_apart([near, none])
    drawn = figures.regret_bars([near, far, none], at=(50,), logarithmic=True)
    dots = next(trace for trace in drawn.drawing.data if trace.get("error_y"))
    assert drawn.drawing.layout["yaxis"]["type"] == "log" and dots["type"] == "scatter"
    assert dict(zip(dots["x"], np.isnan(dots["y"]), strict=True)) == {"near": False, "far": False, "none": True}


def test_a_step_is_an_arrow_lengthened_as_the_legend_and_the_sentence_say():
    before = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    drawn = figures.update_picture(before, before + np.array([[-0.004, 0.003], [0.0, 0.005], [-0.003, 0.004]]), before)
    _, arrows, rings = drawn.drawing.data
    assert arrows["name"] == "this step, drawn 50 times as long" and "50 times as long" in drawn.alt
    assert arrows["x"][:2].tolist() == pytest.approx([1.0, 0.8]) and arrows["y"][:2].tolist() == pytest.approx([0.0, 0.15])
    assert sorted(rings["text"]) == ["", "1, 3", "2"]                        # two vectors in one place share one label
    assert drawn.table["moved"].tolist() == pytest.approx([0.005] * 3)


@pytest.mark.parametrize(("longest", "times"), [(0.007, 20), (0.24, 1), (3.0, 1), (0.0, 1), (0.1, 2)])
def test_a_step_is_never_lengthened_beyond_its_room(longest, times):
    assert choose_magnification(longest, 0.25) == times
