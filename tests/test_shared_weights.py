"""What makes a large model from elsewhere affordable: copies share frozen weights, and logits are made only where they are asked for."""

import copy

import pytest
import torch
from kept_models import FAMILIES, V, make_model, save_model

from tutor import methods, predictors
from tutor.core.model_folder import keep_model
from tutor.measure.greedy_decoding import decode_greedily
from tutor.methods.prompt_scores import Judge
from tutor.predictors import Predictor
from tutor.predictors.prompt_placement import Placement
from tutor.sources import Batch

T = 9
TOKENS = torch.randint(2, V, (3, T), generator=torch.Generator().manual_seed(0))
ASKED = torch.rand(3, T, generator=torch.Generator().manual_seed(1)) < 0.3


@pytest.fixture
def network(tmp_path, monkeypatch) -> Predictor:
    """A tiny model with tied embeddings."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    weights = keep_model(save_model(make_model(FAMILIES["smollm2: grouped keys, tied"]), tmp_path / "theirs"))
    return predictors.Llama(weights=weights).build(V, 0)


@pytest.fixture
def large(monkeypatch):
    """Call it, and from then on the vocabulary of the tiny model counts as large."""
    return lambda: monkeypatch.setattr("tutor.predictors.predictor.LARGE_VOCABULARY", 2)


def addresses(network: Predictor) -> set[int]:
    return {p.data_ptr() for name, p in network.named_parameters() if not p.requires_grad}


@pytest.mark.parametrize("method", [methods.SoftPT(length=2, init="tokens"), methods.PrefixPT(length=2), methods.LoRAWT(rank=1)],
                         ids=lambda method: method.label)
def test_a_tuned_copy_has_only_what_is_tuned_for_itself(network, method):
    tuned = method.attach(network, 0)
    assert addresses(tuned) == addresses(network)
    free = {p.data_ptr() for p in tuned.parameters() if p.requires_grad}
    assert free and not free & addresses(network)


def test_a_weight_that_is_set_free_gets_numbers_of_its_own_and_stays_tied(network):
    before = {name: p.clone() for name, p in network.named_parameters()}
    tuned = methods.FullWT().attach(network, 0)
    assert tuned.unembed.weight is tuned.embed.table
    assert not {p.data_ptr() for p in tuned.parameters()} & addresses(network)
    with torch.no_grad():
        for p in tuned.parameters():
            p.add_(1)
    assert all(torch.equal(p, before[name]) for name, p in network.named_parameters())
    half = methods.EmbedWT().attach(network, 0)
    assert len(addresses(network) - addresses(half)) == 1         # the table alone
    again = copy.deepcopy(tuned)                                  # of a network in training everything is copied
    assert not {p.data_ptr() for p in again.parameters()} & {p.data_ptr() for p in tuned.parameters()}
    assert all(p.requires_grad for p in again.parameters())


def test_logits_are_made_only_where_they_are_asked_for(network, large):
    rows = []
    network.unembed.register_forward_hook(lambda module, given, found: rows.append(found.numel() // V))
    network.mean_loss(TOKENS, ASKED)
    large()
    network.mean_loss(TOKENS, ASKED)
    network.losses(TOKENS, ASKED)
    network.likeliest(TOKENS, ASKED)
    asked = int(ASKED.sum())
    assert rows == [3 * T, asked, asked, asked] and 0 < asked < 3 * T


def test_losses_gradients_and_answers_are_the_same_either_way(network, large):
    def look():
        tuned = methods.SoftPT(length=2, init="tokens").attach(network, 0)
        loss = tuned.mean_loss(TOKENS, ASKED)
        loss.backward()
        said = torch.where(ASKED, tuned.likeliest(TOKENS, ASKED), 0)
        return loss.detach(), tuned.embedding_prompt.rows.grad, tuned.losses(TOKENS, ASKED).detach(), said

    every = look()
    large()
    for one, other in zip(every, look(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    assert network.mean_loss(TOKENS, torch.zeros_like(ASKED)) == 0


def test_candidates_for_a_hard_prompt_are_judged_the_same_either_way(network, large):
    judge, prompts = Judge(Batch(TOKENS, torch.zeros(3, 1), ASKED), None), torch.tensor([[5, 9], [7, 7]])
    places = [Placement(), Placement(kind="infix", after=3)]
    every = [judge.score(network, prompts, where) for where in places]
    large()
    for where, before in zip(places, every, strict=True):
        torch.testing.assert_close(judge.score(network, prompts, where), before, atol=1e-5, rtol=1e-5)
    assert (every[0] - every[1]).abs().min() > 1e-3


def test_greedy_decoding_writes_the_same_either_way(network, large):
    starts = torch.tensor([2, 4, 5])
    before = decode_greedily(network, TOKENS, starts)
    large()
    assert torch.equal(decode_greedily(network, TOKENS, starts), before)
    assert torch.equal(before[0, :2], TOKENS[0, :2]) and not torch.equal(before, TOKENS)
