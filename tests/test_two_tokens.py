"""What two tokens cannot say: hard and simplex prompts lie on the line between them, real ones in their plane, soft ones anywhere."""

import pytest
import torch
from visiting import opened, pictures, with_store

from tutor import methods, predictors
from tutor.figures import token_line_picture
from tutor.measure.two_token_fit import fit_token_line
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.runs.store import RunStore
from tutor.ui.labs.coins import two_token_views


@pytest.fixture(scope="module")
def network(tiny):
    return tiny(predictors.LSTM).build(2, 0)


def behind(network, *, tokens=None, rows=None):
    """The network with a prompt in token space, or in the space of embeddings."""
    prompted = network.frozen_copy()
    if tokens is not None:
        prompted.token_prompt = RealPrompt(torch.tensor(tokens))
    if rows is not None:
        prompted.embedding_prompt = RealPrompt(rows)
    return prompted


def test_words_and_shares_of_them_are_on_the_line(network):
    found = fit_token_line(behind(network, tokens=[[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]]))
    assert found.along.tolist() == pytest.approx([0, 1, 0.75], abs=1e-5)
    assert found.off.abs().max() < 1e-5 and found.beyond.abs().max() < 1e-5


def test_amounts_of_words_leave_the_line_and_never_the_plane(network):
    found = fit_token_line(behind(network, tokens=[[2.0, 1.0], [0.0, 0.0], [-1.0, 3.0]]))
    assert found.off.min() > 0.01 and found.beyond.max() < 1e-5


def test_what_no_amount_of_words_says_is_beyond_them(network):
    heads, tails = (network.embed.weight.T + network.embed.bias).detach()
    spanned = torch.stack([heads, tails, network.embed.bias.detach()])
    normal = torch.linalg.svd(spanned - heads)[2][-1]                                # at right angles to the plane
    found = fit_token_line(behind(network, rows=(heads + tails)[None] / 2 + 3 * (tails - heads).norm() * normal))
    assert [part.item() for part in (found.along, found.off, found.beyond)] == pytest.approx([0.5, 3, 3], abs=1e-4)


def test_a_network_of_more_tokens_has_no_such_line(tiny):
    with pytest.raises(ValueError, match="the network has 3 tokens; a line through all of them needs two"):
        fit_token_line(tiny(predictors.LSTM).build(3, 0))


def test_the_picture_has_its_line_from_heads_to_tails_and_the_vectors_above_it():
    drawn = token_line_picture({"SoftPT": torch.tensor([[0.2, 2.0, 1.5], [1.4, 1.0, 0.1]]).numpy()})
    assert drawn.alt == "Off the line on average, in distances between heads and tails: SoftPT 1.5."
    between, soft = drawn.drawing.data
    assert list(between["x"]) == [0, 1] and list(between["y"]) == [0, 0]
    assert list(soft["y"]) == [2, 1] and list(soft["customdata"]) == pytest.approx([1.5, 0.1])


@pytest.mark.parametrize("body", two_token_views.BODIES)
@pytest.mark.parametrize("target", two_token_views.TARGETS)
def test_in_shipped_runs_every_step_of_freedom_is_used(monkeypatch, tmp_path, body, target):
    with_store(monkeypatch, RunStore(tmp_path))
    found = two_token_views.list_tunings(body, target)
    rows = two_token_views.tabulate_distances(found).set_index("method")
    assert list(rows.index) == [method.label for method in (methods.HardPT, methods.SimplexPT, methods.RealPT, methods.SoftPT)]
    assert (rows.loc[["HardPT", "SimplexPT"], "off the line"] < 1e-4).all() and rows.loc["RealPT", "off the line"] > 0.1
    assert (rows["beyond heads and tails"].drop("SoftPT") < 1e-4).all() and rows.loc["SoftPT", "beyond heads and tails"] > 0.5
    assert f"{rows.loc['SoftPT', 'beyond heads and tails']:.1f}" in two_token_views.describe_distances(found)


def test_the_page_shows_it_for_either_network(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path))
    for body in two_token_views.BODIES:
        app = opened("meaning", meaning_body=body)
        assert not app.exception and not app.error and pictures(app) >= 1
        assert any("beyond every mixture of heads and tails" in text.value for text in app.markdown)
