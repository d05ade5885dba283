"""The bench: it multiplies the shapes that a step multiplies, fits slopes, and sets two measurements side by side."""

import json
import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from tutor import bench, methods, sources
from tutor.bench import step_speed
from tutor.bench.baseline_ratio import compare_benches
from tutor.cli import answer_command
from tutor.predictors import BODIES, LSTM, Transformer
from tutor.predictors.body import Product
from tutor.predictors.inputs import Inputs
from tutor.training.recipe import Recipe

each_body = pytest.mark.parametrize("body", [LSTM(width=16), LSTM(width=16, layers=2, embedding=8), Transformer(width=16),
                                             Transformer(width=16, layers=2, embedding=8, heads=2)], ids=str)


def counted(work) -> float:
    """Operations of matrix products, as torch's own counter sees them."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):      # it does not see into fused attention
        work()
    return counter.get_total_flops()


def visible(body, network: nn.Module) -> nn.Module:
    """The counter sees no products inside torch's fused LSTM, so it is made to use our own."""
    for layer in network.body.layers if isinstance(body, LSTM) else ():
        layer.cell.register_forward_hook(lambda *heard: None)
    return network


@each_body
def test_the_products_of_a_body_are_those_that_torch_counts(body):
    network = visible(body, body.build(2, 0)).requires_grad_(False)
    x = torch.randn(3, 7, body.embedding)
    assert counted(lambda: network.body(Inputs.of(x))) == sum(product.operations for product in body.products(3, 7))


@each_body
def test_a_step_multiplies_once_forward_and_once_for_every_gradient(body):
    network = visible(body, body.build(2, 0))
    x = torch.randn(3, 7, body.embedding, requires_grad=True)
    expected = sum(product.operations for product in step_speed.step_products(body.products(3, 7), frozen=False))
    assert counted(lambda: network.body(Inputs.of(x)).sum().backward()) == expected


@each_body
def test_frozen_weights_need_no_product_of_their_own(body):
    network = visible(body, body.build(2, 0)).requires_grad_(False)
    x = torch.randn(3, 7, body.embedding, requires_grad=True)
    expected = sum(product.operations for product in step_speed.step_products(body.products(3, 7), frozen=True))
    assert counted(lambda: network.body(Inputs.of(x)).sum().backward()) == expected


def test_the_bare_products_are_as_many_operations_as_they_say():
    products = [Product(4, 5, 6), Product(2, 3, 4, together=7), Product(3, 8, 2, times=5)]
    assert counted(step_speed.make_multiplier(products)) == sum(product.operations for product in products) == 240 + 336 + 480


def test_a_slope_is_the_power():
    sizes = (1, 2, 4, 8)
    assert step_speed.fit_slope(sizes, [3 * n**1.5 for n in sizes]) == 1.5


@pytest.mark.parametrize("name", BODIES)
def test_operations_grow_as_theory_says(name):
    body = BODIES[name]()
    shapes = {"batch": [body.products(b, 100) for b in (64, 128)], "length": [body.products(8, t) for t in (400, 800)],
              "width": [type(body)(width=w).products(8, 100) for w in (256, 512)]}
    powers = {size: math.log2(sum(p.operations for p in big) / sum(p.operations for p in small)) for size, (small, big) in shapes.items()}
    assert powers["batch"] == 1
    assert 1 <= powers["length"] < (2 if BODIES[name].prefix_has_length else 1.01)  # attention looks at pairs
    assert 1.7 < powers["width"] <= 2


def test_a_ratio_stands_beside_every_number_that_was_measured_before():
    unknown = {"network": "new", "work": "", "ms": 1}
    now = {"machine": {"cores": 2}, "step": [{"network": "LSTM", "work": "SoftPT", "ms": 6.0, "share": 0.5}, unknown]}
    before = {"step": [{"network": "LSTM", "work": "SoftPT", "ms": 3.0}]}
    assert compare_benches(now, before) == {"step": [{"network": "LSTM", "work": "SoftPT", "ms": "6.0 (x2.00)", "share": 0.5},
                                              unknown]}


def test_a_measurement_is_saved_and_compared_with(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(bench.BENCHES, "step", lambda: [{"network": "LSTM", "work": "x", "ms": 2.0}])
    path = tmp_path / "before.json"
    assert answer_command(["bench", "step", "--save", str(path)]) == 0
    assert json.loads(path.read_text())["step"] == [{"network": "LSTM", "work": "x", "ms": 2.0}]
    monkeypatch.setitem(bench.BENCHES, "step", lambda: [{"network": "LSTM", "work": "x", "ms": 1.0}])
    assert answer_command(["bench", "step", "--against", str(path)]) == 0
    assert "1.0 (x0.50)" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", '{"step": [3]}', '{"step": 3}'])
def test_a_file_that_is_no_measurement_is_refused_in_one_sentence(text, tmp_path, capsys):
    path = tmp_path / "wrong.json"
    path.write_text(text)
    assert answer_command(["bench", "step", "--against", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_memory_is_that_of_the_process_that_did_the_work():
    little, much = (step_speed.peak_memory(work) for work in (idle, hold))
    assert 500 < much - little < 1100


def idle() -> None:
    """Needs nothing."""


def hold() -> None:
    """Needs 800 MB at once."""
    np.ones(100_000_000)


def test_a_step_of_the_bench_trains_the_prompt_alone():
    advance = step_speed.make_stepper(LSTM(width=8), methods.SoftPT(length=2), Recipe(batch=2, length=4))
    assert [advance().step, advance().step] == [1, 2]
    assert advance.__self__.predictor.trainable == 2 * 8


def test_the_fast_presets_say_what_they_cost():
    assert Recipe.fast().operations < 0.03 * Recipe.paper().operations
    assert Recipe.fast_tuning().operations < 0.02 * Recipe.paper_tuning().operations
    tokens = sources.DirichletCategorical().stratified(Recipe.fast().batch, Recipe.fast().length_at(0), 0).tokens
    assert_allclose(tokens.shape, (8, 50))
