"""Maps of prompt vectors among words and texts, how far they lie, and what is said of where they stand; on shipped runs."""

import numpy as np
import pytest
import torch
from visiting import opened, said, with_store

from tutor import priors
from tutor.analysis import prompt_vectors
from tutor.runs.store import RunStore
from tutor.studies.embedding_presets import LENGTH, soft_spec
from tutor.ui.labs.embeddings import embedding_views, nearest_words, tuned_vectors


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A fresh install: shipped runs and nothing else."""
    return with_store(monkeypatch, RunStore(tmp_path / "runs"))


@pytest.mark.parametrize("wanted", [priors.Interpolation(), priors.Fitted(source=embedding_views.TEXTS["sums"]), priors.Far()])
def test_texts_are_shown_to_which_a_prior_is_fitted(fresh, wanted):
    around = {"interpolation": ["questions", "sums"], "fitted": ["sums"], "far": []}[wanted.kind]
    assert embedding_views.list_fitted_tasks(wanted) == around
    drawn = embedding_views.draw_prior_map(wanted, 0, 5, 0, tuple(around)).drawing.data
    assert {trace["name"].removeprefix("texts: ") for trace in drawn if trace["name"].startswith("texts")} == set(around)


def test_above_the_first_layer_texts_of_the_task_belong_on_the_map_and_make_its_plane(fresh):
    assert embedding_views.list_shown_texts(["far region"], 0) == ()
    assert embedding_views.list_shown_texts(["far region"], 2, ["sums"]) == ("sums", "summaries")[::-1]
    words = tuned_vectors.word_space(2).plane.directions
    both = embedding_views.word_plane(2, ("summaries",)).directions
    assert embedding_views.word_plane(0, ("sums",)) is tuned_vectors.word_space(0).plane
    gap = (embedding_views.text_vectors("summaries", 2).mean(0) - tuned_vectors.word_space(2).words.mean(0)).double().numpy()
    alone, together = (np.linalg.norm(axes @ gap) / np.linalg.norm(gap) for axes in (words, both))
    assert together > 0.95 and alone < 0.6                             # how far texts lie from words, of which words alone hide half


def test_far_vectors_are_seen_to_be_far_in_the_rows_under_the_map(fresh):
    rows = embedding_views.draw_prior_distances(priors.Far(distance=8.0), 0, 10, 0, ()).table
    words, far = (rows[rows["who"] == who]["radii"] for who in ("words", "far region"))
    assert (words**2).mean() ** 0.5 == pytest.approx(1, abs=0.01) and far.mean() == pytest.approx(64.7**0.5, rel=0.05)
    gone = embedding_views.draw_prompt_distances({"far region": soft_spec(priors.Far()).key()}, 0, ()).table
    assert len(gone[gone["moment"] == "end of another repetition"]) == LENGTH * (soft_spec(priors.Far()).seeds.repetitions - 1)


def test_what_became_of_vectors_is_held_against_words_and_draws_that_lie_as_words_do(fresh):
    ground, control = tuned_vectors.word_space(), nearest_words.measure_control()
    words, shift = ground.words[:10], ground.gaussian.radius * torch.nn.functional.normalize(torch.ones(128), dim=0)

    def said_of(rows: torch.Tensor) -> str:
        return nearest_words.describe_geometry(prompt_vectors.measure_vectors(ground, rows), control)

    assert "collapsed onto words" in said_of(words + 0.01)
    assert "lie **where words lie" in said_of(tuned_vectors.draw_vectors(priors.Fitted(), 0, 10, 5))
    assert "left the words" in said_of(words + 5 * shift)
    assert "point towards none of them" in said_of(tuned_vectors.draw_vectors(priors.Isotropic(), 0, 10, 0))


def test_a_wrong_perplexity_is_told_what_is_mapped_and_a_right_one_how(fresh):
    with pytest.raises(ValueError, match="of 262 words and prompt vectors it must lie"):
        embedding_views.draw_tsne({"far region": soft_spec(priors.Far()).key()}, 0, 1.0, 0)
    app = opened("priors", priors_by="t-SNE", priors_map_seed="7")
    assert "perplexity 30, seed 7" in said(app) and "1,000 iterations" in said(app)
