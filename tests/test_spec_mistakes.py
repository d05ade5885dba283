"""Mistakes in a specification: each is answered in one sentence, with the field, its value and what is allowed."""

import pytest

from tutor import RunSpec, SpecError

COIN, LSTM = {"kind": "categorical"}, {"kind": "lstm"}
QUESTIONS = {"kind": "tiny_language", "tasks": ["qa"]}
LISTS = {"source": {"kind": "lists"}, "body": {"kind": "gpt2", "context": 20}, "recipe": {"length": 20},
         "on": {"kind": "lists"}, "tuning": {"length": 20}}


@pytest.mark.parametrize(("changes", "answer"), [
    ({"source": None}, "source is None; input should be a valid dictionary or object to extract fields from"),
    ({"source": {}}, "source.kind is missing"),
    ({"source": {"kind": "tiny_language"}, "recipe": {"targets": "bayes"}},
     "recipe.targets is bayes; the ideal predictor of Tiny language is not known, so it must be sampled"),
    ({"body": {"kind": "gpt2", "context": 64}}, "body.context is 64; it must hold the longest sequence and the prompt, 200 positions"),
    ({"source": {"kind": "tiny_language", "tasks": ["qa", "table"], "documents": 3}, "body": {"kind": "gpt2", "context": 100}},
     "body.context is 100; it must hold the longest sequence and the prompt, 168 positions"),
    (LISTS | {"method": {"kind": "soft", "length": 5}},
     "body.context is 20; it must hold the longest sequence and the prompt, 25 positions"),
    (LISTS | {"method": {"kind": "prefix", "length": 21}},
     "length is 21; the network reads at most 20 tokens, and the prefix starts as what it remembers of as many"),
    ({"source": {"kind": "tiny_language", "tasks": ["qa", "qa"]}}, "source: tasks is qa, qa; each task may stand there once"),
    ({"source": {"kind": "coin"}},
     "source.kind is coin; it must be one of categorical, mixture, dirichlet, lists, tiny_language, hidden_markov, questions, texts"),
    ({"source": {"kind": "categorical", "probs": [1.5, -0.5]}},
     "source.probs: probs holds 1.5; every probability must lie between 0 and 1"),
    ({"source": {"kind": "categorical", "probs": [0.5, 0.4]}}, "source.probs: probs sums to 0.9; it must sum to 1"),
    ({"source": {"kind": "mixture", "weights": [0.5, 0.6]}}, "source: weights sums to 1.1; it must sum to 1"),
    ({"body": {"kind": "lstm", "widht": 64}}, "body.widht is not a field; did you mean width?"),
    ({"body": {"kind": "lstm", "heads": 4}}, "body.heads is not a field"),
    ({"body": {"kind": "transformer", "width": 10}}, "body: width is 10 and heads is 4; the width must be divisible by the heads"),
    ({"body": {"kind": "lstm", "width": "wide"}},
     "body.width is wide; input should be a valid integer, unable to parse string as an integer"),
    ({"recipe": {"length": 10**9}}, "recipe.length is 1000000000; input should be less than or equal to 1000"),
    ({"recipe": {"learning_rat": 1}}, "recipe.learning_rat is not a field; did you mean learning_rate?"),
    ({"recipe": {"learning_rate": float("nan")}}, "recipe.learning_rate is nan; input should be a finite number"),
    ({"reciep": {}}, "reciep is not a field; did you mean recipe?"),
    ({"evaluation": {"length": 10**9}}, "evaluation.length is 1000000000; input should be less than or equal to 1000"),
    ({"seeds": {"repetitions": 0}}, "seeds.repetitions is 0; input should be greater than or equal to 1"),
    ({"seed": 1, "seeds": {"pretrain": 2}}, "seed and seeds are both given; seed is shorthand for seeds.pretrain, give one of them"),
    ({"seed": -1}, "seeds.pretrain is -1; input should be greater than or equal to 0"),
    ({"on": COIN}, "on given without method, tuning; a tuning needs all three, a pretraining none"),
    ({"method": {"kind": "soft"}, "tuning": {}}, "method, tuning given without on; a tuning needs all three, a pretraining none"),
    ({"method": {"kind": "soft"}, "tuning": {}, "on": {"kind": "dirichlet", "alphas": [1, 1, 1]}},
     "on has 3 symbols and source has 2; both must have the same"),
    ({"method": {"kind": "soft", "length": -1}, "tuning": {}, "on": COIN},
     "method.length is -1; input should be greater than or equal to 0"),
    ({"method": {"kind": "soft", "length": 10**9}, "tuning": {}, "on": COIN},
     "method.length is 1000000000; input should be less than or equal to 64"),
    ({"method": {"kind": "soft", "prior": {"kind": "fitted", "source": {"kind": "tiny_language"}}}, "tuning": {}, "on": COIN},
     "prior.source has 242 symbols and the network 2; both must have the same"),
    ({"method": {"kind": "soft", "prior": {"kind": "words", "tokens": [2]}}, "tuning": {}, "on": COIN},
     "prior.tokens is [2]; each must lie between 0 and 1"),
    ({"method": {"kind": "soft", "prior": {"kind": "far", "distanc": 1}}, "tuning": {}, "on": COIN},
     "method.prior.distanc is not a field; did you mean distance?"),
    ({"method": {"kind": "wayward", "words": [0, 2]}, "tuning": {}, "on": COIN}, "words is [0, 2]; each must lie between 0 and 1"),
    ({"method": {"kind": "deep", "layers": 1}, "tuning": {}, "on": COIN},
     "layers is 1; the network has 0 above the first, whose rows are those in embedding space"),
    ({"method": {"kind": "transfer", "first": {"kind": "lists"}}, "tuning": {}, "on": COIN},
     "first has 11 symbols and the network 2; both must have the same"),
    ({"method": {"kind": "wayward", "words": []}, "tuning": {}, "on": COIN}, "method.words is []; tuple should have at least 1 item "
     "after validation, not 0"),
    ({"source": QUESTIONS, "on": QUESTIONS, "body": {"kind": "gpt2", "context": 100}, "recipe": {"length": 20}, "tuning": {"length": 20},
      "method": {"kind": "transfer", "first": {"kind": "tiny_language", "tasks": ["table"], "documents": 2}, "length": 2}},
     "body.context is 100; it must hold the longest sequence and the prompt, 114 positions"),
    ({"method": {"kind": "soft", "soft": 1}, "tuning": {}, "on": COIN}, "method.soft is not a field"),
    ({"method": {"kind": "soft", "placement": {"afte": 1}}, "tuning": {}, "on": COIN},
     "method.placement.afte is not a field; did you mean after?"),
    ({"method": {"kind": "full", "length": 6}, "tuning": {}, "on": COIN}, "method.length is not a field"),
    ({"method": {"kind": "hard", "length": 13}, "tuning": {}, "on": COIN},
     "length is 13; HardPT would try 2^13 = 8,192 prompts, at most 4,096 are allowed (shorten the prompt or choose SimplexPT)"),
    ({"method": {"kind": "prefix", "length": 6}, "tuning": {}, "on": COIN},
     "length is 6; the per-layer prefix of an LSTM is its initial state and has no length"),
], ids=str)
def test_a_mistake_is_answered_in_one_sentence(changes, answer):
    with pytest.raises(SpecError) as refusal:
        RunSpec.from_dict({"source": COIN, "body": LSTM, "recipe": {}} | changes)
    assert str(refusal.value) == answer


def test_a_prefix_of_keys_and_values_takes_no_position():
    assert RunSpec.from_dict(LISTS | {"method": {"kind": "prefix", "length": 20}}).method.positions == 0


@pytest.mark.parametrize("missing", ["source", "body", "recipe"])
def test_a_missing_part_is_named(missing):
    parts = {"source": COIN, "body": LSTM, "recipe": {}}
    with pytest.raises(SpecError, match=f"^{missing} is missing$"):
        RunSpec.from_dict({name: part for name, part in parts.items() if name != missing})


@pytest.mark.parametrize(("text", "toml", "answer"), [
    ("[source", True, "the specification is not valid TOML: "),
    ("{", False, "the specification is not valid JSON: "),
    ("[" * 100_000, False, "the specification cannot be read: it is nested too deeply"),
    ("x = " + "1" * 5000, True, "the specification is not valid TOML: a number has too many digits"),
    ("1" * 5000, False, "the specification cannot be used: the document: the number has too many digits"),
    ("[1, 2]", False, "the specification is [1, 2]; it must be an object with source, body and recipe"),
    ("null", False, "the specification is None; it must be an object with source, body and recipe"),
    ("", True, "source is missing"),
], ids=lambda x: str(x)[:12])
def test_text_that_is_no_specification_is_answered_in_one_sentence(text, toml, answer):
    with pytest.raises(SpecError) as refusal:
        RunSpec.from_text(text, toml=toml)
    assert str(refusal.value).startswith(answer) and "\n" not in str(refusal.value)


@pytest.mark.parametrize(("name", "content", "answer"), [
    ("run.yaml", b"", "the specification file is run.yaml; it must end in .toml or .json"),
    ("run.toml", b"\xff\xfe\x00", "run.toml is no text in UTF-8 or UTF-16 (byte 3 is 0x00); save it as UTF-8"),
    ("run.toml", b"#" * 1_000_001, "run.toml has 1,000,001 bytes; at most 1,000,000 are read"),
    ("run.toml", None, "run.toml cannot be read: there is no such file"),
], ids=["ending", "not text", "too large", "not there"])
def test_a_file_that_cannot_be_a_specification_is_refused(name, content, answer, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SpecError) as refusal:
        RunSpec.from_file(tmp_path / name)
    assert answer in str(refusal.value)
