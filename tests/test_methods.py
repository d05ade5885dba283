"""Methods: a base stays as it is, only what should train trains, and a tuning can be stopped, resumed and rebuilt exactly.

A new method is tested on arrival: it joins METHODS.
"""

import itertools

import pytest
import torch
from numpy.testing import assert_allclose
from safetensors.torch import load, save

from tutor import Recipe, exact, methods, predictors, priors, sources
from tutor.losses import kl
from tutor.methods import METHODS
from tutor.methods.base import PromptField, starting_rows
from tutor.methods.hard import Stage
from tutor.predictors import BODIES
from tutor.predictors.inputs import Inputs
from tutor.predictors.placement import Placement
from tutor.rng import stream
from tutor.spec import RunSpec, SpecError
from tutor.train import Training

each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
each_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
SINGLE = sources.Categorical()
QUICK = Recipe(steps=4, batch=4, length=6, learning_rate=0.05)
TOKENS = torch.tensor([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 1]])


@pytest.fixture(scope="module", params=BODIES.values(), ids=BODIES)
def base(request, tiny):
    """A tiny network of every body, shared by the tests of this module: none may change it."""
    return tiny(request.param, layers=2).build(2, 0)


def short(method, base, **fields):
    """The method with two prompt rows where its prompt has a length on this network."""
    wanted = {"length": 2, "sequences": 16} | fields
    fitting = method.model_validate({name: value for name, value in wanted.items() if name in method.model_fields})
    return fitting if fitting.supports(base) else method()


def advanced(job, until: int = 10**6):
    while not job.done and job.step < until:
        job.advance()
    return job


def snapshot(network) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


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
    "wayward": {"embedding_prompt.rows"}, "transfer": {"embedding_prompt.rows"},
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
    assert same == (fitting.kind in ("none", "hard"))              # nothing random, or too few prompts to differ here


@each_method
def test_random_starts_differ_by_seed_and_all_others_are_alike(method, base):
    fitting = short(method, base, length=8)
    one, other = (snapshot(fitting.attach(base, seed)) for seed in (0, 1))
    assert equal(one, other) == (fitting.kind not in ("random", "simplex", "real", "soft", "deep", "transfer", "prefix", "lora"))


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


# The paper's labels and sizes.

def test_methods_carry_the_papers_labels():
    assert [cls.label for cls in METHODS.values()] == [
        "NoTuning", "RandomPF", "HardPT", "SimplexPT", "RealPT", "SoftPT", "DeepPT", "WaywardPT", "TransferPT",
        "PrefixPT",         "EmbedWT", "UnembedWT", "Un+EmbedWT", "FullWT", "LoRAWT"]


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


# Prompts.

PROMPTS = ["random", "simplex", "real", "soft"]


@pytest.mark.parametrize("kind", PROMPTS)
def test_a_prompt_of_length_zero_is_the_base(kind, base):
    tuning = METHODS[kind](length=0).start(base, SINGLE, QUICK, 0)
    assert torch.equal(advanced(tuning).predictor(TOKENS), base(TOKENS))


@pytest.mark.parametrize("kind", PROMPTS)
def test_a_prompt_of_the_greatest_length_trains(kind, base):
    tuned = advanced(METHODS[kind](length=64).start(base, SINGLE, QUICK, 0)).predictor
    assert len(tuned.prompt()) == 64
    assert tuned(TOKENS).isfinite().all()


@pytest.mark.parametrize("length", [0, 64])
def test_an_attention_prefix_of_extreme_length_trains(length, tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    tuned = advanced(methods.PrefixPT(length=length).start(network, SINGLE, QUICK, 0)).predictor
    assert tuned.body.blocks[0].attn.memory.keys.shape == (4, length, 2)
    assert tuned(TOKENS).isfinite().all()


@pytest.mark.parametrize("kind", [kind for kind, cls in METHODS.items() if issubclass(cls, PromptField)])
def test_every_prompt_stands_where_it_is_placed(kind, base):
    fitting = short(METHODS[kind], base, placement=Placement(kind="infix", after=2))
    tuned = advanced(fitting.start(base, SINGLE, QUICK, 0)).predictor
    assert tuned.placement == Placement(kind="infix", after=2)
    assert_allclose(tuned(TOKENS)[:, :2].detach(), base(TOKENS)[:, :2].detach(), atol=1e-6)
    assert (tuned(TOKENS) - base(TOKENS))[:, 2:].abs().max() > 1e-4


def test_prompts_start_as_their_initialisation_says():
    rows = {init: starting_rows(init, 500, 4, seed=0) for init in ("one_hot", "normal", "zeros", "uniform")}
    assert {tuple(row) for row in rows["one_hot"].tolist()} == {tuple(row) for row in torch.eye(4).tolist()}
    assert rows["normal"].mean().abs() < 0.1 and 0.9 < rows["normal"].std() < 1.1
    assert rows["zeros"].abs().max() == 0
    assert rows["uniform"].abs().max() <= 0.5 and 0.25 < rows["uniform"].std() < 0.32


def test_a_simplex_prompt_is_a_row_of_distributions_that_starts_as_in_the_papers_code(base):
    prompt = methods.SimplexPT().attach(base, 0).token_prompt()
    assert_allclose(prompt.sum(-1).detach(), 1, atol=1e-6)
    assert_allclose(prompt.max(-1).values.detach(), 0.7311, atol=1e-4)                 # a one-hot through the softmax


def test_real_and_soft_prompts_start_in_their_own_spaces(base):
    assert methods.RealPT(length=3).attach(base, 0).token_prompt().shape == (3, 2)
    assert methods.SoftPT(length=3).attach(base, 0).embedding_prompt().shape == (3, 8)


def test_a_random_prefix_holds_tokens_of_the_vocabulary(tiny):
    dice = tiny(predictors.LSTM).build(6, 0)
    assert set(methods.RandomPF(length=64).attach(dice, 0).token_prompt.tokens) == set(range(6))


# Per-layer prefixes.

def test_the_prefix_of_an_lstm_starts_as_its_memory_of_random_tokens(tiny):
    network = tiny(predictors.LSTM, layers=2).build(2, 0)
    tuned = methods.PrefixPT().attach(network, 0)
    tokens = torch.nn.functional.one_hot(torch.tensor([stream(0, "prompt").integers(2, size=6).tolist()]), 2).float()
    bos_and_data = torch.cat([torch.zeros(2, 1, 2), torch.nn.functional.one_hot(TOKENS[:, :-1], 2).float()], dim=1)
    read = network.body(Inputs.of(network.embed(torch.cat([tokens.expand(2, -1, -1), bos_and_data], dim=1))))[:, 6:]
    assert_allclose(tuned(TOKENS).detach(), network.unembed(read).log_softmax(-1).detach(), atol=1e-5)


def test_the_prefix_of_a_transformer_starts_as_its_keys_and_values_of_random_tokens(tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    attn = methods.PrefixPT(length=3).attach(network, 0).body.blocks[0].attn
    heard = {}
    network.body.blocks[0].attn.keys.register_forward_hook(lambda _, __, out: heard.update(keys=out))
    network.body.blocks[0].attn.values.register_forward_hook(lambda _, __, out: heard.update(values=out))
    tokens = torch.from_numpy(stream(0, "prompt").integers(2, size=3))
    network.body(Inputs.of(network.embed(torch.nn.functional.one_hot(tokens, 2).float())[None]))
    for name, rows in heard.items():
        assert_allclose(getattr(attn.memory, name).detach(), attn.split(rows)[0].detach(), atol=1e-6)


@pytest.mark.parametrize("init", ["normal", "zeros"])
def test_a_prefix_can_start_elsewhere(init, base):
    tuned = methods.PrefixPT(init=init).attach(base, 0)
    rows = torch.cat([p.flatten() for p in tuned.parameters() if p.requires_grad])
    assert (rows.abs().max() == 0) == (init == "zeros")


def test_a_prefix_with_a_length_refuses_a_recurrent_network_in_one_sentence(tiny):
    method, network = methods.PrefixPT(length=6), tiny(predictors.LSTM).build(2, 0)
    assert not method.supports(network)
    with pytest.raises(ValueError, match="length is 6; the per-layer prefix of a recurrent network is its initial state and has no length"):
        method.start(network, SINGLE, QUICK, 0)
    with pytest.raises(SpecError, match="length is 6; the per-layer prefix of an LSTM is its initial state and has no length"):
        RunSpec.from_dict({"source": {"kind": "dirichlet"}, "body": {"kind": "lstm"}, "recipe": {}, "tuning": {},
                           "method": {"kind": "prefix", "length": 6}, "on": {"kind": "categorical"}})


# HardPT.

def test_the_search_finds_the_best_of_all_prompts(base):
    search = methods.HardPT(length=3, sequences=16).start(base, SINGLE, Recipe(length=8), 0)
    tokens = SINGLE.sample(16, 8, stream(0, "search", 0)).tokens
    scores = {}
    for prompt in itertools.product((0, 1), repeat=3):
        fed = torch.cat([torch.tensor(prompt).expand(16, -1), tokens], dim=1)
        scores[prompt] = kl(SINGLE.log_bayes(tokens).float(), base(fed).detach()[:, 3:]).mean().item()
    assert search.advance().loss == pytest.approx(min(scores.values()), abs=1e-6) and search.done
    assert_allclose(search.found, list(scores.values()), atol=1e-6)
    assert search.predictor.token_prompt.tokens == min(scores, key=scores.get)


def test_the_search_shows_the_best_prompt_so_far(base):
    search = methods.HardPT(length=6, sequences=16).start(base, SINGLE, Recipe(length=8), 0)
    assert search.steps == 8                                                    # 64 prompts, 8 at a time
    while not search.done:
        told = search.advance()
        best = int(search.found.argmin())
        assert torch.isfinite(search.found).sum() == 8 * told.step and told.loss == search.found[best]
        assert search.predictor.token_prompt.tokens == tuple(search.candidates[best].tolist())


def test_a_search_finds_a_score_for_every_prompt_and_the_least_belongs_to_its_prompt(base):
    for halving in (False, True):
        search = advanced(methods.HardPT(length=6, sequences=64, halving=halving).start(base, SINGLE, Recipe(length=8), 0))
        scores = search.findings()["scores"]
        assert scores.shape == (64,) and torch.isfinite(scores).all()
        assert search.predictor.token_prompt.tokens == tuple(search.candidates[search.alive[scores[search.alive].argmin()]].tolist())


def test_halving_scores_the_better_quarter_on_four_times_as_many():
    def plan(length, sequences):
        stages = methods.HardPT(length=length, sequences=sequences, halving=True).stages(2)
        return [(stage.candidates, stage.sequences) for stage in stages]

    assert plan(6, 512) == [(64, 32), (16, 128), (4, 512)]
    assert plan(12, 2048) == [(4096, 16), (1024, 16), (256, 32), (64, 128), (16, 512), (4, 2048)]
    assert plan(2, 64) == [(4, 64)] and plan(3, 64) == [(8, 16), (4, 64)]
    assert sum(candidates * sequences for candidates, sequences in plan(12, 2048)) < 0.015 * 4096 * 2048
    assert methods.HardPT(length=6).stages(2) == [Stage(64, 256)]


@pytest.mark.parametrize("length", [1, 6, 9])
def test_halving_finds_the_winner_of_the_whole_search_on_an_ideal_network(length, ideal_network):
    coins, recipe = sources.DirichletCategorical(), Recipe(length=20, stratified=True)
    method = methods.HardPT(length=length, sequences=256, halving=True)
    prompt = advanced(method.start(ideal_network(coins), SINGLE, recipe, 0)).predictor.token_prompt.tokens
    assert prompt == exact.best_hard_prefix(predictor=coins, on=SINGLE, prompt_length=length, length=20)[0]


def test_a_halving_search_stopped_anywhere_and_resumed_equals_an_uninterrupted_one(base):
    method, recipe = methods.HardPT(length=6, sequences=256, halving=True), Recipe(length=8, stratified=True)
    whole = advanced(method.start(base, SINGLE, recipe, 0))
    for at in range(whole.steps):
        half, rest = method.start(base, SINGLE, recipe, 0), method.start(base, SINGLE, recipe, 0)
        for _ in range(at):
            half.advance()
        rest.load_tensors(load(save(half.state_tensors())))
        assert rest.predictor.token_prompt.tokens == half.predictor.token_prompt.tokens
        assert torch.equal(advanced(rest).findings()["scores"], whole.findings()["scores"])
        assert rest.predictor.token_prompt.tokens == whole.predictor.token_prompt.tokens


def test_the_search_on_an_ideal_network_finds_the_exact_best_prefix(ideal_network):
    coins = sources.DirichletCategorical()
    prompt = advanced(methods.HardPT(length=6).start(ideal_network(coins), SINGLE, Recipe(length=50), 0)).predictor.token_prompt.tokens
    assert prompt == exact.best_hard_prefix(predictor=coins, on=SINGLE, prompt_length=6, length=50)[0] == (0, 1, 1, 1, 1, 1)


def test_ties_go_to_the_lexicographically_smallest_prompt(tiny):
    deaf = tiny(predictors.LSTM).build(2, 0)
    torch.nn.init.zeros_(deaf.embed.weight)
    search = advanced(methods.HardPT(length=3, sequences=16).start(deaf, SINGLE, QUICK, 0))
    assert len(set(search.found.tolist())) == 1
    assert search.predictor.token_prompt.tokens == (0, 0, 0)


def test_the_search_tries_every_prompt_of_a_die(tiny):
    die, network = sources.Categorical(probs=(0.1, 0.1, 0.1, 0.1, 0.3, 0.3)), tiny(predictors.LSTM).build(6, 0)
    search = methods.HardPT(length=2, sequences=16).start(network, die, QUICK, 0)
    assert [tuple(row) for row in search.candidates.tolist()] == list(itertools.product(range(6), repeat=2))


def test_a_search_without_rows_is_the_base(base):
    search = methods.HardPT(length=0, sequences=16).start(base, SINGLE, QUICK, 0)
    assert search.steps == 1
    assert torch.equal(advanced(search).predictor(TOKENS), base(TOKENS))


@pytest.mark.parametrize(("vocab", "length", "fits"), [(2, 12, True), (2, 13, False), (6, 4, True), (6, 5, False)])
def test_a_search_of_more_than_4096_prompts_is_refused(vocab, length, fits, tiny):
    method, network = methods.HardPT(length=length, sequences=16), tiny(predictors.LSTM).build(vocab, 0)
    assert method.supports(network) == fits
    if not fits:
        with pytest.raises(ValueError, match="4,096"):
            method.start(network, sources.DirichletCategorical(alphas=(1,) * vocab), QUICK, 0)


def test_the_refusal_of_a_search_names_the_number_and_the_limit(tiny):
    with pytest.raises(ValueError) as refusal:
        methods.HardPT(length=13).check(tiny(predictors.LSTM), 2)
    assert str(refusal.value) == ("length is 13; HardPT would try 2^13 = 8,192 prompts, at most 4,096 are allowed "
                                  "(shorten the prompt or choose SimplexPT)")


def test_lora_adapts_at_its_rank(base):
    tuned = advanced(methods.LoRAWT(rank=2).start(base, SINGLE, QUICK, 0)).predictor
    for before, after in zip(base.body.adapted_linears("attention"), tuned.body.adapted_linears("attention"), strict=True):
        assert torch.linalg.matrix_rank(after.weight - before.weight, atol=1e-6) == 2


def test_a_tuned_network_can_be_tuned_again(base):
    once = advanced(methods.LoRAWT(rank=1).start(base, SINGLE, QUICK, 0)).predictor
    again = methods.SoftPT(length=1).attach(once, 1)
    assert again.trainable == 8
    assert torch.equal(methods.NoTuning().attach(once, 0)(TOKENS), once(TOKENS))


# Deep prompts, leashes, transfers.

def test_rows_of_a_deep_prompt_replace_what_the_layer_below_made_of_the_prompt(tiny):
    network = tiny(predictors.GPT2, layers=3).build(2, 0).requires_grad_(False)
    tuned = methods.DeepPT(length=2, layers=1).attach(network, 0)
    assert [type(block.entry).__name__ for block in tuned.body.blocks] == ["Identity", "Identity", "EnteringRows"]
    heard = {}
    tuned.body.blocks[2].resid_pre.register_forward_hook(lambda _, __, out: heard.update(entered=out))
    tuned(TOKENS)
    assert torch.equal(heard["entered"][:, 1:3], tuned.body.blocks[2].entry.rows.expand(2, -1, -1))
    with torch.no_grad():
        tuned.embedding_prompt.rows += 1                        # changes what the layers below say, not what enters at these rows
    before = heard["entered"]
    tuned(TOKENS)
    assert torch.equal(heard["entered"][:, :1], before[:, :1]) and not torch.equal(heard["entered"][:, 3:], before[:, 3:])


def test_a_deep_prompt_of_a_single_layer_is_a_soft_prompt(tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    prior = priors.Isotropic(std=1.0)
    deep, soft = (method.attach(network, 0) for method in (methods.DeepPT(length=3, prior=prior), methods.SoftPT(length=3, prior=prior)))
    assert torch.equal(deep(TOKENS), soft(TOKENS))


def test_a_leash_costs_its_strength_times_the_squared_distance_in_radii(base):
    method = methods.WaywardPT(words=(1, 0), strength=3.0)
    tuned = method.attach(base, 0)
    assert tuned.penalty() == 0 and base.penalty() == 0
    with torch.no_grad():
        tuned.embedding_prompt.rows += 1.0
    table = (base.embed.weight.T + base.embed.bias).detach()
    radius = torch.cov(table.T).trace()
    assert tuned.penalty().item() == pytest.approx(3 * 8 / radius.item(), rel=1e-2)


def test_a_strong_leash_keeps_the_words_and_a_slack_one_does_not(base):
    recipe = Recipe(steps=40, batch=8, length=8, learning_rate=0.05)
    moved = {}
    for strength in (0.0, 10_000.0):
        tuned = advanced(methods.WaywardPT(words=(1, 0), strength=strength).start(base, SINGLE, recipe, 0)).predictor
        moved[strength] = (tuned.prompt() - tuned.embedding_prompt.anchor).norm().item()
    assert moved[10_000.0] < 0.2 * moved[0.0]


def test_a_slack_leash_trains_like_a_soft_prompt_from_these_words(base):
    free = advanced(methods.SoftPT(length=2, prior=priors.Words(tokens=(1, 0))).start(base, SINGLE, QUICK, 0)).predictor
    leashed = advanced(methods.WaywardPT(words=(1, 0), strength=0.0).start(base, SINGLE, QUICK, 0)).predictor
    assert torch.equal(free.prompt(), leashed.prompt())


def test_a_transfer_is_one_tuning_after_another(base):
    other = sources.Categorical(probs=(0.9, 0.1))
    method = methods.TransferPT(length=2, first=other, first_steps=3)
    job = method.start(base, SINGLE, QUICK, 5)
    by_hand = Training(method.attach(base, 5), other, QUICK.model_copy(update={"steps": 3}), 5)
    assert [advanced(job, until=3).step, advanced(by_hand).step] == [3, 3]
    assert torch.equal(job.predictor.prompt(), by_hand.predictor.prompt())
    after = Training(by_hand.predictor, SINGLE, QUICK, 5)
    assert torch.equal(advanced(job).predictor.prompt(), advanced(after).predictor.prompt()) and job.step == 7


def test_a_transfer_without_a_first_task_is_a_soft_prompt(base):
    plain = advanced(methods.SoftPT(length=2).start(base, SINGLE, QUICK, 0)).predictor
    moved = advanced(methods.TransferPT(length=2, first_steps=0).start(base, SINGLE, QUICK, 0)).predictor
    assert torch.equal(plain.prompt(), moved.prompt())
