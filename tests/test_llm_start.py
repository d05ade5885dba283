"""Where a prompt for a model from elsewhere starts: priors fitted to texts, and a leash to where it started."""

import pytest
import torch
from own_models import QUICK, TEXT, start_of, tuner_of

from tutor import llm
from tutor.llm.initial_vectors import describe_prior
from tutor.methods.priors import PRIORS, Gaussian, Interpolation

ONE, OTHER = "anna eats a red apple", "ben sees the old boat . dora takes some cold milk"


@pytest.fixture
def model(models):
    return models["llama"]


def test_every_prior_of_the_lab_is_a_start():
    assert list(llm.STARTS) == list(PRIORS) and all(llm.STARTS[kind].label == prior.label for kind, prior in PRIORS.items())
    assert all(llm.STARTS[kind].__doc__.splitlines()[0] == prior.__doc__.splitlines()[0] for kind, prior in PRIORS.items())


def test_a_prior_is_fitted_to_the_tokens_of_a_text(model):
    gaussian = llm.STARTS["fitted"](source=ONE)
    expected = Gaussian.of(model.vocabulary[torch.tensor(model.encoded(ONE))])
    rows = llm.draw_vectors(model, gaussian, 2000, 0)
    assert (rows.mean(0) - expected.mean).norm() < 0.1 * expected.radius
    assert float((rows - expected.mean).norm(dim=1).square().mean().sqrt()) == pytest.approx(expected.radius, rel=0.05)
    assert llm.measure_shrinkage(model, gaussian) == [expected.shrunk] and expected.shrunk > 0             # five tokens in 32 dimensions
    assert not torch.equal(rows, llm.draw_vectors(model, llm.STARTS["fitted"](), 2000, 0))


@pytest.mark.parametrize(("alpha", "text"), [(1.0, ONE), (0.0, OTHER)])
def test_an_end_of_the_line_between_two_texts_is_one_of_them(model, alpha, text):
    rows = llm.draw_vectors(model, llm.STARTS["interpolation"](first=ONE, second=OTHER, alpha=alpha), 2000, 0)
    expected = Gaussian.of(model.vocabulary[torch.tensor(model.encoded(text))])
    assert (rows.mean(0) - expected.mean).norm() < 0.1 * expected.radius


def test_tokens_are_drawn_as_often_as_a_text_has_them(model):
    rows = llm.draw_vectors(model, llm.STARTS["vocabulary"](source="anna anna anna ben"), 400, 0)
    anna, ben = model.vocabulary[torch.tensor(model.encoded("anna ben"))]
    shares = [float((rows == one).all(1).float().mean()) for one in (anna, ben)]
    assert sum(shares) == 1 and shares[0] == pytest.approx(0.75, abs=0.06)


def test_a_prior_learned_from_a_text_is_not_that_of_the_vocabulary(model):
    mine, whole = (llm.draw_vectors(model, llm.STARTS["vae"](steps=5, **text), 4, 0) for text in ({"source": TEXT}, {}))
    assert torch.isfinite(mine).all() and not torch.equal(mine, whole)


def test_a_text_without_tokens_and_a_task_of_our_own_are_one_sentence(model):
    with pytest.raises(llm.ModelError, match=r"^the text that the prior looks at is empty"):
        llm.draw_vectors(model, llm.STARTS["fitted"](source="  "), 4, 0)
    with pytest.raises(llm.ModelError, match=r"^the prior looks at documents of our own language; take one of llm.STARTS"):
        llm.draw_vectors(model, Interpolation(), 4, 0)
    with pytest.raises(ValueError, match="the cloud has 1 different vectors"):
        llm.draw_vectors(model, llm.STARTS["fitted"](source="anna"), 4, 0)


def test_of_the_texts_of_a_prior_only_checksums_are_told():
    said = describe_prior(llm.STARTS["interpolation"](first=ONE, second=OTHER))
    assert ONE not in str(said) and said["first"]["text_characters"] == len(ONE) and said["kind"] == "interpolation"
    assert describe_prior(llm.STARTS["fitted"]())["source"] is None


# A leash.

def test_a_tight_leash_keeps_a_prompt_at_the_words_it_started_at(model):
    tight, loose = (tuner_of(model, "SoftPT", leash=leash, steps=40) for leash in (1000.0, 0.0))
    for tuner in (tight, loose):
        list(tuner.steps())
    assert tight.reads_on == 4 and tight.taken[-1].travelled < loose.taken[-1].travelled / 5
    assert tight.taken[-1].validation > loose.taken[-1].validation
    assert tight.taken[0].loss == loose.taken[0].loss                              # the loss that is told is that of the text alone


def test_the_leash_costs_what_it_says(model):
    tuner = tuner_of(model, "SoftPT", leash=2.0)
    assert tuner.pull * model.vocabulary.var(0).sum().item() == pytest.approx(2.0, rel=1e-4)
    assert torch.equal(tuner.began, start_of(model)) and tuner_of(model, "SoftPT").pull == 0


def test_a_prefix_takes_no_leash(model):
    with pytest.raises(llm.ModelError, match=r"^leash is 1 for PrefixPT; only vectors of SoftPT stand among the words"):
        tuner_of(model, "PrefixPT", leash=1.0)


def test_how_much_of_a_prefix_changed_is_told_in_its_own_lengths(model):
    tuner = tuner_of(model, "PrefixPT", **QUICK)
    assert tuner.prompted.changed(tuner.began) == 0
    with torch.no_grad():
        tuner.prompted.weight.mul_(1.5)
    assert tuner.prompted.changed(tuner.began) == pytest.approx(0.5)
