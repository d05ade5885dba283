"""Facts, questions about them, and the store of sentences that states them, with its dials."""

import math

import pytest
import torch
from few_facts import ASKING, FEW
from numpy.testing import assert_allclose

from tutor.methods.retrieval import embed_facts
from tutor.methods.retrieval.document_store import list_meanings, make_outdated
from tutor.sources import FactQuestions
from tutor.sources.language import decode
from tutor.sources.language.documents import ASK, SAY
from tutor.sources.language.facts import Facts
from tutor.sources.language.words import FIRST, ID, PERSON


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
    keys = embed_facts(FEW, density=density).keys
    assert_allclose(keys.norm(dim=1), 1, atol=1e-6)
    assert abs(cosines(keys).mean().item() - density) < 0.03


@pytest.mark.parametrize("quality", [0.0, 0.3, 0.7, 1.0])
def test_quality_is_the_share_of_an_embedding_that_is_its_meaning(quality):
    keys, ideal = embed_facts(Facts(), quality=quality).keys, embed_facts(Facts()).keys
    assert abs((keys * ideal).sum(1).mean().item() - math.sqrt(quality)) < 0.02


def test_sentences_of_one_person_or_kind_are_nearer_than_others():
    keys, place = embed_facts(FEW).keys, {fact[:2]: i for i, fact in enumerate(FEW.all)}
    person, other = FEW.all[0].about, FEW.all[7].about
    town = keys[place[person, "town"]]
    assert town @ keys[place[person, "job"]] > 0.1 > town @ keys[place[other, "job"]]
    assert town @ keys[place[other, "town"]] > town @ keys[place[other, "job"]]


def test_so_many_entries_are_outdated_and_none_of_these_is_right():
    true, stale = embed_facts(FEW).sentences, embed_facts(FEW, fresh=0.6).sentences
    assert all(decode(row).startswith((fact.stated(0), fact.stated(1))) for fact, row in zip(FEW.all, true, strict=True))
    wrong = [fact.value not in decode(row).split() for fact, row in zip(FEW.all, stale, strict=True)]
    assert sum(wrong) == round(0.4 * len(FEW.all))
    assert all(fact.value in decode(row).split() for fact, row in zip(FEW.all, true, strict=True))
    assert make_outdated(FEW.all, 3).value != FEW.all[3].value and make_outdated(FEW.all, 3)[:2] == FEW.all[3][:2]


def test_words_that_ask_and_words_that_state_share_their_meaning_and_no_others_do():
    found = list_meanings()
    for key in PERSON:
        patterns = {ID[word] for text in (*SAY[key], ASK[key]) for word in text.split() if word in ID}
        assert len({int(found[word]) for word in patterns}) < len(patterns)
    assert all(found[ID[name]] == ID[name] for name in (*FIRST, *PERSON["town"], *PERSON["food"]))


def test_another_seed_embeds_and_states_otherwise():
    assert not torch.equal(embed_facts(FEW, seed=1).keys, embed_facts(FEW).keys)
    assert torch.equal(embed_facts(FEW, seed=1).keys, embed_facts(FEW, seed=1).keys)
