"""Every picture, drawn from small networks that were really trained: what it shows, says and hands out."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from smallest import COIN, COINS, pretraining, tuning

from tutor import exact, figures, films, methods, sources, views
from tutor.figures import palette
from tutor.measure import belief, diagnose, evaluate
from tutor.measure.planted import CASES
from tutor.methods import METHODS
from tutor.recipe import Recipe
from tutor.retrieved import Answer, Crowd, Surface
from tutor.runner import pretrain
from tutor.store import RunStore
from tutor.ui import comparison, settings

TWO = sources.Mixture()
DIAGNOSES = [diagnose(CASES["half and half"].evidence(60, seed)) for seed in range(2)]
TASKS = ("stories", "questions", "gaps", "sums")
CLOUD = figures.Cloud(np.random.default_rng(0).standard_normal((60, 2)), np.repeat(np.arange(4), 15), TASKS, ("a", "b"))
WAY = figures.Way(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0], [0.0, 2.0]]), ("anna", "likes", "bread", "."), 2)
SPANS = {"trained": 0.5, "untrained": 0.2}
LAYERS = {name: {n: figures.Measured(low + n / 10, low, low + 0.4) for n in (1, 2, 3)} for name, low in SPANS.items()}
WORDS = figures.WordCloud(np.random.default_rng(1).standard_normal((5, 2)), ("anna", "likes", "bread", ".", "end"), ("a", "b"))
MOMENTS = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.5, 0.0], [1.0, 2.0]], [[3.0, 0.0], [1.0, 5.0]]])
LEASHES = [(90.0, 85.0, 95.0, 0.0), (40.0, 30.0, 50.0, 1.0)]
LOST = np.array([[8.0, 4.0, 2.0, 1.0, 0.5], [8.0, 5.0, 3.0, 2.0, 1.0]])
ANSWERED = {"without context": Answer(0.1, (("rice", 0.6), ("corn", 0.2))), "with the pipeline": Answer(0.9, (("rice", 0.05),))}
CROWDS = [Crowd(np.array([0.6, 0.7, 0.8, 0.9]), np.array([0.0, 0.1, -0.9]), sharing, 0.9, 0.5) for sharing in (2.0, 6.0)]
ALONG = np.linspace(0, 1.5, 4)
SURFACE = Surface(ALONG, ALONG, np.add.outer(4 - 2 * ALONG, 3 - ALONG))
WATCHED = {"as it is": np.array([[6.0, np.nan, 2.0], [5.0, np.nan, 1.0]]),
           "store shuffled": np.array([[6.0, np.nan, 7.0], [6.0, np.nan, 9.0]])}
PHASES = {(0.0, 1.0): figures.Phase("retrieves", "3 × retrieves", True, -0.3, 5.8),
          (0.9, 1.0): figures.Phase("a soft prompt in disguise", "", False, 0.97, 3.4),
          (0.0, 0.4): figures.Phase("inconclusive", "", True, np.nan, 0.0)}
BAG = {"bag of embeddings": figures.Measured(0.4, 0.3, 0.5)}
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
    jobs = [methods.SoftPT(length=3).start(network, COIN, BUDGET, seed) for seed in range(3)]
    for job in jobs:
        while not job.done:
            job.advance()
    return network, [job.predictor for job in jobs]


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
    return views.ground(pretrained["lstm"], COINS)


@pytest.fixture(scope="module")
def plane(ground):
    return figures.Plane(ground.coordinates, ground.projection.explained_variance)


@pytest.fixture(scope="module")
def path(ground, tuned):
    trail = views.trail(ground, tuned[1][0], COIN)
    return figures.Path("SoftPT", trail.coordinates, trail.prompt_end, trail.off_plane, trail.moved)


@pytest.fixture(scope="module")
def gallery(base, search, curves, ground, plane, path):
    """Every picture there is, by name."""
    scores, flips = views.prompt_scores(search), (0, 1, 1, 1)
    reach = views.reach(COINS, COIN, longest=4, length=20)
    read = [figures.Reading(one.tap, *one.step) for one in views.readings(base)]
    learned = films.beliefs(base)
    return {
        "training": figures.training_curve(base.events(), bayes_loss=belief.bayes_loss(COINS, 8), steps=12),
        "race": figures.race([figures.Racer("HardPT", search.events(), search=True)]),
        "belief": figures.belief_picture(
            [("prior", belief.posterior(COINS, (0, 0))), ("posterior", belief.posterior(COINS, (1, 3)))], truth=0.2, predicted=0.33
        ),
        "two coins": figures.belief_picture([("prior", belief.posterior(TWO, (0, 0))), ("posterior", belief.posterior(TWO, (1, 3)))]),
        "flips": figures.flips_picture(flips, [figures.Prediction("ideal predictor", belief.flip_by_flip(COINS, flips))], truth=0.2),
        "curves": figures.regret_curves(curves),
        "instant": figures.regret_curves(curves, measure="instant"),
        "bars": figures.regret_bars(curves),
        "prompts": figures.prefix_bars(scores.prompts, scores.network, ideal=scores.ideal),
        "reach": figures.reach_picture([figures.Reach("one coin", reach.lengths, reach.best, reach.regret, reach.floor)], flips=20),
        "pseudo-counts": figures.pseudo_counts_picture(
            {"one coin": views.behind_prompts(COINS, COIN, [(0,) * h + (1,) * (4 - h) for h in range(5)], 20)}, flips=20
        ),
        "grid": figures.state_grid(plane, ground.seen.flips, name="flips seen"),
        "shares": figures.state_grid(plane, ground.seen.ratio, name="share of heads", share=True),
        "paths": figures.trajectories(plane, [path]),
        "one path": figures.trajectories(plane, [path], legend=False),
        "ideal": figures.ideal_picture(learned.ideal, learned.moments[-1], learned.seen.flips),
        "task map": figures.task_map(CLOUD),
        "t-SNE": figures.task_map(CLOUD, hulls=False),
        "over layers": figures.over_layers(LAYERS, measure="silhouette", level=BAG, chance=0.25, chosen=2),
        "way": figures.sentence_way(CLOUD, WAY),
        "steps": figures.step_bars(np.array([0.5, 1.5, 1.0]), WAY.words, WAY.given),
        "kept": figures.kept_picture(DIAGNOSES[:1], ["half"]),
        "kept by seeds": figures.kept_picture(DIAGNOSES, ["first", "second"]),
        "context vectors": figures.vectors_picture(DIAGNOSES[:1], ["half"]),
        "context vectors of seeds": figures.vectors_picture(DIAGNOSES, ["first", "second"]),
        "found": figures.found_picture(DIAGNOSES, ["first", "second"]),
        "probes": figures.probe_bars(read, statistic="number of flips"),
        "prompts among words": figures.prompt_map(WORDS, [figures.Placed("fitted", MOMENTS), figures.Placed("far", MOMENTS[:, ::-1] + 4)]),
        "tape": figures.token_tape([0, 400], [["anna", "likes"], ["anna", "eats"]], np.array([[0.9, 0.8], [0.5, 0.6]])),
        "losing": figures.losing({"from words": LOST, "from far": LOST * 2}, level=9.0),
        "trade-off": figures.trade_off((0.0, 10.0), {"decoy": LEASHES}, free={"decoy": 92.0}, measure="BLEU"),
        "answers": figures.answer_bars(ANSWERED, "bread"),
        "crowd": figures.crowd_bars(CROWDS[0]),
        "crowds": figures.crowd_lines((0.0, 0.9), CROWDS, k=8, chosen=0.9),
        "course": figures.over_training(WATCHED, measure="held-out loss (nats)", levels={"soft prompt": 3.0}),
        "surface": figures.loss_surface(SURFACE),
        "phases": figures.phase_map(PHASES),
    }


NAMES = (
    "training",
    "race",
    "belief",
    "two coins",
    "flips",
    "curves",
    "instant",
    "bars",
    "prompts",
    "reach",
    "pseudo-counts",
    "grid",
    "shares",
    "paths",
    "one path",
    "ideal",
    "kept",
    "kept by seeds",
    "context vectors",
    "context vectors of seeds",
    "found",
    "probes",
    "task map",
    "t-SNE",
    "over layers",
    "way",
    "steps",
    "prompts among words",
    "tape",
    "losing",
    "trade-off",
    "answers",
    "crowd",
    "crowds",
    "course",
    "surface",
    "phases",
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
    assert drawn_colours(gallery[name].figure) <= set(settings.partners()) | both_ways


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


def test_the_bayes_line_lies_where_an_ideal_network_trains(ideal_network):
    batch = COINS.sample(4000, 8, 0)
    loss = -ideal_network(COINS)(batch.tokens).gather(-1, batch.tokens[..., None]).mean().item()
    assert belief.bayes_loss(COINS, 8) == pytest.approx(loss, abs=0.01)


def test_live_points_arrive_at_the_curves_they_belong_to(gallery):
    traces = gallery["training"].figure.data
    named = {traces[feed["index"]].name: feed["y"] for feed in figures.FEED}
    assert named == {"loss of the network": "loss", "its mean over 25 steps": "loss", "distance to the ideal predictor": "kl"}


def test_the_thick_line_is_the_median_of_the_repetitions(curves):
    soft = next(curve for curve in curves if curve.label == "SoftPT")
    line = next(trace for trace in figures.regret_curves(curves).figure.data if trace.name == "SoftPT" and trace.hoverinfo != "skip")
    np.testing.assert_allclose(line.y, np.median(soft.values, axis=0), rtol=1e-5)


def test_the_band_lies_between_the_quartiles(curves):
    soft = next(curve for curve in curves if curve.label == "SoftPT")
    band = next(trace for trace in figures.regret_curves(curves).figure.data if trace.fill == "toself")
    high, low = np.split(np.asarray(band.y), 2)
    np.testing.assert_allclose(np.stack([low[::-1], high]), np.quantile(soft.values, (0.25, 0.75), axis=0), rtol=1e-5)


def test_thin_lines_are_one_trace_with_a_gap_after_each_repetition():
    assert np.isnan(figures.picture.gapped(np.ones((3, 4)))).sum() == 2


def test_bars_stop_at_what_was_evaluated(curves):
    bars = [trace.name for trace in figures.regret_bars(curves).figure.data if trace.showlegend is False]
    assert bars == ["after 50"]  # the curves end after 60


def test_a_density_of_beliefs_has_mass_one_and_the_predictive_mean():
    believed = belief.posterior(COINS, (3, 7))
    assert believed.mass.mean() == pytest.approx(1, abs=1e-6)
    assert (believed.bias * believed.mass).mean() == pytest.approx(belief.predictive(COINS, (3, 7)), abs=1e-4)


def test_beliefs_about_two_coins_follow_the_rule_of_bayes():
    likelihood = np.array([0.2 * 0.8**3, 0.8 * 0.2**3])
    np.testing.assert_allclose(belief.posterior(TWO, (1, 3)).mass, likelihood / likelihood.sum())


def test_a_source_without_a_form_of_its_own_still_tells_a_belief():
    general = belief._posterior.dispatch(object)(COINS, torch.tensor([3.0, 7.0], dtype=torch.float64))
    weights = general.mass / general.mass.sum()
    assert (weights * general.bias).sum() == pytest.approx(belief.predictive(COINS, (3, 7)), abs=1e-9)


def test_pseudo_flips_shift_every_prediction_as_flips_do():
    behind = belief.flip_by_flip(COINS, (0, 1), prefix=(1, 1))
    np.testing.assert_allclose(behind, belief.flip_by_flip(COINS, (1, 1, 0, 1))[2:])


def test_many_prompts_at_once_cost_what_each_costs_alone():
    prompts = [(), (1,), (0, 1, 1), (1, 1, 1, 1)]
    alone = [exact.cumulative_regret(predictor=COINS, on=TWO, length=30, prefix=prompt)[-1] for prompt in prompts]
    np.testing.assert_allclose(views.behind_prompts(COINS, TWO, prompts, 30), alone, rtol=1e-9)


@pytest.mark.parametrize("target", [COIN, TWO], ids=["one coin", "two coins"])
def test_the_reach_of_prompts_is_that_of_the_best_hard_prefix(target):
    reach = views.reach(COINS, target, longest=3, length=30)
    best, regret = exact.best_hard_prefix(predictor=COINS, on=target, prompt_length=3, length=30)
    assert reach.regret[3] == pytest.approx(regret[-1]) and sorted(reach.best[3]) == sorted(best)


def test_the_red_dot_is_the_state_at_the_end_of_the_prompt(plane, path):
    dot = next(trace for trace in figures.trajectories(plane, [path]).figure.data if trace.marker.color == palette.RED)
    np.testing.assert_allclose([dot.x[0], dot.y[0]], path.coordinates[0, path.prompt_end, :2], atol=1e-4)


def test_a_network_without_a_prompt_has_no_red_dot(plane, ground, tuned):
    trail = views.trail(ground, tuned[0], COIN)
    still = figures.Path("NoTuning", trail.coordinates, trail.prompt_end, trail.off_plane, trail.moved)
    assert palette.RED not in [trace.marker.color for trace in figures.trajectories(plane, [still]).figure.data]


def test_the_share_off_the_plane_is_said_in_the_title(plane, path):
    assert f"{path.off_plane:.0%} off the plane" in figures.trajectories(plane, [path], legend=False).figure.layout.title.text


def test_the_distance_to_the_ideal_predictor_is_said(gallery, base):
    learned = films.beliefs(base)
    assert f"{np.abs(learned.ideal - learned.moments[-1]).mean():.3f} on average" in gallery["ideal"].alt


def test_a_race_against_a_pinned_method_is_in_multiples_of_its_distance(base):
    slow = figures.Racer("SoftPT", [{"step": step, "kl": 0.1, "repetition": 0} for step in (0, 10, 20)])
    fast = figures.Racer("FullWT", [{"step": step, "kl": 0.01, "repetition": 0} for step in (0, 5, 20)], search=True)
    picture = figures.race([slow, fast], against=slow)
    assert [list(trace.y) for trace in picture.figure.data] == [pytest.approx([1] * 3), pytest.approx([0.1] * 3)]
    assert "times that of SoftPT" in picture.figure.layout.yaxis.title.text
    assert slow.at(np.array([7.0, 99.0])) == pytest.approx(0.1)


def test_pictures_of_what_is_to_come_say_so():
    for empty in (figures.state_grid(None, None, name="flips seen"), figures.ideal_picture(None, None, None)):
        assert "as soon as training has begun" in empty.alt and empty.table.empty
        assert len(empty.figure.data[-1].x) == 0


def test_states_find_each_other_by_their_places(gallery):
    assert gallery["grid"].figure.data[0].meta == gallery["shares"].figure.data[0].meta
    assert len(set(gallery["grid"].figure.data[0].meta)) == len(gallery["grid"].figure.data[0].x)


def test_axes_tell_the_variance_they_explain(gallery, plane):
    assert gallery["grid"].figure.layout.xaxis.title.text == f"component 1 ({plane.explained[0]:.0%} of variance)"


def test_prompts_stand_from_best_to_worst(gallery):
    assert gallery["prompts"].table["network"].is_monotonic_increasing and len(gallery["prompts"].table) == 2**3


def test_a_pinned_method_is_the_zero_of_all_others(curves):
    zero = next(curve for curve in curves if curve.label == "SoftPT")
    found = {curve.label: curve for curve in comparison.over(curves, zero)}
    assert np.median(found["SoftPT"].values, axis=0) == pytest.approx(0, abs=1e-9)
    untuned = next(curve for curve in curves if curve.label == "NoTuning")
    assert found["NoTuning"].at(50) == pytest.approx(untuned.at(50) - np.median(zero.at(50)))
    figure = figures.regret_curves(list(found.values()), measure="instant", against="pinned SoftPT", difference=True).figure
    assert figure.layout.yaxis.type is None and "pinned SoftPT" in figure.layout.yaxis.title.text


def test_a_map_has_every_text_in_the_colour_and_the_marker_of_its_task():
    traces = {trace.name: trace for trace in figures.task_map(CLOUD).figure.data if trace.mode == "markers"}
    assert len({(trace.marker.color, trace.marker.symbol) for trace in traces.values()}) == 4
    for place, name in enumerate(CLOUD.names):
        np.testing.assert_allclose(np.column_stack([traces[name].x, traces[name].y]), CLOUD.points[CLOUD.labels == place], rtol=1e-6)
    told = [meta for trace in traces.values() for meta in trace.meta]
    assert told == list(range(60))                                              # so that two maps of the same texts find each other's


def test_whiskers_reach_to_the_ends_of_the_interval():
    drawn = figures.over_layers(LAYERS, measure="silhouette", level={})
    trained = next(trace for trace in drawn.figure.data if trace.name == "trained")
    np.testing.assert_allclose(np.asarray(trained.y) - trained.error_y.arrayminus, 0.5, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(trained.y) + trained.error_y.array, 0.9, rtol=1e-6)
    assert drawn.table.set_index(["series", "layer"]).loc[("untrained", 3), "value"] == pytest.approx(0.5)


def test_the_way_of_a_sentence_names_its_words_and_dashes_what_the_network_wrote():
    given, generated = (trace for trace in figures.sentence_way(CLOUD, WAY).figure.data if "lines" in trace.mode)
    assert (list(given.text), list(generated.text)) == (["anna", "likes"], ["", "bread", "."])
    assert generated.line.dash == "dash"
    assert (list(generated.x), list(generated.y)) == ([1, 1, 0], [0, 2, 2])              # it begins where the given words end
    assert "from 'likes' to 'bread', 2.00 wide" in figures.sentence_way(CLOUD, WAY).alt
    alone = figures.sentence_way(CLOUD, figures.Way(WAY.points, WAY.words, 4)).figure.data
    assert [trace.name for trace in alone if "lines" in trace.mode] == ["given"]


def test_each_step_is_a_bar_under_the_word_that_it_leads_to():
    drawn = figures.step_bars(np.array([0.5, 1.5, 1.0]), WAY.words, WAY.given).figure
    bars = {trace.name: trace for trace in drawn.data if trace.type == "bar"}
    assert (list(bars["given"].y), list(bars["generated"].y)) == ([0.5], [1.5, 1.0])
    assert list(bars["generated"].customdata) == ["bread", "."]


def test_distances_of_tasks_stand_on_both_sides_of_an_empty_diagonal():
    far, near = figures.Measured(2.0, 1.5, 2.5), figures.Measured(0.5, 0.4, 0.6)
    drawn = figures.distance_map(TASKS[1:], {("questions", "gaps"): near, ("questions", "sums"): far, ("gaps", "sums"): far})
    values = np.asarray(drawn.figure.data[0].z, dtype=float)
    np.testing.assert_array_equal(values, [[np.nan, 0.5, 2], [0.5, np.nan, 2], [2, 2, np.nan]])
    assert drawn.figure.data[0].text[0][1] == "<b>0.50</b><br>0.40 to 0.60" and "Nearest are questions and gaps, 0.50" in drawn.alt


# Prompt vectors.

def test_a_single_prompt_ends_in_red_and_its_way_has_a_gap_after_every_vector():
    words, path, here, began = figures.prompt_map(WORDS, [figures.Placed("far region", MOMENTS)]).drawing.data
    assert here["marker"]["color"] == palette.RED and list(words["text"]) == list(WORDS.words)
    assert_allclose(path["x"], [0.0, 0.5, 3.0, np.nan, 1.0, 1.0, 1.0])
    assert_allclose(np.stack([here["x"], here["y"]], axis=1), MOMENTS[-1])
    assert_allclose(np.stack([began["x"], began["y"]], axis=1), MOMENTS[0])
    assert all(figures.prompt_map(WORDS, [figures.Placed("a", MOMENTS)]).drawing.data[i]["name"] == "a" for i in figures.MOVING)


def test_draws_from_a_prior_have_no_way():
    assert len(figures.prompt_map(WORDS, [figures.Placed("a", MOMENTS[:1])]).drawing.data) == 3


def test_the_tape_marks_where_a_word_changes_and_is_greener_where_it_is_nearer():
    words = [["anna", "likes"], ["anna", "eats"]]
    values = np.array([[0.9, 0.8], [0.5, 0.6]])
    near, far = (figures.token_tape([0, 5], words, values, measure=name).drawing.data[0] for name in ("cosine", "distance"))
    assert near["text"] == [["<b>anna</b>", "anna"], ["<b>likes</b>", "<b>eats</b>"]]
    assert_allclose(near["z"], [[0.9, 0.5], [0.8, 0.6]], rtol=1e-6)
    assert_allclose(far["z"], -near["z"], rtol=1e-6)


def test_what_is_lost_is_drawn_as_a_median_and_handed_out_to_the_last_step():
    picture = figures.losing({"fresh": LOST})
    drawn = next(trace for trace in picture.drawing.data if "fill" not in trace)
    assert_allclose(drawn["y"], np.median(LOST, axis=0))
    assert list(picture.table["step"]) == [4, 5] and picture.table["median"].tolist() == [1.5, 0.75]


# Retrieval.

def test_every_context_has_a_bar_that_begins_with_the_true_word():
    true, first, second = figures.answer_bars(ANSWERED, "bread").drawing.data
    assert (list(true["x"]), list(first["x"]), list(second["x"])) == ([0.1, 0.9], [0.6, 0.05], [0.2, 0.0])
    assert true["text"] == ["✓ bread", "✓ bread"] and first["text"] == ["rice", ""]      # five hundredths are too narrow for a word


def test_what_lies_outside_of_a_histogram_is_counted_at_its_edge():
    others, nearest = figures.crowd_bars(CROWDS[0]).drawing.data
    assert sum(others["y"]) == pytest.approx(1) and sum(nearest["y"]) == pytest.approx(1)
    assert others["y"][0] == pytest.approx(1 / 3)


def test_a_training_is_drawn_at_the_steps_at_which_somebody_looked_and_lines_come_before_bands():
    own, shuffled, band, *_ = figures.over_training(WATCHED, measure="nats", levels={"soft prompt": 3.0}).drawing.data
    assert (list(own["x"]), list(own["y"])) == ([1, 3], [5.5, 1.5]) and list(shuffled["y"]) == [6.0, 8.0]
    assert list(band["y"]) == [6.0, 2.0, 1.0, 5.0]


def test_a_training_that_nobody_has_looked_at_yet_waits_for_its_points():
    waiting = figures.over_training(dict.fromkeys(WATCHED, np.zeros((1, 0))), measure="nats", steps=50)
    assert [len(trace["x"]) for trace in waiting.drawing.data] == [0, 0] and waiting.table.empty


def test_three_places_on_the_surface_have_their_names_and_losses():
    alt = figures.loss_surface(SURFACE).alt
    assert "zeros 7.00 nats" in alt and "constant alone 5.00" in alt and "as trained 4.00" in alt and "least, 2.50" in alt


def test_the_map_has_a_sign_and_a_word_for_every_verdict_and_a_gap_where_nothing_was_computed():
    cells = figures.phase_map(PHASES).drawing.data[0]
    assert (cells["x"], cells["y"]) == (["0", "0.9"], ["0.4", "1"])
    assert cells["text"] == [["<b>?</b><br>unclear<br>no gain", ""], ["<b>✓</b><br>retrieves<br>-30%", "<b>✗</b><br>prompt *<br>97%"]]
    assert_allclose(cells["z"], [[np.nan, np.nan], [0, 0.97]], rtol=1e-6)
