"""Where a prompt stands among the words of a model from elsewhere, and what it does to attention."""

import pytest
import torch
from own_models import each_model, start_of, tuner_of

from tutor import llm
from tutor.llm.prompted import PROMPTS
from tutor.llm.tape import tape
from tutor.measure import posteriors
from tutor.priors import Gaussian

model = each_model


def test_the_tape_names_a_token_that_a_vector_equals(model):
    near = tape(torch.cat([model.vocabulary[[7]], 3 * model.vocabulary[[9]]]), model.vocabulary)
    assert near.by_cosine[:, 0].tolist() == [7, 9] and near.cosine[:, 0].tolist() == pytest.approx([1, 1])
    assert near.by_distance[0, 0] == 7 and near.distance[0, 0].item() == 0


def test_a_prompt_stands_where_the_shared_measures_say(models):
    model = models["llama"]
    tuner = tuner_of(model, "SoftPT", steps=8)
    last = list(tuner.steps())[-1]
    vectors, now = torch.from_numpy(last.vectors), last.standing
    gaussian = Gaussian.of(model.vocabulary)
    assert now.cosine == pytest.approx(posteriors.nearest_cosine(vectors, model.vocabulary).mean().item(), abs=1e-5)
    assert now.mahalanobis == pytest.approx(gaussian.distances(vectors).mean().item(), rel=1e-4)
    assert now.travelled == pytest.approx((vectors - start_of(model)).norm(dim=1).mean().item(), rel=1e-5)
    assert now.rank == posteriors.effective_rank(vectors) and tuner.taken[0].standing.travelled == 0


def test_the_tape_is_that_of_every_pair(model):
    vectors = torch.randn(5, 32, generator=torch.Generator().manual_seed(0))
    near, apart = tape(vectors, model.vocabulary), torch.cdist(vectors, model.vocabulary, compute_mode="donot_use_mm_for_euclid_dist")
    angle = torch.cosine_similarity(vectors[:, None], model.vocabulary[None], dim=2)
    assert torch.equal(near.by_distance[:, 0], apart.argmin(1)) and torch.equal(near.by_cosine[:, 0], angle.argmax(1))
    torch.testing.assert_close(near.distance, apart.topk(3, largest=False).values)


@pytest.mark.parametrize("method", PROMPTS)
def test_in_the_first_layer_a_tuned_prompt_only_rescales_attention_and_adds_a_bias(model, method):
    tuner = tuner_of(model, method, steps=15, learning_rate=0.1)
    list(tuner.steps())
    found = llm.first_layer_check(tuner.prompted, model.tokens("anna eats a red apple . ben sees the old boat ."))
    first, *deeper = found.layers
    assert first.content < 1e-5 and first.output < 1e-5 and 1 <= first.rank <= 4
    assert all(one.content > 1e-3 for one in deeper)
    assert found.behind[0].share.mean() > 0.01


def test_the_check_fails_where_the_text_stands_elsewhere_without_the_prefix(models):
    from tutor.llm.attention import Effect, read  # noqa: PLC0415

    model = models["gpt2"]                                                     # learned positions: another place is another input
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    assert Effect(read(model, ids, None, 0), read(model, ids, prompted.memory(), 4)).layers[0].content > 1e-3


def test_a_grouped_head_reads_the_values_of_its_group(models):
    model = models["llama"]
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    heard = []
    listener = model.network.model.layers[0].self_attn.o_proj.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    found = llm.first_layer_check(prompted, ids)
    listener.remove()
    torch.testing.assert_close(found.behind[0].output.transpose(1, 2).flatten(2), heard[1])
