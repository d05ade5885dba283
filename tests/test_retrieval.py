"""Retrieval pipelines: a search, vectors in front of a question, and what stays when the store says something else."""

import pytest
import torch
from few_facts import ASKING, FEW, SMALL, method, trained, untrained
from numpy.testing import assert_allclose

from tutor import predictors
from tutor.methods import SoftPT
from tutor.methods.retrieval import ABLATIONS, STAGES, RetrieverPT, answer_losses, examine_pipeline
from tutor.methods.retrieval.pipeline import question_mask
from tutor.methods.retrieval.retrieval_exam import ablate_store, make_other_contents, put_behind, vocabulary_of, with_context
from tutor.predictors.prompt_inputs import FixedContext, HardPrompt
from tutor.sources import FactQuestions
from tutor.sources.language import WORDS, encode
from tutor.sources.language.facts import list_place_facts
from tutor.sources.language.words import FIRST, ID, PERSON

base = untrained


def test_what_is_read_ends_with_the_question(base):
    network = method().attach(base, 0)
    tokens = ASKING.exam(8).tokens
    other = tokens.clone()
    other[~question_mask(tokens)] = ID["fish"]
    assert torch.equal(network.context(tokens), network.context(other))
    assert not torch.equal(network.context(tokens[:1]), network.context(tokens[1:2]))


def test_without_a_question_mark_everything_is_read():
    assert question_mask(torch.tensor([encode("anna likes fish .")])).all()


def test_the_found_entries_are_the_nearest_and_share_a_softmax(base):
    pipeline = method(k=5, temperature=0.1).attach(base, 0).context
    queries = pipeline.encoder(ASKING.exam(6).tokens)
    weights, numbers = pipeline.search(queries)
    every = queries @ pipeline.store.keys.T
    assert torch.equal(numbers, every.argsort(1, descending=True)[:, :5])
    assert_allclose(weights.detach(), (every.gather(1, numbers) / 0.1).softmax(1).detach(), atol=1e-6)
    one = (weights[..., None, None] * pipeline.contents[numbers]).sum(1)
    assert_allclose(pipeline.found((weights, numbers)).detach(), one.detach(), atol=1e-5)


def test_of_all_entries_every_one_has_a_weight(base):
    weights, numbers = (pipeline := method(k=2000).attach(base, 0).context).search(pipeline.encoder(ASKING.exam(3).tokens))
    assert weights.shape == (3, len(FEW.all)) and sorted(numbers[0].tolist()) == list(range(len(FEW.all)))
    assert_allclose(weights.sum(1).detach(), 1, atol=1e-6)


def test_an_untrained_encoder_that_knows_the_store_finds_the_entry_and_one_from_scratch_does_not():
    big = SMALL.build(len(WORDS), 0)
    batch = FactQuestions().held_out().exam(200)
    found = {}
    for start in ("store", "scratch"):
        pipeline = RetrieverPT(encoder=start).attach(big, 0).context
        found[start] = (pipeline.search(pipeline.encoder(batch.tokens))[1] == batch.latent).any(1).float().mean().item()
    assert found["store"] > 0.9 and found["scratch"] < 0.05


def test_words_in_front_as_context_are_the_same_as_words_in_front_as_text(base):
    sentence = encode("anna miller likes fish .")
    batch = ASKING.exam(4)
    vectors = vocabulary_of(base)[sentence].expand(4, -1, -1)
    text = base.frozen_copy()
    text.token_prompt = HardPrompt(tuple(sentence), len(WORDS))
    assert_allclose(put_behind(base, vectors)(batch.tokens).detach(), text(batch.tokens).detach(), atol=1e-5)


def test_a_context_stands_behind_a_prompt_and_each_sequence_has_its_own(base):
    tokens = ASKING.exam(2).tokens
    rows = torch.randn(2, 3, 32)
    soft = SoftPT(length=2).attach(base, 0)
    both = with_context(soft, FixedContext(rows))
    assert both.prompt_end(9) == 5 and soft.prompt_end(9) == 2
    one = with_context(soft, FixedContext(rows[1:]))
    assert_allclose(both(tokens)[1].detach(), one(tokens[1:])[0].detach(), atol=1e-5)
    assert not torch.allclose(both(tokens)[0], with_context(soft, FixedContext(rows[1:]))(tokens[:1])[0])


def test_a_pipeline_of_the_study_trains_292_times_the_numbers_of_its_soft_prompt():
    network = predictors.Transformer(width=128, layers=1).build(len(WORDS), 0)
    whole, prompt = RetrieverPT().attach(network, 0), SoftPT(length=4).attach(network, 0)
    assert (whole.trainable, prompt.trainable) == (149_440, 512)
    parts = [sum(p.numel() for p in whole.context.weights_of(stage)) for stage in STAGES]
    assert sum(parts) == whole.trainable


def test_a_single_entry_gives_the_encoder_no_gradient_and_two_do(base):
    for k, none in ((1, True), (2, False)):
        job = trained(base, k=k, upto=1)
        norm = torch.stack([p.grad.norm() for p in job.predictor.context.weights_of("encoder")]).norm().item()
        assert (norm < 1e-12) == none


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_held_stays_as_it_starts(stage, base):
    start = method(frozen=(stage,)).attach(base, 0)
    job = trained(base, frozen=(stage,))
    for name in STAGES:
        before, after = ([p.detach() for p in network.context.weights_of(name)] for network in (start, job.predictor))
        same = all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
        assert same == (name == stage)


# Stores that say something else.

def test_ablated_stores_keep_the_embeddings_and_say_something_else(base):
    network = method().attach(base, 0)
    own, table = network.context.contents, vocabulary_of(network)
    other = {name: make_other_contents(network.context, table, name, 0) for name in ABLATIONS}
    assert all(contents.shape == own.shape for contents in other.values())
    assert sorted(other["shuffled"].sum((1, 2)).tolist()) == pytest.approx(sorted(own.sum((1, 2)).tolist()))
    assert other["zeroed"].abs().max() == 0
    assert abs(other["random"].std() / own.std() - 1) < 0.05
    shown = {tuple(row) for row in other["other_domain"].reshape(-1, 32).round(decimals=4).tolist()}
    names = {tuple(row) for row in (table[[ID[name] for name in FIRST]] / network.context.spread).round(decimals=4).tolist()}
    assert not shown & names and all(fact.about in PERSON["town"] for fact in list_place_facts())
    assert torch.equal(ablate_store(network, "zeroed", 0).context.store.keys, network.context.store.keys)
    assert torch.equal(network.context.contents, own)


def test_an_exam_is_the_losses_of_the_networks_that_it_names(base):
    network = trained(base).predictor
    batch, found = ASKING.held_out().exam(20), examine_pipeline(network, ASKING, n=20)
    assert_allclose(found["no_context"], answer_losses(base, batch).detach(), atol=1e-5)
    said = network(batch.tokens).detach()[batch.mask]
    assert_allclose(found["pipeline"], -said.gather(1, batch.tokens[batch.mask][:, None])[:, 0], atol=1e-5)
    assert_allclose(found["store_zeroed"], answer_losses(ablate_store(network, "zeroed", 0), batch).detach(), atol=1e-5)
    assert_allclose(answer_losses(put_behind(network, found["contexts"].float()), batch).detach(), found["pipeline"], atol=0.01)
    assert found["needed"].tolist() == list(FEW.asked_later[:20]) and found["retrieved"].shape == (20, 8)
