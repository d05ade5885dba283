"""Prompts before every body and wherever they are placed: a prompt of tokens is those tokens."""

import pytest
import torch
from every import each_body, each_shape
from numpy.testing import assert_allclose
from sequences import PROMPT, TOKENS, close
from torch.nn import functional as F

from tutor import sources
from tutor.predictors.prompt_inputs import HardPrompt, RealPrompt, SimplexPrompt
from tutor.predictors.prompt_placement import Placement


def after_prompt(network, prompt: tuple[int, ...], at: int, tokens: torch.Tensor) -> torch.Tensor:
    """Predictions of the whole sequence with `prompt` fed as data after `at` tokens."""
    rows = torch.tensor(prompt, dtype=torch.int64).expand(len(tokens), -1)
    return network(torch.cat([tokens[:, :at], rows, tokens[:, at:]], dim=1))


@each_shape
@each_body
def test_a_hard_prompt_equals_feeding_its_tokens_as_data(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    fed = after_prompt(network, PROMPT, 0, TOKENS)[:, 3:]
    network.token_prompt = HardPrompt(PROMPT, 2)
    close(network(TOKENS), fed)


@each_body
def test_an_infix_equals_feeding_its_tokens_in_the_middle(body, tiny):
    network = tiny(body).build(2, 0)
    plain, fed = network(TOKENS), after_prompt(network, PROMPT, 2, TOKENS)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="infix", after=2)
    close(network(TOKENS)[:, :2], plain[:, :2])
    close(network(TOKENS)[:, 2:], fed[:, 2 + 3:])


@each_body
def test_a_suffix_speaks_only_to_the_last_prediction(body, tiny):
    network = tiny(body).build(2, 0)
    plain, fed = network(TOKENS), after_prompt(network, PROMPT, 5, TOKENS)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="suffix")
    close(network(TOKENS)[:, :5], plain[:, :5])
    close(network(TOKENS)[:, 5], fed[:, 5 + 3])


@each_body
def test_an_infix_beyond_the_sequence_is_a_suffix(body, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="suffix")
    suffix = network(TOKENS)
    network.placement = Placement(kind="infix", after=100)
    assert torch.equal(network(TOKENS), suffix)


@pytest.mark.parametrize("placement", [Placement(), Placement(kind="infix", after=2), Placement(kind="suffix")], ids=lambda p: p.kind)
@each_body
def test_a_prompt_of_no_rows_changes_nothing_wherever_it_stands(body, placement, tiny):
    network = tiny(body).build(2, 0)
    plain = network(TOKENS)
    network.token_prompt, network.embedding_prompt, network.placement = HardPrompt((), 2), RealPrompt(torch.empty(0, 8)), placement
    assert torch.equal(network(TOKENS), plain)


@pytest.mark.parametrize("placement", [Placement(kind="infix", after=2), Placement(kind="suffix")], ids=lambda p: p.kind)
@each_body
def test_a_prediction_behind_a_prompt_depends_on_the_past_alone(body, placement, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), placement
    for t in range(1, 6):
        changed = TOKENS.clone()
        changed[:, t:] = 1 - changed[:, t:]
        close(network(changed)[:, :t + 1], network(TOKENS)[:, :t + 1], atol=1e-6)


@each_body
def test_one_hot_rows_are_the_same_prompt_in_every_space(body, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt = HardPrompt(PROMPT, 2)
    hard = network(TOKENS)
    network.token_prompt = RealPrompt(F.one_hot(torch.tensor(PROMPT), 2).float())
    close(network(TOKENS), hard)
    network.token_prompt = SimplexPrompt(100 * F.one_hot(torch.tensor(PROMPT), 2).float())
    close(network(TOKENS), hard)
    network.token_prompt = HardPrompt((), 2)
    network.embedding_prompt = RealPrompt(network.embed(F.one_hot(torch.tensor(PROMPT), 2).float()).detach())
    close(network(TOKENS), hard)


@pytest.mark.parametrize(("placement", "end"), [
    (Placement(), 3), (Placement(kind="infix", after=2), 5), (Placement(kind="suffix"), 8),
], ids=lambda x: "")
@each_body
def test_the_prompt_ends_where_the_tap_says(body, placement, end, tiny):
    network = tiny(body).build(2, 0)
    assert network.prompt_end(6) == 0                                                  # BOS
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), placement
    assert network.prompt_end(6) == end


def test_an_ideal_network_behind_a_hard_prompt_counts_it_as_flips(ideal_network):
    coins, network = sources.DirichletCategorical(), ideal_network(sources.DirichletCategorical())
    assert_allclose(network(TOKENS), coins.log_bayes(TOKENS), atol=1e-6)
    network.token_prompt = HardPrompt(PROMPT, 2)
    close(network(TOKENS).double(), after_prompt(coins.log_bayes, PROMPT, 0, TOKENS)[:, 3:])
