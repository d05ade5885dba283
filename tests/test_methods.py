"""Methods: a base stays as it is, only what should train trains, and a tuning can be stopped, resumed and rebuilt exactly.

A new method is tested on arrival: it joins METHODS.
"""

import pytest
import torch
from every import each_body, each_method
from repeating import advanced, equal, snapshot
from safetensors.torch import load, save
from short_tunings import QUICK, SINGLE, TOKENS, each_base, short

from tutor import methods, predictors
from tutor.methods import METHODS
from tutor.methods.discrete_search import AbstractDiscreteMethod

base = each_base


# The contract of every method on every body.

@each_method
def test_tuning_leaves_the_base_bit_identical(method, base):
    before, predictions = snapshot(base), base(TOKENS)
    advanced(short(method, base).start(base, SINGLE, QUICK, 0))
    assert equal(snapshot(base), before) and torch.equal(base(TOKENS), predictions)
    assert all(p.requires_grad and p.grad is None for p in base.parameters())


@each_method
def test_tuning_changes_all_of_what_it_may_and_nothing_else(method, base):
    job = short(method, base).start(base, SINGLE, QUICK, 0)
    start, free = snapshot(job.predictor), {name for name, p in job.predictor.named_parameters() if p.requires_grad}
    end = snapshot(advanced(job).predictor)
    assert {name for name in free if torch.equal(start[name], end[name])} == set()
    assert {name for name in start.keys() - free if not torch.equal(start[name], end[name])} <= {"token_prompt.rows"}


FREE = {
    "none": set(), "random": set(), "hard": set(),
    "simplex": {"token_prompt.logits"}, "real": {"token_prompt.rows"}, "soft": {"embedding_prompt.rows"},
    "prefix": {"body.layers.0.start.state", "body.layers.1.start.state"}
    | {f"body.blocks.{i}.attn.memory.{name}" for i in (0, 1) for name in ("keys", "values")},
    "wayward": {"embedding_prompt.rows"}, "cell": {"embedding_prompt.rows"}, "transfer": {"embedding_prompt.rows"},
    "deep": {"embedding_prompt.rows", "body.layers.1.entry.rows", "body.blocks.1.entry.rows"},
    "embed": {"embed.weight", "embed.bias"}, "unembed": {"unembed.weight", "unembed.bias"},
    "embed_unembed": {"embed.weight", "embed.bias", "unembed.weight", "unembed.bias"},
}


@pytest.mark.parametrize("kind", FREE)
def test_a_method_sets_free_what_its_name_says(kind, base):
    tuned = short(METHODS[kind], base).attach(base, 0)
    names = {name for name, _ in tuned.named_parameters()}
    assert {name for name, p in tuned.named_parameters() if p.requires_grad} == FREE[kind] & names


def test_full_tuning_frees_all_and_lora_only_its_updates(base):
    assert methods.FullWT().attach(base, 0).trainable == base.trainable
    tuned = methods.LoRAWT().attach(base, 0)
    assert {name.rsplit(".", 1)[1] for name, p in tuned.named_parameters() if p.requires_grad} == {"lora_A", "lora_B"}


@pytest.mark.parametrize("kind", ["none", "embed", "unembed", "embed_unembed", "full", "lora"])
def test_a_tuning_without_prompt_starts_exactly_at_the_base(kind, base):
    assert torch.equal(METHODS[kind]().attach(base, 0)(TOKENS), base(TOKENS))


@each_method
def test_attaching_and_loading_what_is_kept_rebuilds_the_tuned_network(method, base):
    fitting = short(method, base)
    tuned = advanced(fitting.start(base, SINGLE, QUICK, 0)).predictor
    kept = load(save({name: t.contiguous() for name, t in tuned.trainable_tensors().items()}))
    rebuilt = fitting.attach(base, 7)
    missing, unexpected = rebuilt.load_state_dict(kept, strict=False)
    assert unexpected == [] and not set(missing) & set(rebuilt.trainable_tensors())
    assert torch.equal(rebuilt(TOKENS), tuned(TOKENS))


@each_method
def test_a_tuning_resumed_from_its_saved_state_equals_an_uninterrupted_one(method, base):
    fitting = short(method, base)
    whole = fitting.start(base, SINGLE, QUICK, 0)
    steps = [whole.advance() for _ in range(whole.steps)]
    half = advanced(fitting.start(base, SINGLE, QUICK, 0), until=2)
    resumed = fitting.start(base, SINGLE, QUICK, 0)
    resumed.load_tensors(load(save(half.state_tensors())))
    assert equal(snapshot(resumed.predictor), snapshot(half.predictor))
    assert [resumed.advance() for _ in range(resumed.steps - resumed.step)] == steps[2:]
    assert equal(snapshot(resumed.predictor), snapshot(whole.predictor))


@each_method
def test_saving_a_tuning_does_not_disturb_it(method, base):
    fitting = short(method, base)
    plain, saved = (fitting.start(base, SINGLE, QUICK, 0) for _ in range(2))
    while not saved.done:
        saved.state_tensors()
        saved.advance()
    assert equal(snapshot(advanced(plain).predictor), snapshot(saved.predictor))


@each_method
def test_a_saved_state_does_not_change_with_the_tuning(method, base):
    job = advanced(short(method, base).start(base, SINGLE, QUICK, 0), until=2)
    state = job.state_tensors()
    before = {name: tensor.clone() for name, tensor in state.items()}
    advanced(job)
    assert equal(state, before)


@each_method
def test_the_same_seed_tunes_to_the_same_network(method, base):
    fitting = short(method, base)
    one, same = (advanced(fitting.start(base, SINGLE, QUICK, 5)).predictor for _ in range(2))
    assert equal(snapshot(one), snapshot(same))


@each_method
def test_another_seed_is_another_repetition(method, base):
    fitting = short(method, base, length=8 if method.model_fields["kind"].default != "hard" else 2)
    one, other = (advanced(fitting.start(base, SINGLE, QUICK, seed)).predictor for seed in (0, 1))
    same = equal(snapshot(one), snapshot(other))
    # Nothing is random, or there are too few prompts to differ here; a search may find the same best from any start.
    assert same == (fitting.kind in ("none", "hard")) or isinstance(fitting, AbstractDiscreteMethod)


@each_method
def test_random_starts_differ_by_seed_and_all_others_are_alike(method, base):
    fitting = short(method, base, length=8)
    one, other = (snapshot(fitting.attach(base, seed)) for seed in (0, 1))
    random = fitting.kind in ("random", "simplex", "real", "soft", "deep", "transfer", "prefix", "distilled", "lora")
    assert equal(one, other) == (not random and not isinstance(fitting, AbstractDiscreteMethod))


@each_method
def test_the_defaults_fit_every_network(method, base):
    assert method().supports(base)
    assert method().attach(base, 0)(TOKENS).isfinite().all()


@each_method
def test_steps_are_counted_from_one_to_the_announced_number(method, base):
    job = short(method, base).start(base, SINGLE, QUICK, 0)
    announced = job.steps
    assert [job.advance().step for _ in range(announced)] == list(range(1, announced + 1))
    assert job.done and job.step == announced


@each_body
def test_fields_that_do_not_apply_are_named(body, tiny):
    absent = methods.PrefixPT().absent_fields(tiny(body))
    assert absent == (frozenset() if body.prefix_has_length else {"length", "layers", "mlp", "placement"})
    assert methods.SoftPT().absent_fields(tiny(body)) == frozenset()


def test_lora_adapts_at_its_rank(base):
    tuned = advanced(methods.LoRAWT(rank=2).start(base, SINGLE, QUICK, 0)).predictor
    for before, after in zip(base.body.adapted_linears("attention"), tuned.body.adapted_linears("attention"), strict=True):
        assert torch.linalg.matrix_rank(after.weight - before.weight, atol=1e-6) == 2


def test_a_tuned_network_can_be_tuned_again(base):
    once = advanced(methods.LoRAWT(rank=1).start(base, SINGLE, QUICK, 0)).predictor
    again = methods.SoftPT(length=1).attach(once, 1)
    assert again.trainable == 8
    assert torch.equal(methods.NoTuning().attach(once, 0)(TOKENS), once(TOKENS))


# The paper's labels and sizes.

def test_methods_carry_the_papers_labels():
    labels = [cls.label for cls in METHODS.values()]
    papers = ["NoTuning", "RandomPF", "HardPT", "SimplexPT", "RealPT", "SoftPT", "DeepPT", "WaywardPT", "TransferPT", "PrefixPT",
              "EmbedWT", "UnembedWT", "Un+EmbedWT", "FullWT", "LoRAWT"]
    assert [label for label in labels if label in papers] == papers and len(set(labels)) == len(labels)


@pytest.fixture(scope="module")
def paper():
    return {"lstm": predictors.LSTM().build(2, 0), "transformer": predictors.Transformer().build(2, 0)}


@pytest.mark.parametrize(("method", "body", "count"), [
    (methods.NoTuning(), "lstm", 0), (methods.RandomPF(), "lstm", 0), (methods.HardPT(), "lstm", 0),
    (methods.SoftPT(), "lstm", 768), (methods.SoftPT(), "transformer", 768),
    (methods.RealPT(), "transformer", 12), (methods.SimplexPT(), "transformer", 12),
    (methods.DeepPT(), "transformer", 768), (methods.WaywardPT(words=(0, 1)), "transformer", 256),
    (methods.EmbedWT(), "transformer", 384), (methods.UnembedWT(), "transformer", 258),
    (methods.EmbedUnembedWT(), "transformer", 642),
    (methods.LoRAWT(rank=4), "transformer", 4_096), (methods.LoRAWT(rank=4), "lstm", 2 * 4 * (128 + 512)),
    (methods.FullWT(), "transformer", 198_274), (methods.FullWT(), "lstm", 132_226),
    (methods.PrefixPT(), "transformer", 6 * 2 * 128), (methods.PrefixPT(), "lstm", 2 * 128),
], ids=lambda x: getattr(x, "label", str(x)))
def test_a_method_trains_as_many_numbers_as_in_the_paper(method, body, count, paper):
    assert method.attach(paper[body], 0).trainable == count
