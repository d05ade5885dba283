"""Networks that run in the page: their files, and the shipped ones held against the product in node."""

import json
import subprocess

import numpy as np
import page_networks
import pytest
import test_javascript

from tutor import predictors, sources
from tutor.analysis import manual_prompts, run_states
from tutor.core.paths import ROOT
from tutor.methods import SoftPT
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.training.recipe import Recipe
from tutor.ui.network import network_files
from tutor.ui.shell import visitor_runs

COINS = sources.DirichletCategorical()
SHIPPED = {"de23c0aba73abe8a": "lstm", "156230c34abf9128": "transformer"}
CLOSE = {"heads": 1e-5, "states": 1e-4, "worth": 1e-3, "unexplained": 1e-4, "regret": 1e-4, "gradient": 1e-4, "path": 1e-5}


def read_header(file: bytes) -> tuple[dict, np.ndarray]:
    """The header of a network's file, and all its numbers."""
    length = int.from_bytes(file[:4], "little")
    return json.loads(file[4:4 + length]), np.frombuffer(file[4 + length:], "<f4")


@pytest.mark.parametrize("key", SHIPPED)
def test_a_shipped_network_says_in_node_what_the_product_says(key, tmp_path):
    run = visitor_runs.load_run(key)
    cloud = run_states.fit_state_cloud(run.predictor, run.spec.source)
    prompts = [page_networks.describe_prompt(run.predictor, cloud, *prompt, few=4) for prompt in page_networks.PROMPTS]
    (tmp_path / "network.bin").write_bytes(network_files.make_network_file(key))
    (tmp_path / "prompts.json").write_text(json.dumps(prompts))
    command = [test_javascript.node(), "tests/javascript/comparing.js", str(tmp_path / "network.bin"), str(tmp_path / "prompts.json")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert len(found) == len(page_networks.PROMPTS)
    assert not [(what, apart) for one in found for what, apart in one.items() if not apart <= CLOSE[what]]


def test_the_networks_of_the_javascript_tests_are_those_of_this_product():
    kept = json.loads(page_networks.FIXTURE.read_text("utf-8"))
    made = [page_networks.make_tiny(body) for body in page_networks.TINY]
    for mine, theirs in zip(made, kept["networks"], strict=True):
        for one, other in zip(mine["prompts"], theirs["prompts"], strict=True):
            np.testing.assert_allclose(one["heads"], other["heads"], atol=1e-5)
            np.testing.assert_allclose(one["gradient"], other["gradient"], rtol=1e-3, atol=1e-6)
            assert one["regret"] == pytest.approx(other["regret"], abs=1e-3)
    np.testing.assert_allclose(page_networks.make_steps()["after"], kept["adam"]["after"], atol=1e-5)


@pytest.mark.parametrize("key", SHIPPED)
def test_a_file_holds_weights_plane_and_recipe(key):
    run, file = visitor_runs.load_run(key), network_files.make_network_file(key)
    header, numbers = read_header(file)
    assert (header["key"], header["kind"], header["prior"]) == (key, SHIPPED[key], [1, 1])
    assert header["recipe"] == Recipe.fast_tuning().model_dump(mode="json")
    shapes = {name: shape for name, shape in header["tensors"]}
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == len(numbers) and len(file) < 1_000_000
    assert shapes["plane.basis"] == [2, 128] and shapes["quantiles"] == [64, 50]
    np.testing.assert_array_equal(numbers[:256].reshape(128, 2), run.predictor.embed.weight.detach().numpy())


@pytest.mark.parametrize("coin", [0.0, 0.05, 0.2, 0.5, 0.83, 1.0])
def test_the_chances_in_a_file_make_the_sequences_that_judge_a_prompt(coin):
    tokens = sources.Categorical(probs=(coin, 1 - coin)).draw(64, 50, 0, stratified=True).tokens.numpy()
    np.testing.assert_array_equal(tokens, manual_prompts.judging_quantiles().astype(np.float32) >= coin)


def spec(body, source=COINS, **more) -> RunSpec:
    return RunSpec(source=source, body=body, recipe=Recipe(steps=1), **more)


@pytest.mark.parametrize(("given", "because"), [
    (spec(predictors.LSTM(layers=2)), "only networks of one layer run in the page, and this one has 2"),
    (spec(predictors.LSTM(width=12)), "the network's width is 12; in the page it must be a multiple of 8"),
    (spec(predictors.Transformer(width=48, heads=16)), "the network's width is 48; in the page it must be a multiple of 64"),
    (spec(predictors.LSTM(width=512)), "the network has 2,097,152 weights; at most 400,000 run in the page"),
    (spec(predictors.LSTM(), sources.DirichletCategorical(alphas=(1, 1, 1))), "only networks for coins run in the page"),
    (spec(predictors.GPT2()), "do not run in the page"),
    (spec(predictors.LSTM(), on=sources.Categorical(), method=SoftPT(), tuning=Recipe(steps=1)), "this run is a tuning"),
], ids=lambda one: "" if isinstance(one, str) else one.label)
def test_what_does_not_run_in_the_page_is_refused_in_a_sentence(given, because):
    assert because in network_files.explain_misfit(given) and not network_files.fits_in_page(given)


@pytest.mark.parametrize("body", [predictors.LSTM(), predictors.Transformer(), predictors.LSTM(embedding=4)], ids=str)
def test_networks_of_one_layer_for_coins_run_in_the_page(body):
    assert network_files.fits_in_page(spec(body)) and network_files.fits_in_page(spec(body, sources.Mixture()))


def test_weights_are_counted_as_the_network_has_them():
    for body in (predictors.LSTM(width=16, embedding=4), predictors.Transformer(width=16, embedding=4)):
        inside = [weight for name, weight in body.build(2, 0).body.named_parameters() if weight.dim() == 2]
        assert network_files.count_weights(body) == sum(weight.numel() for weight in inside)


@pytest.mark.parametrize("key", ["xyz", "0" * 16, "3689bc86363e3879"])
def test_a_file_that_cannot_be_made_is_refused(key):
    with pytest.raises(StoreError):
        network_files.make_network_file(key)
