"""The Clusters page: maps beside a control, t-SNE on demand, sentences that visitors type, and what is said of the wrong ones."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from visiting import opened, pictures, said, told, with_store

from tutor.analysis import embedding_maps
from tutor.measure.cluster_scores import READINGS
from tutor.measure.separation import distances
from tutor.runs.store import RunStore
from tutor.sources.language import decode, encode
from tutor.sources.language.typed import find_similar_words, parse_words
from tutor.ui.labs.embeddings import cluster_views


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A fresh install: shipped runs and nothing else."""
    return with_store(monkeypatch, RunStore(tmp_path / "runs"))


def test_it_opens_on_two_maps_the_verdict_and_the_way_of_a_sentence(fresh):
    app = opened("clusters")
    assert pictures(app) == 7 and not app.exception and not app.error
    assert any("undecided" in one.value for one in app.markdown) and "bootstrap" in said(app)
    assert told(app)["written"].startswith("they eat") or len(told(app)["written"].split()) > 3


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("metric", cluster_views.OF)
def test_every_measure_of_every_reading_is_drawn_beside_its_controls(fresh, metric, reading):
    app = opened("clusters", clusters_measure=metric, clusters_reading=reading, clusters_layer="2",
                 clusters_control=cluster_views.UNTRAINED)
    assert pictures(app) == 7 and not app.exception and not app.error
    assert told(app)["layer"] == 2


def test_tsne_is_drawn_when_asked_for_with_its_settings_and_a_warning(fresh):
    app = opened("clusters", clusters_map="t-SNE", clusters_perplexity="20")
    assert not app.exception and not app.error and pictures(app) == 7
    assert any("distances mean nothing" in warning.value for warning in app.warning)
    assert (app.number_input(key="clusters_perplexity").value, app.number_input(key="clusters_seed").value) == (20, 42)


def test_a_typed_sentence_is_followed_and_gone_on_with(fresh):
    app = opened("clusters", clusters_sentence="compute three plus four ?")
    assert told(app)["words"] == 5 and told(app)["written"] == "seven . end"
    assert app.metric[0].value == f"{told(app)['step_given']:.2f}" and told(app)["step_generated"] > 0.2


def test_steps_stand_beside_those_of_the_same_words_in_random_order(fresh):
    app = opened("clusters")
    words, layer = encode(cluster_views.EXAMPLE), app.segmented_control(key="clusters_layer").value
    more = cluster_views.continue_words(tuple(words))
    given, generated = cluster_views.measure_shuffled_steps(tuple(words), more, layer)
    assert [metric.delta for metric in app.metric] == [f"in random order {given:.2f}", f"in random order {generated:.2f}"]
    assert 0.2 < given < 1.5 and given != pytest.approx(told(app)["step_given"], rel=1e-6)


def test_the_same_word_over_and_over_has_one_order_alone():
    words, more = tuple(encode("anna anna anna")), tuple(encode("anna anna"))
    given, generated = cluster_views.measure_shuffled_steps(words, more, 1)
    steps = cluster_views.draw_sentence_path(words, more, 1)[2]
    assert (given, generated) == pytest.approx((steps[:2].mean(), steps[2:].mean()))


def test_a_reading_that_the_verdict_is_not_about_says_so(fresh):
    assert "The verdict above is not about this reading" in said(opened("clusters", clusters_reading="full stop"))
    assert "The verdict above is not about this reading" not in said(opened("clusters"))


def test_one_word_takes_no_step(fresh):
    app = opened("clusters", clusters_sentence="anna")
    assert app.metric[0].value == "one word takes no step" and not app.exception and not app.error


@pytest.mark.parametrize(("text", "answer"), [
    ("anna miler likes 7 bred", "The language does not know 'miler' (near: miller, miner), '7' (near: seven), 'bred' (near: bread, red)."),
    ("   ", "The sentence is empty; type some words of the language, such as anna miller likes bread."),
    ("anna " * 41, "The sentence has 41 words; at most 40 are read."),
])
def test_a_sentence_that_cannot_be_read_is_answered_in_one_and_the_maps_stay(fresh, text, answer):
    app = opened("clusters")
    app.text_input(key="clusters_sentence").set_value(text).run()
    assert [error.value for error in app.error] == [answer]
    assert pictures(app) == 4 and not app.exception


def test_signs_may_stand_behind_their_words_and_letters_may_be_large():
    assert decode(parse_words("Anna Miller likes bread.", 10)) == "anna miller likes bread ."


@pytest.mark.parametrize(("text", "words"), [
    ("Norwick!", "norwick"),
    ('anna likes "bread"', "anna likes bread"), ("(anna) likes bread!!! -", "anna likes bread"),
    ("\u201canna\u201d likes bread\u2026", "anna likes bread"),
    ("norwick .", "norwick ."), ("norwick!.", "norwick ."), ("norwick?!", "norwick ?")])
def test_signs_that_the_language_lacks_are_dropped_at_the_edges_of_words(text, words):
    assert decode(parse_words(text, 10)) == words


@pytest.mark.parametrize(("text", "answer"), [
    ("no!rwick", "does not know 'no!rwick'"), ("pizza!", "does not know 'pizza'"), ("!!!", "is empty")])
def test_what_is_left_must_be_a_word(text, answer):
    with pytest.raises(ValueError, match=answer):
        parse_words(text, 10)


def test_many_unknown_words_are_counted_and_long_ones_cut():
    with pytest.raises(ValueError, match=r"^the language does not know 'x{20}\.\.\.', 'qqq', 'zzz' and 2 more$"):
        parse_words(f"{'x' * 500} qqq zzz jjj vvv anna", 10)


def test_near_words_are_words_of_the_language():
    assert find_similar_words("clarra")[0] == "clara" and find_similar_words("norwik")[0] == "norwick"
    assert (
        find_similar_words("12") == ["twelve"] and find_similar_words("99") == find_similar_words("1000") == find_similar_words("٣") == []
    )


def test_the_network_goes_on_word_by_word_until_the_document_ends():
    network = cluster_views._network(cluster_views.TRAINED)
    words = encode("compute three plus four ? seven .")
    assert decode(embedding_maps.continue_words(network, words[:5], 3)) == "seven . end"
    assert embedding_maps.continue_words(network, words[:5], 1) == (words[5],)


def test_a_plane_keeps_the_distances_that_lie_in_it():
    rng = np.random.default_rng(0)
    flat = np.concatenate([rng.standard_normal((50, 2)) * [5, 2], np.zeros((50, 6))], axis=1) @ np.linalg.qr(rng.standard_normal((8, 8)))[0]
    plane = embedding_maps.fit_plane(flat)
    np.testing.assert_allclose(distances(plane.flat(flat)), distances(flat), atol=1e-9)
    assert sum(plane.explained) == pytest.approx(1)


def test_tsne_keeps_neighbours_and_repeats_itself_with_a_seed():
    points = np.random.default_rng(0).standard_normal((60, 5)) + np.repeat(np.arange(3), 20)[:, None] * 20
    one, again = (embedding_maps.map_by_tsne(points, perplexity=5.0, seed=1) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert trustworthiness(points, one, n_neighbors=5) > 0.9


@pytest.mark.parametrize("perplexity", [1.0, 16.0, float("nan")])
def test_a_perplexity_that_does_not_fit_is_answered_in_one_sentence(perplexity):
    with pytest.raises(ValueError, match="of 60 texts it must lie between 2 and 15"):
        embedding_maps.map_by_tsne(np.zeros((60, 2)), perplexity=perplexity, seed=0)


def test_scikit_learn_is_not_loaded_before_somebody_asks_for_tsne():
    code = "import sys, tutor.ui.labs.embeddings.cluster_views, tutor.studies; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
