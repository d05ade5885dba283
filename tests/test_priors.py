"""Priors: each draws what its formula says, in the space it is asked for, against closed forms and moments."""

import math
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn import functional as F

from tutor import methods, predictors, priors, sources
from tutor.methods.deep import layer_seed
from tutor.methods.priors import PRIORS, Embeddings, Gaussian, LayerInputs, Space
from tutor.methods.priors.vae import _decoder
from tutor.predictors.inputs import Inputs
from tutor.sources.language import END

D, MANY = 6, 40_000
each_prior = pytest.mark.parametrize("prior", PRIORS.values(), ids=PRIORS)
LANGUAGE = sources.TinyLanguage(tasks=("qa",))


class Cloud(Space):
    """A space in which the vocabulary is any cloud, and a source is a cloud around as many ones as it has sides."""

    def __init__(self, rows):
        self.rows = rows

    @property
    def vocabulary(self):
        return self.rows

    def activations(self, source):
        return self.rows * 0.1 + source.vocab


@pytest.fixture(scope="module")
def space():
    generator = torch.Generator().manual_seed(0)
    shape = torch.randn(D, D, generator=generator)
    return Cloud(torch.randn(300, D, generator=generator) @ shape + 3)


@pytest.fixture(scope="module")
def network(tiny):
    return tiny(predictors.GPT2, layers=2).build(LANGUAGE.vocab, 0).requires_grad_(False)


# The contract of every prior.

@each_prior
def test_a_prior_draws_as_many_vectors_as_asked_and_the_same_for_the_same_seed(prior, space):
    drawn = prior().draw(space, 7, 0)
    assert drawn.shape == (7, D) and drawn.isfinite().all() and drawn.dtype == torch.float32
    assert torch.equal(drawn, prior().draw(space, 7, 0))
    assert torch.equal(drawn, prior().draw(space, 7, 1)) == (prior is priors.Words)
    assert prior().draw(space, 0, 0).shape == (0, D)


@each_prior
def test_a_prior_says_what_it_draws(prior):
    assert prior.label and prior.__doc__ and re.search(r"e_(i|\{ij\})|x \\sim q", prior.formula)


@each_prior
def test_every_prior_starts_a_soft_and_a_deep_prompt_of_a_language_model(prior, network):
    for method in (methods.SoftPT(length=3, prior=prior()), methods.DeepPT(length=3, prior=prior())):
        tuned = method.attach(network, 0)
        assert torch.equal(tuned.prompt(), prior().draw(Embeddings(network), 3, 0))
    rows = tuned.body.blocks[1].entry.rows
    assert torch.equal(rows, prior().draw(LayerInputs(network, 1), 3, layer_seed(0, 1)))
    assert tuned(torch.zeros(1, 4, dtype=torch.int64)).isfinite().all()


# One by one.

def test_an_isotropic_prior_has_one_spread(space):
    drawn = priors.Isotropic(std=0.5).draw(space, MANY, 0)
    assert_allclose(drawn.mean(0), torch.zeros(D), atol=0.02)
    assert_allclose(torch.cov(drawn.T), 0.25 * torch.eye(D), atol=0.01)


def test_xavier_is_uniform_within_its_bound(space):
    drawn, bound = priors.Xavier().draw(space, 1000, 0), math.sqrt(6 / (1000 + D))
    assert drawn.abs().max() <= bound
    assert drawn.var().item() == pytest.approx(bound**2 / 3, rel=0.05)


def test_a_fitted_gaussian_has_mean_and_covariance_of_the_cloud(space):
    drawn = priors.Fitted().draw(space, MANY, 0)
    scale = space.rows.var().item()
    assert_allclose(drawn.mean(0), space.rows.mean(0), atol=0.05 * scale**0.5)
    assert_allclose(torch.cov(drawn.T), torch.cov(space.rows.T), atol=0.05 * scale)


def test_a_gaussian_can_be_fitted_to_documents(space):
    coin = sources.Categorical()
    assert_allclose(priors.Fitted(source=coin).draw(space, MANY, 0).mean(0), (space.rows * 0.1 + 2).mean(0), atol=0.05)


def test_exclusion_keeps_what_is_sparse(space):
    """In one dimension the kept density is q - p where that is positive: nothing near the mean, by the closed form for its edge."""
    line = Cloud(space.rows[:, :1])
    core = Gaussian.of(line.rows)
    drawn = core.distances(priors.Exclusion(c=4.0).draw(line, 20_000, 0))
    edge = 4 * math.sqrt(2 * math.log(4) / (4**2 - 1))           # where q = p, in standard deviations of p
    assert drawn.min() >= edge - 1e-3 and drawn.min() < edge + 0.02
    normal = torch.distributions.Normal(0.0, 1.0)
    x = torch.linspace(edge, 30, 20_001)
    kept = 2 * (torch.exp(normal.log_prob(x / 4)) / 4 - torch.exp(normal.log_prob(x)))
    assert drawn.mean().item() == pytest.approx((torch.trapezoid(kept * x, x) / torch.trapezoid(kept, x)).item(), rel=0.02)


def test_points_between_two_tasks_lie_on_lines_between_their_gaussians(space):
    ends = {"first": sources.Categorical(), "second": sources.DirichletCategorical(alphas=(1.0,) * 6)}
    half = priors.Interpolation(alpha=0.5, **ends).draw(space, MANY, 0)
    x, y = (space.activations(source) for source in ends.values())
    assert_allclose(half.mean(0), (x.mean(0) + y.mean(0)) / 2, atol=0.05)
    assert_allclose(torch.cov(half.T), (torch.cov(x.T) + torch.cov(y.T)) / 4, atol=0.05)
    assert_allclose(priors.Interpolation(alpha=1.0, **ends).draw(space, MANY, 0).mean(0), x.mean(0), atol=0.05)
    spread = priors.Interpolation(**ends).draw(space, MANY, 0).mean(1)
    assert spread.min() < 3 + 2 and spread.max() > 3 - 0.6 + 3           # alpha reaches both ends


def test_sampled_vectors_are_tokens_and_every_token_is_drawn(space):
    drawn = priors.Vocabulary().draw(space, MANY, 0)
    assert {tuple(row) for row in drawn.tolist()} == {tuple(row) for row in space.rows.tolist()}


def test_chosen_words_are_repeated_in_order(space):
    drawn = priors.Words(tokens=(4, 2)).draw(space, 5, 0)
    assert torch.equal(drawn, space.rows[[4, 2, 4, 2, 4]])


@pytest.mark.parametrize("direction", ["random", "widest", "narrowest"])
def test_the_far_region_is_as_far_as_asked(direction, space):
    core = Gaussian.of(space.rows)
    drawn = priors.Far(distance=20.0, direction=direction).draw(space, MANY, 0)
    away = drawn.mean(0) - core.mean
    assert away.norm().item() == pytest.approx(20 * core.radius, rel=0.01)
    axes = torch.linalg.eigh(torch.cov(space.rows.T)).eigenvectors
    along = (away / away.norm() @ axes).abs()
    if direction != "random":
        assert along[-1 if direction == "widest" else 0] > 0.999
    assert_allclose(torch.cov(drawn.T), torch.cov(space.rows.T), atol=0.05 * space.rows.var().item())


def test_an_autoencoder_learns_where_the_cloud_is_and_along_which_line(space):
    line = torch.linspace(-2, 2, 200)[:, None] * torch.tensor([[1.0, 2.0, 0.0, 0.0, 0.0, -1.0]])
    cloud = Cloud(line + 5 + 0.05 * torch.randn(line.shape, generator=torch.Generator().manual_seed(1)))
    drawn = priors.VAE(latent=2).draw(cloud, 500, 0)
    assert_allclose(drawn.mean(0), cloud.rows.mean(0), atol=0.4)
    direction = torch.linalg.svd(drawn - drawn.mean(0)).Vh[0]
    assert (direction @ F.normalize(torch.tensor([1.0, 2.0, 0.0, 0.0, 0.0, -1.0]), dim=0)).abs() > 0.95


# Gaussians.

def test_mahalanobis_distances_are_those_of_the_inverse_covariance(space):
    rows = torch.randn(5, D, generator=torch.Generator().manual_seed(2)) * 4
    away = rows - space.rows.mean(0)
    by_hand = (away @ torch.linalg.inv(torch.cov(space.rows.T)) * away).sum(1).sqrt()
    assert_allclose(Gaussian.of(space.rows).distances(rows), by_hand, rtol=1e-3)


def test_a_full_covariance_is_not_shrunk_and_a_singular_one_is():
    rows = torch.randn(500, D, generator=torch.Generator().manual_seed(3))
    assert Gaussian.of(rows).shrunk == 0
    few = Gaussian.of(rows[:4])
    assert 0 < few.shrunk <= 1 and few.at(torch.randn(9, D)).isfinite().all()
    flat = rows.clone()
    flat[:, 0] = 1.0
    assert 0 < Gaussian.of(flat).shrunk < 0.1
    assert Gaussian.of(flat).radius == pytest.approx(math.sqrt(torch.cov(flat.T).trace()), rel=1e-3)


@pytest.mark.parametrize("rows", [torch.zeros(1, 3), torch.ones(9, 3)])
def test_one_point_is_no_cloud(rows):
    with pytest.raises(ValueError, match="the cloud has 1 different vectors; a Gaussian needs two or more"):
        Gaussian.of(rows)


# Spaces.

def test_the_space_of_embeddings_is_the_embedding_table(network):
    one_hot = torch.eye(LANGUAGE.vocab)
    assert_allclose(Embeddings(network).vocabulary, network.embed(one_hot).detach(), atol=1e-6)
    rows = Embeddings(network).activations(LANGUAGE)
    assert {tuple(row) for row in rows.tolist()} <= {tuple(row) for row in Embeddings(network).vocabulary.tolist()}


def test_the_cloud_of_a_source_has_one_vector_per_word_and_none_of_what_fills_up_its_sequences(network):
    summaries = sources.TinyLanguage(tasks=("summary",), documents=1)
    table, rows = Embeddings(network).vocabulary, Embeddings(network).activations(summaries)
    ends = torch.isclose(rows, table[END]).all(1).sum()
    assert ends == 64 and len(LayerInputs(network, 1).activations(summaries)) == len(rows) < 64 * summaries.natural_length


def test_what_enters_the_second_layer_is_what_left_the_first(network):
    found = LayerInputs(network, 1).vocabulary
    bos_and_token = torch.stack([torch.zeros(LANGUAGE.vocab, LANGUAGE.vocab), torch.eye(LANGUAGE.vocab)], dim=1)
    x = Inputs.of(network.embed(bos_and_token))
    x = x.placed(x.rows) + network.body.positions(2)
    assert_allclose(found, network.body.blocks[0](x)[:, 1].detach(), atol=1e-5)
    assert LayerInputs(network, 1).activations(LANGUAGE).shape == (64 * LANGUAGE.natural_length, 8)


def test_what_enters_a_layer_is_heard_by_whoever_asks_and_nobody_else(network):
    """Pages of many visitors ask the same network at the same time."""
    asked = [sources.TinyLanguage(tasks=(kind,)) for kind in ("qa", "arithmetic")] * 8
    alone = {source: LayerInputs(network, 1).activations(source) for source in set(asked)}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda source: LayerInputs(network, 1).activations(source), asked))
    assert all(torch.equal(found, alone[source]) for source, found in zip(asked, together, strict=True))


def test_autoencoders_trained_at_the_same_time_are_those_trained_alone(space):
    alone = [priors.VAE(latent=n, steps=40).draw(space, 3, 0) for n in (1, 2, 3, 4)]
    _decoder.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda n: priors.VAE(latent=n, steps=40).draw(space, 3, 0), (1, 2, 3, 4)))
    for one, other in zip(alone, together, strict=True):
        assert_allclose(one, other, atol=1e-3)         # threads may add up in another order, never draw other numbers


@pytest.mark.parametrize("layer", [1, 2])
def test_what_enters_a_layer_of_an_lstm_is_what_the_one_below_says(layer, tiny):
    coins = tiny(predictors.LSTM, layers=3).build(2, 0)
    tokens, heard = torch.tensor([[0, 1, 1, 0]]), {}
    coins.body.layers[layer].register_forward_pre_hook(lambda _, inputs: heard.update(x=inputs[0]))
    coins(tokens)
    assert torch.equal(coins.entering(tokens, layer), heard["x"])


def test_the_smallest_core_still_ends(space):
    assert priors.Exclusion(c=1.1).draw(Cloud(torch.randn(500, 128, generator=torch.Generator().manual_seed(0))), 10, 0).shape == (10, 128)
