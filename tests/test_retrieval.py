"""Retrieval pipelines: a store with dials, a search, vectors in front of a question, and what stays when the store says something else."""

import json
import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from safetensors.torch import load, save

from tutor import Recipe, diagnosed, predictors
from tutor.methods import SoftPT
from tutor.predictors.prompts import FixedContext, HardPrompt
from tutor.retrieval import ABLATIONS, STAGES, RetrieverPT, embedded, examined, losses
from tutor.retrieval.examining import behind, other_contents, replaced, vocabulary_of, with_context
from tutor.retrieval.pipeline import of_question
from tutor.retrieval.store import meanings, outdated
from tutor.retrieval.training import GLANCES, glanced
from tutor.runner import pretrain
from tutor.sources import FactQuestions, TinyLanguage
from tutor.sources.language import WORDS, decode, encode
from tutor.sources.language.documents import ASK, SAY
from tutor.sources.language.facts import Facts, of_places
from tutor.sources.language.words import FIRST, ID, PERSON
from tutor.spec import RunSpec, Seeds, SpecError
from tutor.store import RunStore

FEW = Facts(people=30)
ASKING = FactQuestions(facts=FEW)
SMALL = predictors.Transformer(width=32, layers=1)
QUICK = Recipe(steps=6, batch=4, length=9, learning_rate=0.01)


@pytest.fixture(scope="module")
def base():
    """An untrained network of the language: what a pipeline does to it can be checked, what it answers is noise."""
    return SMALL.build(len(WORDS), 0)


def method(**dials) -> RetrieverPT:
    return RetrieverPT(**({"facts": FEW, "questions": 64} | dials))


def trained(base, upto: int = 10**6, recipe: Recipe = QUICK, **dials):
    job = method(**dials).start(base, ASKING, recipe, 0)
    while not job.done and job.step < upto:
        job.advance()
    return job


# Facts, and questions about them.

def test_everybody_has_one_fact_of_every_kind():
    assert len(FEW.all) == 30 * len(PERSON) and len({fact[:2] for fact in FEW.all}) == len(FEW.all)
    assert all(fact.value in PERSON[fact.attribute] for fact in FEW.all)


def test_a_quarter_of_the_facts_is_never_asked_for_in_training():
    assert len(FEW.asked_later) == len(FEW.all) // 4
    assert sorted((*FEW.asked, *FEW.asked_later)) == list(range(len(FEW.all)))
    drawn = ASKING.sample(2000, 9, rng=0).latent[:, 0].tolist()
    assert set(drawn) == set(FEW.asked)
    assert set(ASKING.held_out().sample(2000, 9, rng=0).latent[:, 0].tolist()) == set(FEW.asked_later)


def test_a_question_is_followed_by_its_answer_which_alone_counts():
    batch = ASKING.exam(20)
    for tokens, number, mask in zip(batch.tokens, batch.latent[:, 0].tolist(), batch.mask, strict=True):
        fact = FEW.all[number]
        assert decode(tokens[:mask.nonzero().item() + 1]) == f"{fact.question} {fact.value}"
    assert batch.mask.sum(1).tolist() == [1] * 20


def test_an_exam_asks_every_fact_once_and_always_the_same_ones():
    exam = ASKING.held_out().exam(10**6)
    assert exam.latent[:, 0].tolist() == list(FEW.asked_later)
    assert torch.equal(exam.tokens[:5], ASKING.held_out().exam(5).tokens)


def test_questions_of_some_kinds_only():
    jobs = FactQuestions(facts=FEW, attributes=("job",)).sample(50, 9, rng=0)
    assert {FEW.all[i].attribute for i in jobs.latent[:, 0].tolist()} == {"job"}


# The store.

def cosines(keys: torch.Tensor) -> torch.Tensor:
    return (keys @ keys.T)[~torch.eye(len(keys), dtype=torch.bool)]


@pytest.mark.parametrize("density", [0.0, 0.5, 0.9, 0.99])
def test_density_is_the_mean_cosine_of_two_embeddings(density):
    keys = embedded(FEW, density=density).keys
    assert_allclose(keys.norm(dim=1), 1, atol=1e-6)
    assert abs(cosines(keys).mean().item() - density) < 0.03


@pytest.mark.parametrize("quality", [0.0, 0.3, 0.7, 1.0])
def test_quality_is_the_share_of_an_embedding_that_is_its_meaning(quality):
    keys, ideal = embedded(Facts(), quality=quality).keys, embedded(Facts()).keys
    assert abs((keys * ideal).sum(1).mean().item() - math.sqrt(quality)) < 0.02


def test_sentences_of_one_person_or_kind_are_nearer_than_others():
    keys, place = embedded(FEW).keys, {fact[:2]: i for i, fact in enumerate(FEW.all)}
    person, other = FEW.all[0].about, FEW.all[7].about
    town = keys[place[person, "town"]]
    assert town @ keys[place[person, "job"]] > 0.1 > town @ keys[place[other, "job"]]
    assert town @ keys[place[other, "town"]] > town @ keys[place[other, "job"]]


def test_so_many_entries_are_outdated_and_none_of_these_is_right():
    true, stale = embedded(FEW).sentences, embedded(FEW, fresh=0.6).sentences
    assert all(decode(row).startswith((fact.stated(0), fact.stated(1))) for fact, row in zip(FEW.all, true, strict=True))
    wrong = [fact.value not in decode(row).split() for fact, row in zip(FEW.all, stale, strict=True)]
    assert sum(wrong) == round(0.4 * len(FEW.all))
    assert all(fact.value in decode(row).split() for fact, row in zip(FEW.all, true, strict=True))
    assert outdated(FEW.all, 3).value != FEW.all[3].value and outdated(FEW.all, 3)[:2] == FEW.all[3][:2]


def test_words_that_ask_and_words_that_state_share_their_meaning_and_no_others_do():
    found = meanings()
    for key in PERSON:
        patterns = {ID[word] for text in (*SAY[key], ASK[key]) for word in text.split() if word in ID}
        assert len({int(found[word]) for word in patterns}) < len(patterns)
    assert all(found[ID[name]] == ID[name] for name in (*FIRST, *PERSON["town"], *PERSON["food"]))


def test_another_seed_embeds_and_states_otherwise():
    assert not torch.equal(embedded(FEW, seed=1).keys, embedded(FEW).keys)
    assert torch.equal(embedded(FEW, seed=1).keys, embedded(FEW, seed=1).keys)


# The way of a question through a pipeline.

def test_what_is_read_ends_with_the_question(base):
    network = method().attach(base, 0)
    tokens = ASKING.exam(8).tokens
    other = tokens.clone()
    other[~of_question(tokens)] = ID["fish"]
    assert torch.equal(network.context(tokens), network.context(other))
    assert not torch.equal(network.context(tokens[:1]), network.context(tokens[1:2]))


def test_without_a_question_mark_everything_is_read():
    assert of_question(torch.tensor([encode("anna likes fish .")])).all()


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
    assert_allclose(behind(base, vectors)(batch.tokens).detach(), text(batch.tokens).detach(), atol=1e-5)


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
    other = {name: other_contents(network.context, table, name, 0) for name in ABLATIONS}
    assert all(contents.shape == own.shape for contents in other.values())
    assert sorted(other["shuffled"].sum((1, 2)).tolist()) == pytest.approx(sorted(own.sum((1, 2)).tolist()))
    assert other["zeroed"].abs().max() == 0
    assert abs(other["random"].std() / own.std() - 1) < 0.05
    shown = {tuple(row) for row in other["other_domain"].reshape(-1, 32).round(decimals=4).tolist()}
    names = {tuple(row) for row in (table[[ID[name] for name in FIRST]] / network.context.spread).round(decimals=4).tolist()}
    assert not shown & names and all(fact.about in PERSON["town"] for fact in of_places())
    assert torch.equal(replaced(network, "zeroed", 0).context.store.keys, network.context.store.keys)
    assert torch.equal(network.context.contents, own)


def test_an_exam_is_the_losses_of_the_networks_that_it_names(base):
    network = trained(base).predictor
    batch, found = ASKING.held_out().exam(20), examined(network, ASKING, n=20)
    assert_allclose(found["no_context"], losses(base, batch).detach(), atol=1e-5)
    said = network(batch.tokens).detach()[batch.mask]
    assert_allclose(found["pipeline"], -said.gather(1, batch.tokens[batch.mask][:, None])[:, 0], atol=1e-5)
    assert_allclose(found["store_zeroed"], losses(replaced(network, "zeroed", 0), batch).detach(), atol=1e-5)
    assert_allclose(losses(behind(network, found["contexts"].float()), batch).detach(), found["pipeline"], atol=0.01)
    assert found["needed"].tolist() == list(FEW.asked_later[:20]) and found["retrieved"].shape == (20, 8)


# Training.

def test_a_training_is_looked_at_when_planned_and_each_step_tells_every_gradient(base):
    job = trained(base, recipe=QUICK.model_copy(update={"steps": 40}), frozen=("curator",))
    course = {name.removeprefix("course/"): values for name, values in job.findings().items() if name.startswith("course/")}
    looked = (~course["own"].isnan()).nonzero()[:, 0] + 1
    assert set(looked.tolist()) == glanced(40) and {1, 40} <= glanced(40) and len(glanced(10**5)) <= GLANCES
    assert (course["encoder"] >= 0).all() and course["curator"].isnan().all() and (course["projection"] > 0).all()


def test_what_is_seen_at_the_end_is_what_the_pipeline_does(base):
    job = trained(base)
    last = {name: values[-1].item() for name, values in job.findings().items() if name.startswith("course/")}
    batch = ASKING.held_out().exam(64)
    context = job.predictor.context(batch.tokens)
    assert last["course/own"] == pytest.approx(losses(job.predictor, batch).mean().item(), abs=1e-5)
    mean = context.mean(0, keepdim=True).expand_as(context)
    assert last["course/constant"] == pytest.approx(losses(behind(base, mean), batch).mean().item(), abs=1e-4)
    assert last["course/variance"] == pytest.approx(((context - mean) ** 2).sum().item() / (context**2).sum().item(), abs=1e-5)


def test_a_resumed_training_sees_the_same_and_ends_the_same(base):
    whole, half = trained(base), trained(base, upto=3)
    resumed = method().start(base, ASKING, QUICK, 0)
    resumed.load_tensors(load(save(half.state_tensors())))
    while not resumed.done:
        resumed.advance()
    one, two = whole.findings(), resumed.findings()
    assert one.keys() == two.keys() and all(torch.equal(one[name].nan_to_num(), two[name].nan_to_num()) for name in one)


def test_the_network_in_front_of_which_it_stands_is_left_as_it_was(base):
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    trained(base)
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())


# Specifications and runs.

LANGUAGE = RunSpec(source=TinyLanguage(), body=SMALL, recipe=Recipe(steps=1, batch=2, length=60), seed=0,
                   evaluation={"sequences": 16, "length": 60})


def tuned(tuner, recipe: Recipe = QUICK, repetitions: int = 2) -> RunSpec:
    return LANGUAGE.model_copy(update={"method": tuner, "on": ASKING, "tuning": recipe, "seeds": Seeds(repetitions=repetitions)})


def test_a_specification_of_a_pipeline_survives_its_text():
    spec = tuned(method(density=0.5, frozen=("encoder",)))
    assert RunSpec.from_text(spec.to_toml()) == spec and RunSpec.from_text(spec.to_json(), toml=False).key() == spec.key()


@pytest.mark.parametrize(("wrong", "said"), [
    ({"on": TinyLanguage()}, "on is Tiny language; a retriever is tuned on questions about facts"),
    ({"on": FactQuestions()}, "on asks for other facts .400 people, seed 0. than method.facts has .30 people, seed 0."),
])
def test_a_pipeline_wants_questions_about_what_its_store_holds(wrong, said):
    parts = tuned(method()).model_dump(mode="json") | {name: value.model_dump(mode="json") for name, value in wrong.items()}
    with pytest.raises(SpecError, match=said):
        RunSpec.from_text(json.dumps(parts), toml=False)


def test_a_network_of_coins_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="the network has 2 symbols; a store of sentences needs one of the tiny language, with 242"):
        method().check(SMALL, 2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("store"), shipped=tmp_path_factory.mktemp("none") / "runs")
    return store, pretrain(tuned(method()), store), pretrain(tuned(SoftPT(length=4), repetitions=1), store)


def test_a_run_keeps_the_evidence_of_every_repetition(runs):
    _, run, soft = runs
    for repetition in (0, 1):
        found = diagnosed.evidence(run, soft, repetition)
        assert set(found.stores) == set(ABLATIONS) and found.contexts.shape == (37, 4, 32)
        assert found.soft_prompt_parameters == 128 and found.pipeline_parameters == run.predictor.trainable
    assert not np.array_equal(diagnosed.evidence(run, soft, 0).pipeline, diagnosed.evidence(run, soft, 1).pipeline)


def test_a_run_rebuilds_its_pipeline(runs):
    _, run, soft = runs
    again = examined(run.predictor, ASKING, n=64)
    assert_allclose(again["pipeline"], diagnosed.evidence(run, soft).pipeline, atol=1e-6)


def test_reports_are_made_once_and_a_damaged_one_is_made_again(runs):
    store, run, soft = runs
    made = diagnosed.reports(run, soft)
    path = store.root / "diagnoses" / f"{run.key}-{soft.key}.json"
    before = path.stat().st_mtime_ns
    assert diagnosed.reports(run, soft) == made and path.stat().st_mtime_ns == before
    for damaged in ("[1, 2", "null", "5", "[]"):
        path.write_text(damaged)
        assert diagnosed.reports(run, soft) == made
    assert len(made) == 2 and made[0].find("gain").value == pytest.approx(
        float(np.mean(diagnosed.evidence(run, soft).no_context - diagnosed.evidence(run, soft).pipeline)))
