"""What every source keeps to, whatever it draws. A new source is tested on arrival."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from pydantic import ValidationError

from tutor import sources
from tutor.core.losses import mean_log_loss
from tutor.core.rng import seed_torch, stream
from tutor.core.types import by_kind
from tutor.sources import SOURCES, AbstractSolved, Mixture

each_source = pytest.mark.parametrize("source", [cls() for cls in SOURCES.values()], ids=SOURCES)
solved = pytest.mark.parametrize("source", [cls() for cls in SOURCES.values() if issubclass(cls, AbstractSolved)], ids=lambda one: one.kind)


@each_source
@pytest.mark.parametrize("length", [1, 7, 50])
def test_a_batch_has_the_asked_shape_and_tokens_of_the_vocabulary(source, length):
    batch = source.sample(5, length, rng=0)
    assert batch.tokens.shape == batch.mask.shape == (5, length)
    assert batch.tokens.dtype == torch.int64 and batch.mask.dtype == torch.bool
    assert batch.tokens.min() >= 0 and batch.tokens.max() < source.vocab


@each_source
def test_a_batch_can_be_cut_into_parts_that_make_it_up(source):
    batch = source.sample(5, 30, rng=0)
    parts = list(batch.parts(2))
    assert [len(part.tokens) for part in parts] == [2, 2, 1]
    assert torch.equal(torch.cat([part.tokens for part in parts]), batch.tokens)


@solved
def test_every_ideal_prediction_is_a_distribution(source):
    log_p = source.log_bayes(source.sample(20, 45, rng=0).tokens)
    assert log_p.shape == (20, 45, source.vocab)
    assert_allclose(log_p.exp().sum(-1), 1, atol=1e-9)


@solved
def test_nobody_knows_less_than_the_ideal_predictor_of_what_the_generator_says(source):
    batch = source.sample(200, 40, rng=0)
    truth, bayes = source.log_truth(batch), source.log_bayes(batch.tokens)
    assert mean_log_loss(batch.tokens, truth, batch.mask) <= mean_log_loss(batch.tokens, bayes, batch.mask)


@solved
def test_an_ideal_prediction_does_not_look_at_its_own_token_or_later(source):
    tokens = source.sample(4, 40, rng=0).tokens
    for t in (3, 12, 33):
        other = tokens.clone()
        other[:, t:] = (tokens[:, t:] + 1) % source.vocab
        assert torch.equal(source.log_bayes(tokens)[:, :t + 1], source.log_bayes(other)[:, :t + 1])


@each_source
def test_what_is_held_out_and_what_is_related_has_the_same_vocabulary(source):
    assert all(one.vocab == source.vocab for one in (source.held_out(), *source.related()))
    assert source.held_out().held_out() == source.held_out()


@pytest.mark.parametrize("source", [cls() for cls in SOURCES.values() if cls.has_answers], ids=lambda one: one.kind)
def test_a_source_with_answers_asks_in_every_sequence_of_its_natural_length(source):
    batch = source.held_out().related()[0].sample(50, source.natural_length, rng=0)
    assert batch.mask.any(1).all() and not batch.mask.all(1).any()


@each_source
def test_another_seed_draws_another_batch(source):
    assert not torch.equal(source.sample(50, 20, rng=3).tokens, source.sample(50, 20, rng=4).tokens)


@each_source
def test_the_same_seed_draws_the_same_batch(source):
    one, same = source.sample(50, 20, rng=3), source.sample(50, 20, rng=np.random.default_rng(3))
    assert torch.equal(one.tokens, same.tokens) and torch.equal(one.latent, same.latent)


@each_source
def test_a_source_equals_its_twin_and_hashes_alike(source):
    twin = type(source).model_validate(source.model_dump(mode="json"))
    assert twin == source and hash(twin) == hash(source)
    assert len({source, twin}) == 1


@each_source
def test_a_source_is_frozen(source):
    with pytest.raises(ValidationError):
        source.kind = "other"


def test_a_registry_refuses_two_classes_of_one_kind():
    assert sources.SOURCES.items() >= {"categorical": sources.Categorical, "mixture": Mixture, "lists": sources.Lists}.items()
    with pytest.raises(ValueError, match="kind 'mixture' is registered twice: Mixture and Mixture"):
        by_kind(Mixture, Mixture)


def test_random_streams_differ_by_seed_and_by_name_and_repeat_by_both():
    draws = [stream(*names).random() for names in ((0, "data", 1), (0, "data", 2), (0, "init"), (1, "data", 1), (0, "data", 1))]
    assert len(set(draws)) == 4 and draws[0] == draws[4]


def test_seeded_initialisers_leave_the_global_random_state_alone():
    before = torch.random.get_rng_state()
    with seed_torch(0, "init"):
        inside = torch.rand(3)
    with seed_torch(0, "init"):
        assert torch.equal(torch.rand(3), inside)
    assert torch.equal(torch.random.get_rng_state(), before)
