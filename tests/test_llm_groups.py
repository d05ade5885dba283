"""Labelled texts in a model from elsewhere: read line by line, and measured as the texts of our own language are."""

import numpy as np
import pytest
from own_models import PEOPLE, VERBS
from sklearn.metrics import silhouette_score

from tutor import llm
from tutor.llm.label_separation import measure_chance, measure_separation, pair_distances, parse_labelled

TEXT = "\n".join(f"{label}: {who} {does} {what} ." for label, what in (("fruit", "a red apple"), ("boat", "the old boat")) for who in PEOPLE
                 for does in VERBS[:2])


@pytest.fixture(scope="module")
def found(models):
    return llm.read_groups(models["gpt2"], TEXT)


def test_a_text_is_the_mean_of_its_states_behind_all_but_the_first_token(models, found):
    model = models["gpt2"]
    states = model.hidden_states(model.tokens("anna eats a red apple ."))
    assert found.names == ["fruit", "boat"] and len(found.layers) == model.layers + 1 and found.labels.tolist() == [0] * 8 + [1] * 8
    for layer, rows in enumerate(found.layers):
        np.testing.assert_allclose(rows[0], states[layer, 1:].mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.bag[0], model.activations("anna eats a red apple .").mean(0), rtol=1e-5, atol=1e-6)


def test_separation_is_that_of_scikit_learn_and_of_the_words(found):
    for rows, one in zip(found.layers, found.measured["this model"], strict=True):
        assert one["silhouette"].value == pytest.approx(silhouette_score(rows, found.labels))
    assert found.words["silhouette"].value == pytest.approx(silhouette_score(found.bag, found.labels))
    assert found.measured["this model"][0]["probe"].value == 1                         # the words alone give these labels away
    chance = found.measured["shuffled labels"][0]["silhouette"]
    assert abs(chance.value) < 0.1 and chance.interval[1] < found.words["silhouette"].value and len(chance.draws) == 100


def test_two_clouds_far_apart_are_as_far_apart_as_they_are():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 40)
    rows = rng.standard_normal((80, 200)) + 30 * labels[:, None] / np.sqrt(200)      # 30 apart, spread sqrt(200); more numbers than texts
    one = measure_separation(rows, labels)
    assert one["distance"].value == pytest.approx(30 / np.sqrt(200), rel=0.1) and one["probe"].value == 1
    low, high = one["distance"].interval
    assert low < one["distance"].value < high


def test_labels_dealt_to_texts_of_which_many_are_alike_leave_out_the_deals_that_say_nothing():
    labels = np.repeat([0, 1], 4)
    rows = labels[:, None].astype(float)                                            # of 70 deals, 2 leave no label a spread
    chance = measure_chance(rows, labels)["distance"]
    assert np.isnan(chance.draws).any() and chance.value == pytest.approx(np.nanmean(chance.draws))


def test_the_distance_of_every_two_labels_is_the_least_where_it_is_least(found):
    pairs = pair_distances(found, 2)
    assert list(pairs) == [("fruit", "boat")]
    assert pairs["fruit", "boat"].value == pytest.approx(found.measured["this model"][2]["distance"].value)


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "there are 0 labels; give 2 to 4"),
    ("a: one\nno label here", "the line 'no label here' has no label"),
    ("a: one\n: two", "the line ': two' has no label"),
    ("a: one\nb:", "the line 'b:' has no label"),
    (f"{'x' * 31}: one", "has no label; write label: text, the label of at most 30 letters"),
    ("\n".join(f"{label}: text" for label in "abcde" * 4), "there are 5 labels; give 2 to 4"),
    ("a: one\n" * 4 + "b: two\n" * 3, "there are 7 texts, 3 of them labelled 'b'; give at least 4 of each label and 80 in all"),
    ("a: one\n" * 60 + "b: two\n" * 21, "there are 81 texts, 21 of them labelled 'b'; give at least 4 of each label and 80 in all"),
])
def test_lines_that_cannot_be_grouped_are_one_sentence(text, sentence):
    with pytest.raises(llm.ModelError) as caught:
        parse_labelled(text)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


def test_a_colon_in_a_text_stays_in_it():
    assert parse_labelled("a: x: y\n" * 4 + "b: z\n" * 4)[0] == ("a", "x: y")
