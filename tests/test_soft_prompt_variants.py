"""Soft prompts of another kind: with rows for every layer, pulled to words, and tuned to another task before."""

import pytest
import torch
from repeating import advanced
from short_tunings import QUICK, SINGLE, TOKENS, each_base

from tutor import Recipe, methods, predictors, priors, sources
from tutor.methods.cell import Cells
from tutor.methods.priors import Embeddings
from tutor.training.loop import Training

base = each_base


def test_rows_of_a_deep_prompt_replace_what_the_layer_below_made_of_the_prompt(tiny):
    network = tiny(predictors.GPT2, layers=3).build(2, 0).requires_grad_(False)
    tuned = methods.DeepPT(length=2, layers=1).attach(network, 0)
    assert [type(block.entry).__name__ for block in tuned.body.blocks] == ["Identity", "Identity", "EnteringRows"]
    heard = {}
    tuned.body.blocks[2].resid_pre.register_forward_hook(lambda _, __, out: heard.update(entered=out))
    tuned(TOKENS)
    assert torch.equal(heard["entered"][:, 1:3], tuned.body.blocks[2].entry.rows.expand(2, -1, -1))
    with torch.no_grad():
        tuned.embedding_prompt.rows += 1                        # changes what the layers below say, not what enters at these rows
    before = heard["entered"]
    tuned(TOKENS)
    assert torch.equal(heard["entered"][:, :1], before[:, :1]) and not torch.equal(heard["entered"][:, 3:], before[:, 3:])


def test_a_deep_prompt_of_a_single_layer_is_a_soft_prompt(tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    prior = priors.Isotropic(std=1.0)
    deep, soft = (method.attach(network, 0) for method in (methods.DeepPT(length=3, prior=prior), methods.SoftPT(length=3, prior=prior)))
    assert torch.equal(deep(TOKENS), soft(TOKENS))


def test_the_pull_costs_its_strength_times_the_squared_distance_in_radii(base):
    method = methods.WaywardPT(words=(1, 0), strength=3.0)
    tuned = method.attach(base, 0)
    assert tuned.penalty() == 0 and base.penalty() == 0
    with torch.no_grad():
        tuned.embedding_prompt.rows += 1.0
    table = (base.embed.weight.T + base.embed.bias).detach()
    radius = torch.cov(table.T).trace()
    assert tuned.penalty().item() == pytest.approx(3 * 8 / radius.item(), rel=1e-2)


def test_a_strong_pull_keeps_the_words_and_a_weak_one_does_not(base):
    recipe = Recipe(steps=40, batch=8, length=8, learning_rate=0.05)
    moved = {}
    for strength in (0.0, 10_000.0):
        tuned = advanced(methods.WaywardPT(words=(1, 0), strength=strength).start(base, SINGLE, recipe, 0)).predictor
        moved[strength] = (tuned.prompt() - tuned.embedding_prompt.anchor).norm().item()
    assert moved[10_000.0] < 0.2 * moved[0.0]


def test_no_pull_trains_like_a_soft_prompt_from_these_words(base):
    free = advanced(methods.SoftPT(length=2, prior=priors.Words(tokens=(1, 0))).start(base, SINGLE, QUICK, 0)).predictor
    pulled = advanced(methods.WaywardPT(words=(1, 0), strength=0.0).start(base, SINGLE, QUICK, 0)).predictor
    assert torch.equal(free.prompt(), pulled.prompt())


def test_a_projection_is_the_nearest_point_of_the_cell():
    """In the plane, with words at three corners: past one wall straight back onto it, past two into their corner, inside nowhere."""
    cells = Cells(torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 0, 0, 0]))
    moved = cells.project(torch.tensor([[1.5, -3.0], [5.0, 4.0], [-1.0, 0.5], [1.2, 0.9]]))
    assert torch.allclose(moved, torch.tensor([[1.0, -3.0], [1.0, 1.0], [-1.0, 0.5], [1.0, 0.9]]), atol=2e-3)


def test_an_oblique_projection_satisfies_the_conditions_of_a_nearest_point():
    """Nothing in the cell lies nearer to where the vector was: moving on from the result towards any point of the cell leads away."""
    generator = torch.Generator().manual_seed(0)
    table, rows = (torch.randn(n, 8, generator=generator) for n in (40, 5))
    cells = Cells(table, torch.arange(5))
    moved, inside = cells.project(3 * rows), cells.project(torch.randn(5, 8, generator=generator) / 5 + table[:5])
    assert torch.equal(torch.cdist(moved, table).argmin(1), torch.arange(5)) and (moved - 3 * rows).norm(dim=1).min() > 0.1
    assert ((3 * rows - moved) * (inside - moved)).sum(1).max() < 1e-2


def test_a_prompt_in_cells_reads_as_its_words_however_far_it_wants_to_go(base):
    recipe = Recipe(steps=40, batch=8, length=8, learning_rate=0.5)
    tuned = advanced(methods.CellPT(words=(1, 0, 1)).start(base, SINGLE, recipe, 0)).predictor
    table = Embeddings(base).vocabulary
    assert torch.cdist(tuned.prompt(), table).argmin(1).tolist() == [1, 0, 1]
    assert (tuned.prompt() - table[[1, 0, 1]]).norm(dim=1).min() > 1e-3


def test_a_transfer_is_one_tuning_after_another(base):
    other = sources.Categorical(probs=(0.9, 0.1))
    method = methods.TransferPT(length=2, first=other, first_steps=3)
    job = method.start(base, SINGLE, QUICK, 5)
    by_hand = Training(method.attach(base, 5), other, QUICK.model_copy(update={"steps": 3}), 5)
    assert [advanced(job, until=3).step, advanced(by_hand).step] == [3, 3]
    assert torch.equal(job.predictor.prompt(), by_hand.predictor.prompt())
    after = Training(by_hand.predictor, SINGLE, QUICK, 5)
    assert torch.equal(advanced(job).predictor.prompt(), advanced(after).predictor.prompt()) and job.step == 7


def test_a_transfer_without_a_first_task_is_a_soft_prompt(base):
    plain = advanced(methods.SoftPT(length=2).start(base, SINGLE, QUICK, 0)).predictor
    moved = advanced(methods.TransferPT(length=2, first_steps=0).start(base, SINGLE, QUICK, 0)).predictor
    assert torch.equal(plain.prompt(), moved.prompt())


@pytest.mark.parametrize("handed", ["shuffled", "redrawn"])
def test_a_control_of_a_transfer_hands_over_something_else_than_what_was_tuned(base, handed):
    """Shuffled: the same vectors, none lost. Redrawn: others in their subspace. Either also after a resume."""
    other = sources.Categorical(probs=(0.9, 0.1))
    method = methods.TransferPT(length=6, first=other, first_steps=3, handed=handed)
    job = advanced(method.start(base, SINGLE, QUICK, 5), until=3)
    left = job.predictor.prompt().detach().clone()
    border = {name: tensor.clone() for name, tensor in job.state_tensors().items()}
    still = QUICK.model_copy(update={"learning_rate": 1e-12})
    frozen = advanced(method.start(base, SINGLE, still, 5), until=3)
    frozen.load_tensors(border)
    given = advanced(frozen, until=4).predictor.prompt().detach()
    assert (given - left).norm() > 0.1
    if handed == "shuffled":
        assert torch.allclose(torch.cdist(given, left).amin(1), torch.zeros(6), atol=1e-4)
    else:
        spanned, drawn = ((rows - left.mean(0)).T for rows in (left, given))
        assert left.shape[1] > 5 and torch.allclose(spanned @ torch.linalg.lstsq(spanned, drawn).solution, drawn, atol=1e-4)
    again = method.start(base, SINGLE, QUICK, 5)
    again.load_tensors(border)
    assert torch.equal(advanced(again).predictor.prompt(), advanced(job).predictor.prompt())


def test_redrawn_vectors_have_the_mean_and_the_covariance_of_those_that_were_tuned():
    rows = torch.tensor([[0.0, 1.0, 5.0], [2.0, 0.0, 5.0], [4.0, 4.0, 5.0], [1.0, -1.0, 5.0]])
    drawn = torch.cat([methods.TransferPT(handed="redrawn")._handed(rows, seed) for seed in range(3000)])
    assert torch.allclose(drawn.mean(0), rows.mean(0), atol=0.1) and torch.allclose(drawn.T.cov(), rows.T.cov(), atol=0.2)


@pytest.mark.parametrize(("fields", "answer"), [
    ({"length": 1, "handed": "redrawn"}, "length is 1; to be redrawn, a prompt needs two vectors or more"),
    ({"first_steps": 0, "handed": "shuffled"}, "first_steps is 0; what is handed on has to be tuned first"),
])
def test_a_control_that_cannot_be_is_refused_in_one_sentence(tiny, fields, answer):
    with pytest.raises(ValueError, match=answer):
        methods.TransferPT(**fields).check(tiny(predictors.GPT2), 2)
