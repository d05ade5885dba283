"""The options of a per-layer prefix: which layers, which start, seen from where, and an MLP that leaves nothing behind."""

import pytest
import torch
from torch.nn import functional as F

from tutor import Recipe, RunSpec, measure, methods, predictors, sources, tune
from tutor.core.spec_errors import SpecError
from tutor.methods import PrefixPT
from tutor.predictors.prefix_memory import KeyValueMemory, NoMemory, visible_positions
from tutor.predictors.prompt_placement import Placement, data_positions, splice_rows

SINGLE = sources.Categorical()
TOKENS = torch.tensor([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 1]])
QUICK = Recipe(steps=12, batch=4, length=6, learning_rate=0.05)
each_decoder = pytest.mark.parametrize("body", [predictors.Transformer, predictors.GPT2], ids=lambda one: one.__name__)


@pytest.fixture
def base(body):
    return body(width=8, layers=3).build(2, 0)


def close(a, b, atol=1e-6):
    torch.testing.assert_close(a, b, atol=atol, rtol=0)


@each_decoder
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_only_the_last_layers_have_a_prefix(base, layers):
    tuned = PrefixPT(length=2, layers=layers).attach(base, 0)
    assert [isinstance(block.attn.memory, NoMemory) for block in tuned.body.blocks] == [True] * (3 - layers) + [False] * layers
    assert tuned.trainable == layers * 2 * 2 * 8


@each_decoder
def test_a_prefix_of_words_starts_as_the_memory_of_these_words(base):
    words = (1, 0, 0)
    tuned = PrefixPT(length=3, words=words).attach(base, 0)
    remembered = base.body.memory_of(base.embed(F.one_hot(torch.tensor(words), 2).float())[None])
    for block, (keys, values) in zip(tuned.body.blocks, remembered, strict=True):
        close(block.attn.memory.keys, keys)
        close(block.attn.memory.values, values)


@each_decoder
def test_few_words_are_repeated_and_many_are_cut(base):
    def keys(length, words):
        return PrefixPT(length=length, words=words).attach(base, 0).body.blocks[0].attn.memory.keys

    close(keys(5, (1, 0)), keys(5, (1, 0, 1, 0, 1)))
    close(keys(2, (1, 0, 1)), keys(2, (1, 0)))


@each_decoder
def test_an_mlp_starts_at_the_same_prefix_trains_more_numbers_and_leaves_none_behind(base):
    direct, mapped = PrefixPT(length=4), PrefixPT(length=4, mlp=16)
    attached = mapped.attach(base, 0)
    close(attached(TOKENS), direct.attach(base, 0)(TOKENS), atol=1e-5)
    assert attached.trainable == 4 * 8 + (8 + 1) * 16 + 3 * (16 + 1) * 16          # P', hidden, and out of every layer
    tuning = mapped.start(base, SINGLE, QUICK, 0)
    while not tuning.done:
        tuning.advance()
    folded = mapped.finished(tuning.predictor)
    close(folded(TOKENS), tuning.predictor(TOKENS))
    assert (folded(TOKENS) - base(TOKENS)).abs().max() > 1e-3
    assert {name.rsplit(".", 1)[1] for name in folded.trainable_tensors()} == {"keys", "values"}
    assert sum(t.numel() for t in folded.trainable_tensors().values()) == 3 * 2 * 4 * 8


@each_decoder
def test_few_columns_and_a_narrow_mlp_train_fewer_numbers_than_the_prefix_has(base):
    attached = PrefixPT(length=12, mlp=2, columns=1).attach(base, 0)
    assert attached.trainable == 12 * 1 + (1 + 1) * 2 + 3 * (2 + 1) * 16 == 160             # P', hidden, and out of every layer
    assert PrefixPT(length=12).attach(base, 0).trainable == 3 * 2 * 12 * 8 == 576
    keys, values = (rows.transpose(0, 1).flatten(1) for rows in attached.body.blocks[0].attn.memory.rows())
    centred = torch.cat([keys, values], dim=1) - torch.cat([keys, values], dim=1).mean(0)
    assert torch.linalg.matrix_rank(centred, atol=1e-4) == 2                                  # of twelve rows: as many as hidden units


@each_decoder
def test_tuning_gives_the_folded_prefix_and_leaves_the_base_alone(base):
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    tuned = tune(base, PrefixPT(length=2, mlp=8), on=SINGLE, recipe=QUICK)
    assert all(isinstance(block.attn.memory, KeyValueMemory) for block in tuned.body.blocks)
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())


@each_decoder
def test_whoever_stands_before_the_prefix_does_not_see_it(base):
    tuned = PrefixPT(length=2, init="normal", placement=Placement(kind="infix", after=3)).attach(base, 0)
    close(tuned(TOKENS)[:, :3], base(TOKENS)[:, :3])
    assert (tuned(TOKENS) - base(TOKENS))[:, 3:].abs().max() > 1e-4


@each_decoder
def test_a_prefix_around_shows_half_of_itself_to_everybody(base):
    around = PrefixPT(length=4, init="normal", placement=Placement(kind="around", after=3)).attach(base, 0)
    for block in around.body.blocks:
        first = KeyValueMemory(block.attn.memory.keys[:, :2], block.attn.memory.values[:, :2])
        block.first = first
    halved = PrefixPT(length=2).attach(base, 0)
    for own, block in zip(halved.body.blocks, around.body.blocks, strict=True):
        own.attn.memory = block.first
    close(around(TOKENS)[:, :3], halved(TOKENS)[:, :3])
    assert (around(TOKENS) - halved(TOKENS))[:, 3:].abs().max() > 1e-4


def test_who_sees_what():
    assert visible_positions(3, 3, Placement(kind="around", after=1)).int().tolist() == [
        [1, 1, 0, 1, 0, 0],
        [1, 1, 1, 1, 1, 0],
        [1, 1, 1, 1, 1, 1]]


def test_a_prompt_around_the_data_is_spliced_in_two_parts():
    pieces = Placement(kind="around", after=2).pieces(3, 5)
    assert pieces == [(0, 2), (2, 1)]
    assert splice_rows(torch.arange(5), torch.tensor([10, 11, 12]), pieces).tolist() == [10, 11, 0, 1, 12, 2, 3, 4]
    assert data_positions(5, pieces).tolist() == [2, 3, 5, 6, 7]


@pytest.mark.parametrize("body", [predictors.LSTM, predictors.Transformer, predictors.GPT2], ids=lambda one: one.__name__)
def test_a_hard_prompt_around_the_data_is_its_two_halves_fed_as_data(body):
    network = body(width=8).build(2, 0)
    tuned = methods.RandomPF(length=3, placement=Placement(kind="around", after=2)).attach(network, 0)
    a, b, c = tuned.token_prompt.tokens
    rows = [[a, b, *row[:2], c, *row[2:]] for row in TOKENS.tolist()]
    close(tuned(TOKENS), network(torch.tensor(rows))[:, [2, 3, 5, 6, 7, 8]])
    assert measure.capture(tuned, TOKENS).prompt_end == 2 + 3


@pytest.mark.parametrize(("fields", "answer"), [
    ({"layers": 3}, "layers is 3; the network has 2"),
    ({"words": (0, 2)}, "words is [0, 2] and init tokens; they are tokens from 0 to 1, with init tokens"),
    ({"words": (0,), "init": "zeros"}, "words is [0] and init zeros; they are tokens from 0 to 1, with init tokens"),
    ({"mlp": 8, "length": 0}, "mlp is 8 and length is 0; an MLP makes the rows of a prefix, so the prefix needs at least one"),
    ({"columns": 4}, "columns is 4 and mlp is not given; they are those of the matrix that an MLP reads"),
    ({"mlp": 0}, "method.mlp is 0; input should be greater than or equal to 1"),
], ids=str)
def test_a_prefix_that_cannot_be_is_refused_in_one_sentence(fields, answer):
    values = {"source": {"kind": "dirichlet"}, "body": {"kind": "transformer", "layers": 2}, "recipe": {}, "on": {"kind": "categorical"},
              "tuning": {}, "method": {"kind": "prefix"} | fields}
    with pytest.raises(SpecError) as refusal:
        RunSpec.model_validate(values)
    assert str(refusal.value) == answer


@pytest.mark.parametrize("fields", [{"mlp": 8}, {"columns": 4}, {"layers": 1}, {"placement": {"kind": "suffix"}}], ids=str)
def test_a_recurrent_prefix_has_none_of_these_options(fields):
    with pytest.raises(SpecError, match="the per-layer prefix of an LSTM is its initial state and has no"):
        RunSpec.model_validate({"source": {"kind": "dirichlet"}, "body": {"kind": "lstm"}, "recipe": {}, "on": {"kind": "categorical"},
                                "tuning": {}, "method": {"kind": "prefix"} | fields})
