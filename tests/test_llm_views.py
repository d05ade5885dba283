"""Where a prompt stands among the words of a model from elsewhere, and what it does to attention."""

import pytest
import torch
from own_models import each_model, start_of, tuner_of

from tutor import llm
from tutor.llm.prompted_model import PROMPTS
from tutor.measure.prompt_geometry import measure_tokens, neighbours
from tutor.methods.priors import Gaussian

model = each_model


def test_a_prompt_stands_where_the_shared_measures_say(models):
    model = models["llama"]
    tuner = tuner_of(model, "SoftPT", steps=8)
    last = list(tuner.steps())[-1]
    vectors, gaussian = torch.from_numpy(last.vectors), Gaussian.of(model.vocabulary)
    assert last.standing == measure_tokens(vectors, model.vocabulary, gaussian, tuner.how.seed)
    for by, near in last.near.items():
        assert torch.equal(near.ids, neighbours(vectors, model.vocabulary, 3, by=by).ids)
    # It starts as four tokens, and goes so many radii of their cloud: root mean square distances from the mean.
    first, radius = tuner.taken[0], (model.vocabulary - model.vocabulary.mean(0)).square().sum().div(39).sqrt().item()
    assert (first.travelled, first.standing.distance) == (0, 0) and first.near["distance"].ids[:, 0].tolist() == [1, 2, 3, 4]
    assert last.travelled == pytest.approx((vectors - start_of(model)).norm(dim=1).mean().item() / radius, rel=1e-4)


@pytest.mark.parametrize("method", PROMPTS)
def test_in_the_first_layer_a_tuned_prompt_only_rescales_attention_and_adds_a_bias(model, method):
    tuner = tuner_of(model, method, steps=15, learning_rate=0.1)
    list(tuner.steps())
    found = llm.check_first_layer(tuner.prompted, model.tokens("anna eats a red apple . ben sees the old boat ."))
    first, *deeper = found.layers.values()
    assert first.content < 1e-5 and first.output < 1e-5 and 1 <= first.rank <= 4
    assert first.exact and not any(one.exact for one in deeper) and all(one.content > 1e-3 for one in deeper)
    assert found.behind[0].share.mean() > 0.01


def test_the_check_fails_where_the_text_stands_elsewhere_without_the_prefix(models):
    from tutor.llm.foreign_attention import AttentionEffect, capture_attention  # noqa: PLC0415

    model = models["gpt2"]                                                     # learned positions: another place is another input
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    assert (
        AttentionEffect(capture_attention(model, ids, None, 0), capture_attention(model, ids, prompted.memory(), 4)).layers[0].content
        > 1e-3
    )


def test_a_grouped_head_reads_the_values_of_its_group(models):
    model = models["llama"]
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    heard = []
    listener = model.network.model.layers[0].self_attn.o_proj.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    found = llm.check_first_layer(prompted, ids)
    listener.remove()
    torch.testing.assert_close(found.behind[0].output.transpose(1, 2).flatten(2), heard[1])
