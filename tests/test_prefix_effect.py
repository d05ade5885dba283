"""The prefix in attention: the maps are those of the forward pass, and the theorem holds where it says, and not below."""

import pytest
import torch

from tutor import measure, predictors
from tutor.methods import PrefixPT
from tutor.predictors.prompt_placement import Placement

TOKENS = torch.randint(5, (6, 9), generator=torch.Generator().manual_seed(0))
each_decoder = pytest.mark.parametrize("body", [predictors.Transformer, predictors.GPT2], ids=lambda one: one.__name__)


@pytest.fixture
def pair(body):
    """A network of three layers with weights that matter, and the same behind a prefix of two rows."""
    base = body(width=16, layers=3).build(5, 0).requires_grad_(False)
    for name, p in base.named_parameters():
        if p.dim() == 2:
            torch.nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(len(name)))
    return base, PrefixPT(length=2, init="normal").attach(base, 0)


@each_decoder
@pytest.mark.parametrize("which", [0, 1], ids=["without", "behind a prefix"])
def test_the_maps_are_those_of_the_forward_pass(pair, which):
    network = pair[which]
    states = measure.capture(network, TOKENS, "body.blocks.*.attn_out")
    for i, layer in enumerate(measure.attention(network, TOKENS)):
        said = network.body.blocks[i].attn.o(layer.output.transpose(1, 2).flatten(2))
        torch.testing.assert_close(said.detach(), torch.from_numpy(states[f"body.blocks.{i}.attn_out"]), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(layer.weights.sum(-1), torch.ones(layer.weights.shape[:3]))


@each_decoder
def test_the_first_layers_content_attention_is_only_scaled_and_deeper_ones_change(pair):
    first, *deeper = measure.prefix_effect(*pair, TOKENS)
    assert first.content < 1e-6 and first.output < 1e-6
    assert all(layer.content > 1e-3 for layer in deeper)


@each_decoder
def test_with_a_prefix_in_the_last_layer_alone_the_theorem_holds_there(pair):
    base, _ = pair
    tuned = PrefixPT(length=2, init="normal", layers=1).attach(base, 0)
    assert all(layer.content < 1e-6 and layer.output < 1e-6 for layer in measure.prefix_effect(base, tuned, TOKENS))


@each_decoder
@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_bias_of_so_many_rows_has_so_many_dimensions(pair, length):
    base, _ = pair
    tuned = PrefixPT(length=length, init="normal").attach(base, 0)
    assert measure.prefix_effect(base, tuned, TOKENS)[0].rank == length


@each_decoder
def test_without_a_prefix_nothing_is_paid_to_it(pair):
    base, _ = pair
    layers = measure.attention(base, TOKENS)
    assert all(not layer.share.any() and not layer.bias.any() for layer in layers)
    assert measure.prefix_effect(base, base, TOKENS)[0].rank == 0


@each_decoder
def test_who_stands_before_an_infix_pays_nothing_to_it(pair):
    base, _ = pair
    tuned = PrefixPT(length=2, init="normal", placement=Placement(kind="infix", after=4)).attach(base, 0)
    share = measure.attention(tuned, TOKENS)[0].share
    assert not share[:, :, :4].any() and (share[:, :, 4:] > 0).all()


@each_decoder
def test_the_attention_to_a_prefix_is_divided_among_its_rows(pair):
    _, tuned = pair
    divided = measure.spread_over_prefix(tuned, TOKENS)
    assert divided.shape == (3, 6, 2)
    torch.testing.assert_close(divided.sum(-1), torch.ones(3, 6))


def test_an_lstm_has_no_attention():
    with pytest.raises(ValueError, match="it matches none of"):
        measure.attention(predictors.LSTM(width=8).build(5, 0), TOKENS)


def test_a_network_without_prefix_cannot_divide_its_attention():
    with pytest.raises(ValueError, match="a layer of this network has no prefix"):
        measure.spread_over_prefix(predictors.GPT2(width=8).build(5, 0), TOKENS)
