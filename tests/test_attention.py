"""Attention against an explicit softmax, with and without a memory, and the blocks around it."""

import math

import pytest
import torch
from numpy.testing import assert_allclose
from sequences import TOKENS, close
from torch import nn
from torch.nn import functional as F

from tutor import measure, predictors
from tutor.predictors.decoder import Attention
from tutor.predictors.prefix_memory import KeyValueMemory, NoMemory
from tutor.predictors.transformer import sine_cosine


def explicit_attention(attn: Attention, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """One query, one head, one key at a time; `keys`, `values` [H, K, D/H] stand before the sequence."""
    B, T, D = x.shape
    head_width = D // attn.heads
    q = F.layer_norm(x @ attn.q.weight.T, (D,)) * attn.q_norm.weight
    k = F.layer_norm(x @ attn.k.weight.T, (D,)) * attn.k_norm.weight
    v = x @ attn.v.weight.T
    out = torch.zeros(B, T, D)
    for b in range(B):
        for h in range(attn.heads):
            own = slice(h * head_width, (h + 1) * head_width)
            for t in range(T):
                seen, said = torch.cat([keys[h], k[b, :t + 1, own]]), torch.cat([values[h], v[b, :t + 1, own]])
                weight = torch.softmax(seen @ q[b, t, own] / math.sqrt(head_width), dim=0)
                out[b, t, own] = weight @ said
    return out @ attn.o.weight.T


@pytest.fixture(params=[1, 2, 4], ids="{} heads".format)
def attention(request):
    torch.manual_seed(0)
    attn = predictors.Transformer(width=8, heads=request.param).build(2, 0).body.blocks[0].attn
    nn.init.normal_(attn.q_norm.weight)
    nn.init.normal_(attn.k_norm.weight)
    return attn, torch.randn(2, 5, 8)


def test_attention_equals_an_explicit_softmax(attention):
    attn, x = attention
    nothing = torch.empty(attn.heads, 0, 8 // attn.heads)
    close(attn(x), explicit_attention(attn, x, nothing, nothing))


def test_attention_with_memory_equals_an_explicit_softmax_over_memory_and_past(attention):
    attn, x = attention
    keys, values = torch.randn(2, attn.heads, 3, 8 // attn.heads)
    attn.memory = KeyValueMemory(keys, values)
    close(attn(x), explicit_attention(attn, x, keys, values))


def test_a_memory_of_no_rows_is_no_memory():
    q, k, v = torch.randn(3, 2, 2, 5, 4)
    close(KeyValueMemory(torch.empty(2, 0, 4), torch.empty(2, 0, 4))(q, k, v), NoMemory()(q, k, v))


def test_positions_are_sines_then_cosines():
    rows = sine_cosine(3, 4)
    assert_allclose(rows[0], [0, 0, 1, 1])
    assert_allclose(rows[2], [math.sin(2), math.sin(0.02), math.cos(2), math.cos(0.02)], atol=1e-6)


def test_an_odd_width_has_positions_too():
    assert predictors.Transformer(width=5, heads=1).build(2, 0)(TOKENS).isfinite().all()


def test_a_block_ends_with_a_norm():
    network = predictors.Transformer(width=16).build(2, 0)
    out = measure.capture(network, TOKENS)["body.blocks.0.resid_post"]
    assert_allclose(out.mean(-1), 0, atol=1e-5)
    assert_allclose(out.var(-1), 1, atol=1e-2)


def test_the_residual_stream_adds_up():
    states = measure.capture(predictors.Transformer(width=16).build(2, 0), TOKENS, tap="body.blocks.0.*")
    part = {name.removeprefix("body.blocks.0."): x for name, x in states.items()}
    assert_allclose(part["resid_pre"] + part["attn_out"], part["resid_mid"], atol=1e-6)
