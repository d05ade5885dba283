"""Threads: visitors of one server share its networks and torch's generator, and nothing that one computes changes what another gets."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from every import each_body, each_method
from repeating import equal
from sequences import TOKENS
from short_tunings import each_base, short

from tutor import measure, methods, predictors, priors, sources
from tutor.core.rng import seed_torch
from tutor.methods.priors import PRIORS, Embeddings
from tutor.methods.priors.vae import _decoder
from tutor.predictors.taps import listen_at_taps
from tutor.runs.engine import client
from tutor.ui.shell import visitor_runs

base = each_base
LANGUAGE = sources.TinyLanguage(tasks=("qa",))


@pytest.fixture
def draws_nothing():
    """What runs after this leaves the generator of the whole process as it is."""
    before = torch.random.get_rng_state()
    yield
    assert torch.equal(torch.random.get_rng_state(), before)


# Listening.

@each_body
def test_who_listens_hears_what_its_own_thread_computes_in_this_very_network(body, tiny):
    network = tiny(body).build(2, 0)
    with ThreadPoolExecutor(1) as pool, listen_at_taps(network, "body.*") as heard:
        network(TOKENS)
        mine = dict(heard)
        pool.submit(network, 1 - TOKENS).result()
        network.frozen_copy()(1 - TOKENS)
        assert all(heard[name] is mine[name] for name in mine)
        taps = [network.get_submodule(name) for name in mine]
        assert all(tap.heard for tap in taps)
        assert not any(pool.map(lambda tap: tap.heard, taps))


@each_body
def test_one_who_listens_within_another_takes_nothing_away(body, tiny):
    network = tiny(body).build(2, 0)
    with listen_at_taps(network, "body.*") as outer, listen_at_taps(network, "body.*") as inner:
        network(TOKENS)
    assert equal(outer, inner)
    network(1 - TOKENS)
    assert equal(outer, inner)


@each_body
def test_states_captured_at_the_same_time_are_those_captured_alone(body, tiny):
    network = tiny(body, layers=2).build(2, 0)
    asked = [TOKENS[:n, :length] for n, length in ((1, 4), (2, 5), (3, 6))] * 30
    alone = [measure.capture(network, tokens).joined("*") for tokens in asked[:3]] * 30
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda tokens: measure.capture(network, tokens).joined("*"), asked))
    assert all(found.shape == own.shape and (found == own).all() for found, own in zip(together, alone, strict=True))


# Drawing.

def test_networks_built_at_the_same_time_are_those_built_alone(tiny):
    bodies = [tiny(body, layers=2) for body in predictors.BODIES.values()] * 30
    alone = [body.build(7, 0).state_dict() for body in bodies[:len(predictors.BODIES)]] * 30
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda body: body.build(7, 0).state_dict(), bodies))
    assert all(map(equal, together, alone))


def test_one_thread_draws_at_a_time_and_may_draw_within_what_it_draws():
    def drawn(name):
        with seed_torch(0, name):
            return torch.rand(3)

    alone = drawn("one"), drawn("other")
    with ThreadPoolExecutor(1) as pool:
        with seed_torch(0, "one"):
            other = pool.submit(drawn, "other")
            with pytest.raises(TimeoutError):
                other.result(0.1)
            assert torch.equal(drawn("other"), alone[1])
            assert torch.equal(torch.rand(3), alone[0])
        assert torch.equal(other.result(10), alone[1])


@each_method
def test_no_method_draws_from_the_generator_that_all_share(method, base, draws_nothing):
    short(method, base).attach(base, 0)


def test_an_mlp_before_a_prefix_draws_nothing_either(tiny, draws_nothing):
    methods.PrefixPT(length=2, mlp=4).attach(tiny(predictors.Transformer).build(2, 0), 0)


@pytest.mark.parametrize("prior", PRIORS.values(), ids=PRIORS)
def test_no_prior_draws_from_the_generator_that_all_share(prior, tiny, draws_nothing):
    _decoder.cache_clear()
    short_one = {"steps": 1} if prior is priors.VAE else {}
    prior(**short_one).draw(Embeddings(tiny(predictors.GPT2).build(LANGUAGE.vocab, 0)), 3, 0)


# The engine.

def test_visitors_who_come_at_once_get_the_same_engine(monkeypatch):
    opened = []
    monkeypatch.setenv("TUTOR_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr(client, "Engine", lambda store: time.sleep(0.05) or opened.append(store) or len(opened))
    visitor_runs._engine.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: visitor_runs.find_engine(), range(4))) == [1, 1, 1, 1] and len(opened) == 1
    visitor_runs._engine.cache_clear()


# Models from elsewhere.

@pytest.mark.parametrize("method", ["SoftPT", "PrefixPT"])
def test_no_prompt_of_a_model_from_elsewhere_draws_from_it(models, method, draws_nothing):
    from tutor.llm.prompted_model import PROMPTS  # noqa: PLC0415 - the extra `llm`

    PROMPTS[method](models["llama"], torch.ones(3, 32))


def test_looking_at_a_model_in_half_precision_changes_the_numbers_of_nobody_else():
    from own_models import CONFIGS  # noqa: PLC0415

    from tutor.llm.memory_need import build_empty  # noqa: PLC0415

    config = type(CONFIGS["llama"]).from_dict(CONFIGS["llama"].to_dict() | {"dtype": "bfloat16"})
    assert config.dtype == torch.bfloat16
    # A skeleton takes the type that is the default of the whole process while it is built.
    assert {one.dtype for one in build_empty(config).parameters()} == {torch.float32}
