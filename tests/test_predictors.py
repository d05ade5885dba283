"""Predictors: the contract of every body (alignment, causality, taps), and the paper's networks.

A new body is tested on arrival: it joins BODIES.
"""

import pytest
import torch
from every import each_body, each_shape
from sequences import PROMPT, TOKENS, close

from tutor import measure, predictors
from tutor.core.spec_errors import SpecError
from tutor.predictors.prompt_inputs import HardPrompt, RealPrompt
from tutor.predictors.taps import listen_at_taps, tap_names

# The contract of every body.

@each_shape
@each_body
def test_predictions_are_distributions_for_every_position(body, shape, tiny):
    log_p = tiny(body, **shape).build(2, 0)(TOKENS)
    assert log_p.shape == (3, 6, 2)
    close(log_p.exp().sum(-1), torch.ones(3, 6))


@each_shape
@each_body
def test_a_prediction_depends_on_the_past_alone(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    for t in range(6):
        changed = TOKENS.clone()
        changed[:, t:] = 1 - changed[:, t:]
        close(network(changed)[:, :t + 1], network(TOKENS)[:, :t + 1], atol=1e-6)


@each_body
def test_a_prediction_does_depend_on_the_token_before_it(body, tiny):
    network, changed = tiny(body).build(2, 0), TOKENS.clone()
    changed[:, 3] = 1 - changed[:, 3]
    assert (network(changed)[:, 4] - network(TOKENS)[:, 4]).abs().min() > 1e-4


@each_body
def test_the_first_prediction_is_made_before_any_data(body, tiny):
    first = tiny(body).build(2, 0)(TOKENS)[:, 0]
    close(first, first[:1].expand(3, -1))


@each_body
def test_sequences_of_a_batch_do_not_touch_each_other(body, tiny):
    network = tiny(body).build(2, 0)
    close(network(TOKENS)[1:2], network(TOKENS[1:2]))


@each_body
def test_one_token_is_predicted_from_nothing(body, tiny):
    network = tiny(body).build(3, 0)
    close(network(torch.tensor([[2]])), network(torch.tensor([[0, 1]]))[:, :1])


@each_body
def test_the_same_seed_builds_the_same_weights_and_another_seed_others(body, tiny):
    one, same, other = (tiny(body).build(2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["embed.weight"], other["embed.weight"])


@each_body
def test_building_leaves_the_global_random_state_alone(body, tiny):
    before = torch.random.get_rng_state()
    tiny(body).build(2, 0)
    assert torch.equal(torch.random.get_rng_state(), before)


@each_body
def test_a_frozen_copy_shares_nothing_and_requires_nothing(body, tiny):
    network = tiny(body).build(2, 0)
    copy = network.frozen_copy()
    assert network.trainable > 0 and copy.trainable == 0
    with torch.no_grad():
        copy.embed.weight.zero_()
    assert network.embed.weight.abs().sum() > 0


@each_body
def test_a_measured_network_can_still_be_trained(body, tiny):
    network = tiny(body, width=12).build(2, 0)
    measure.capture(network, TOKENS)
    network(TOKENS).sum().backward()
    assert all(p.grad is not None for p in network.parameters())


@each_body
def test_a_network_accepts_any_width_of_its_specification(body, tiny):
    for width in (4, 20):
        assert tiny(body, width=width).build(2, 0)(TOKENS).isfinite().all()


@each_body
def test_a_large_batch_says_the_same_as_its_sequences_alone(body, tiny):
    network = tiny(body).build(2, 0)
    network.embedding_prompt = RealPrompt(torch.randn(3, 8))
    tokens = torch.randint(2, (40, 6), generator=torch.Generator().manual_seed(0))
    together, alone = network(tokens), torch.cat([network(row[None]) for row in tokens])
    close(together, alone)
    grown = [torch.autograd.grad(said.logsumexp(1).sum(), list(network.parameters())) for said in (together, alone)]
    for a, b in zip(*grown, strict=True):
        close(a, b, atol=1e-4)


@each_body
def test_the_embedding_follows_the_width_unless_it_is_given(body):
    assert (body(width=64).embedding, body(width=64, embedding=4).embedding, body().embedding) == (64, 4, 128)


@each_body
def test_the_specification_and_the_network_agree_whether_a_memory_has_rows(body, tiny):
    assert tiny(body).prefix_has_length == tiny(body).build(2, 0).body.prefix_has_length


@pytest.mark.parametrize(("body", "wrong", "answer"), [
    (predictors.LSTM, {"width": 3}, "width is 3; input should be greater than or equal to 4"),
    (predictors.LSTM, {"width": 10**9}, "width is 1000000000; input should be less than or equal to 512"),
    (predictors.LSTM, {"layers": 0}, "layers is 0; input should be greater than or equal to 1"),
    (predictors.LSTM, {"widht": 8}, "widht is not a field; did you mean width?"),
    (predictors.LSTM, {"heads": 2}, "heads is not a field"),
    (predictors.Transformer, {"width": 10}, "width is 10 and heads is 4; the width must be divisible by the heads"),
    (predictors.Transformer, {"embedding": 1}, "embedding is 1; input should be greater than or equal to 2"),
], ids=str)
def test_a_network_that_cannot_be_is_refused_in_one_sentence(body, wrong, answer):
    with pytest.raises(SpecError) as refusal:
        body(**wrong)
    assert str(refusal.value) == answer


# Taps.

@each_shape
@each_body
def test_every_tap_is_heard_with_a_row_for_bos_the_prompt_and_all_data_but_the_last(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    network.token_prompt = HardPrompt(PROMPT, 2)
    with listen_at_taps(network, "body.*") as heard:
        network(TOKENS)
    assert set(heard) == set(tap_names(network))
    assert {tuple(states.shape) for states in heard.values()} == {(3, 3 + 6, 8)}


def test_taps_have_the_names_that_notebooks_use():
    block = ["attn.queries", "attn.keys", "attn.values", "resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"]
    assert set(tap_names(predictors.LSTM(width=8).build(2, 0))) == {"body.layers.0.hidden", "body.layers.0.cell"}
    assert set(tap_names(predictors.Transformer(width=8).build(2, 0))) == {f"body.blocks.0.{name}" for name in block}


@each_body
def test_listening_changes_no_prediction_and_leaves_nothing_behind(body, tiny):
    network = tiny(body).build(2, 0)
    plain = network(TOKENS)
    with pytest.raises(KeyError), listen_at_taps(network, "body.*"):
        close(network(TOKENS), plain)
        raise KeyError
    assert not any(network.get_submodule(name).heard for name in tap_names(network))


def test_a_tap_that_is_not_there_is_named_beside_those_that_are():
    network = predictors.LSTM(width=8).build(2, 0)
    answer = "tap is 'body.cells'; it matches none of body.layers.0.hidden, body.layers.0.cell"
    with pytest.raises(ValueError, match=answer), listen_at_taps(network, "body.cells"):
        pass


# The paper's networks.

@pytest.mark.parametrize(("body", "count"), [(predictors.LSTM(), 132_226), (predictors.Transformer(), 198_274)], ids=str)
def test_the_papers_networks_have_the_papers_parameter_counts(body, count):
    assert body.build(2, 0).trainable == count
