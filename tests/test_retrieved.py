"""What pages show of pipelines, on a tiny network that never learned the language, and on stores of which the answer is known."""

import numpy as np
import pytest
import torch

from tutor import predictors
from tutor.analysis import question_trace
from tutor.methods import SoftPT
from tutor.methods.retrieval import RetrieverPT, answer_losses
from tutor.methods.retrieval.retrieval_exam import with_context
from tutor.predictors.prompt_inputs import NoContext
from tutor.sources import FactQuestions
from tutor.sources.language.facts import Facts
from tutor.sources.language.words import ID

FACTS = Facts(people=40)
ON = FactQuestions(facts=FACTS)
NUMBER = ON.held_out().numbers[0]


@pytest.fixture(scope="module")
def base():
    return predictors.Transformer(width=32, layers=1).build(242, 0)


@pytest.fixture(scope="module")
def tuned(base):
    return RetrieverPT(facts=FACTS, k=5).attach(base, 0)


def test_one_entry_in_a_good_store_is_found_and_has_the_words_of_its_fact(tuned):
    way = question_trace.follow_question(tuned, ON, NUMBER)
    (needed,) = [one for one in way.found if one.needed]
    assert needed.sentence in (FACTS.all[NUMBER].stated(0), FACTS.all[NUMBER].stated(1))
    assert len(way.found) == 5 and sum(one.weight for one in way.found) == pytest.approx(1, abs=1e-5)
    weights = [one.weight for one in way.found]
    assert weights == sorted(weights, reverse=True) and (way.question, way.truth) == (FACTS.all[NUMBER].question, FACTS.all[NUMBER].value)


def test_soft_retrieval_tells_only_the_heaviest(base):
    everything = RetrieverPT(facts=FACTS, k=2000, temperature=1.0).attach(base, 0)
    way = question_trace.follow_question(everything, ON, NUMBER)
    assert len(way.found) == question_trace.MAX_ENTRIES and sum(one.weight for one in way.found) < 0.5


def test_the_probability_of_the_truth_is_that_of_the_loss(base, tuned):
    way = question_trace.follow_question(tuned, ON, NUMBER)
    batch = ON.asking(np.array([NUMBER]), 9)
    for name, network in (("with the pipeline", tuned), ("without context", with_context(tuned, NoContext(tuned.embedding)))):
        assert way.answers[name].truth == pytest.approx(np.exp(-answer_losses(network, batch).item()), rel=1e-4)
    assert all(way.truth not in dict(one.others) for one in way.answers.values())


def test_beside_a_soft_prompt_there_is_one_answer_more_and_the_true_sentence_is_read_last(base, tuned):
    soft = SoftPT(length=2).attach(base, 0)
    with_soft, without = question_trace.follow_question(tuned, ON, NUMBER, soft), question_trace.follow_question(tuned, ON, NUMBER)
    assert set(with_soft.answers) - set(without.answers) == {"soft prompt instead"}
    assert list(without.answers)[-1] == "true sentence read"


@pytest.mark.parametrize("number", [-1, 200])
def test_a_question_that_does_not_exist_is_named(tuned, number):
    with pytest.raises(ValueError, match=f"number {number}; there are 0 to 199"):
        question_trace.follow_question(tuned, ON, number)


def test_an_answer_lists_the_likeliest_words_in_order(base):
    said = question_trace.predict_word(base, [ID["what"], ID["?"]], ID["cake"])
    with torch.inference_mode():
        p = base(torch.tensor([[ID["what"], ID["?"], ID["cake"]]]))[0, 2].exp()
    assert said.truth == pytest.approx(p[ID["cake"]].item()) and len(said.others) == question_trace.TOP
    assert said.others[0][1] == pytest.approx(max(p[i].item() for i in range(242) if i != ID["cake"]))


def test_the_corner_of_the_surface_is_the_pipeline_and_its_edge_does_not_depend_on_the_question(tuned):
    found, batch = question_trace.loss_landscape(tuned, ON, n=30, points=4), ON.held_out().exam(30)
    one = int(np.abs(found.a - 1).argmin())
    with torch.inference_mode():
        assert found.loss[one, one] == pytest.approx(answer_losses(tuned, batch).mean().item(), rel=1e-5)
        mean = tuned.context(batch.tokens).mean(0).expand(30, -1, -1)
        constant = answer_losses(question_trace.put_behind(tuned, mean), batch).mean().item()
    assert found.loss[one, 0] == pytest.approx(constant, rel=1e-5) and found.loss.shape == (4, 4)


def test_a_denser_store_has_nearer_neighbours_and_shares_the_weight_among_all_that_are_found():
    thin, dense = (question_trace.measure_crowding(RetrieverPT(facts=FACTS, density=density)) for density in (0.0, 0.95))
    assert np.median(dense.nearest) > 0.95 > np.median(thin.nearest) and dense.others.mean() == pytest.approx(0.95, abs=0.02)
    assert thin.others.mean() == pytest.approx(0, abs=0.05)
    assert thin.sharing < 6 and dense.sharing > 7 and min(thin.found, dense.found) > 0.9


def test_noise_in_the_embeddings_loses_the_entry():
    good, poor = (question_trace.measure_crowding(RetrieverPT(facts=FACTS, quality=quality)) for quality in (1.0, 0.0))
    assert good.found > 0.9 and poor.found < 0.3 and good.first > poor.first


def test_with_one_entry_the_found_one_is_the_nearest_and_has_all_weight():
    found = question_trace.measure_crowding(RetrieverPT(facts=FACTS, k=1))
    assert found.sharing == pytest.approx(1) and found.found == found.first


@pytest.mark.parametrize(("weights", "many"), [([1.0, 0.0, 0.0], 1), ([0.5, 0.5, 0.0], 2), ([1 / 3] * 3, 3)])
def test_perplexity_counts_equal_weights(weights, many):
    assert question_trace.perplexity(torch.tensor([weights])).item() == pytest.approx(many, rel=1e-5)
