"""Run specifications: text forms round trip, keys are stable and tell every field apart, and mistakes get one sentence."""

import json
import re
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tutor import Evaluation, Recipe, RunSpec, Seeds, SpecError, methods, predictors, priors, sources
from tutor.methods import METHODS
from tutor.predictors import BODIES
from tutor.predictors.placement import Placement
from tutor.priors import PRIORS
from tutor.retrieval import PIPELINES
from tutor.sources import SOURCES
from tutor.sources.language.facts import Facts

PRETRAINING = RunSpec(source=sources.DirichletCategorical(), body=predictors.LSTM(), recipe=Recipe.paper())
TUNING = RunSpec(source=sources.DirichletCategorical(), body=predictors.Transformer(width=64),
                 recipe=Recipe(steps=300, learning_rate=4e-3, cosine=True),
                 method=methods.SoftPT(length=3, placement=Placement(kind="infix", after=2)), on=sources.Mixture(),
                 tuning=Recipe(steps=200, batch=16, targets="bayes"), seeds=Seeds(tune=5, repetitions=3))
each_spec = pytest.mark.parametrize("spec", [PRETRAINING, TUNING], ids=["pretraining", "tuning"])

# The shape checks of the tests look at random items of lists, also while hypothesis draws.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


# Random valid specifications, drawn from the fields themselves, so a new source, body or method is drawn on arrival.

def field_strategy(field) -> st.SearchStrategy:
    """Values that a pydantic field of numbers, choices or a nested part accepts, from its type and its bounds."""
    bounds = {name: getattr(mark, name) for mark in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(mark, name)}
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    kinds = get_args(field.annotation) if get_origin(field.annotation) in (Union, UnionType) else (field.annotation,)

    def of(kind):
        if kind is bool:
            return st.booleans()
        if kind is int:
            return st.integers(low, high - ("lt" in bounds) if high is not None else None)
        if kind is float:
            return st.floats(low, high, exclude_min="gt" in bounds, exclude_max="lt" in bounds)
        if kind is NoneType:
            return st.none()
        return st.sampled_from(get_args(kind)) if get_origin(kind) is Literal else instances(kind)

    return st.one_of(*(of(kind) for kind in kinds))


def distributions(sides: int) -> st.SearchStrategy:
    return st.lists(st.floats(0.01, 1), min_size=sides, max_size=sides).map(lambda x: tuple(v / sum(x) for v in x))


def without_source() -> st.SearchStrategy:
    """Priors that fit every vocabulary."""
    return st.deferred(lambda: one_of({kind: PRIORS[kind] for kind in ("isotropic", "xavier", "far", "vae", "exclusion")}))


def several(cls: type, sides: int) -> dict[str, st.SearchStrategy]:
    """Fields that hold more than single numbers need their own strategy."""
    return {
        sources.Categorical: {"probs": distributions(sides)},
        sources.Mixture: {"probs": st.tuples(distributions(sides), distributions(sides)), "weights": distributions(2)},
        sources.DirichletCategorical: {"alphas": st.tuples(*[st.floats(0.01, 1000)] * sides)},
        Recipe: {"steps": st.integers(20, 100_000), "batch": st.integers(1, 256), "length": st.integers(2, 390),
                 "curriculum": st.sampled_from([(), (1,)]), "beta1": st.floats(0, 0.99),
                 "changes": st.sampled_from([(), ((3, 0.5),), ((3, 1e-5), (20, 0.25))])},
        sources.Lists: {"tasks": st.sampled_from([("ascending",), ("add 1", "double histogram")]), "weights": st.just(()),
                        "items": st.just(6), "digits": st.just(8)},
        sources.TinyLanguage: {"tasks": st.sampled_from([("qa",), ("prose", "table")]), "weights": st.just(()),
                               "styles": st.sampled_from([(0,), (1, 2)])},
        sources.FactQuestions: {"attributes": st.sampled_from([("job",), ("town", "pet")])},
        predictors.Transformer: {"heads": st.just(2), "width": st.integers(2, 256).map(lambda half: 2 * half)},
        predictors.GPT2: {"heads": st.just(2), "width": st.integers(2, 256).map(lambda half: 2 * half), "context": st.just(2048)},
        methods.SoftPT: {"prior": st.none() | without_source()},
        methods.DeepPT: {"prior": without_source(), "layers": st.none()},
        methods.TransferPT: {"prior": st.none(), "first": st.none()},
        methods.WaywardPT: {"words": st.sampled_from([(0,), (1, 0, 1)])},
        priors.VAE: {"source": st.none()}, priors.Exclusion: {"source": st.none()},
        methods.HardPT: {"length": st.integers(0, 1)},
        methods.PrefixPT: {name: st.just(methods.PrefixPT.model_fields[name].default)
                           for name in ("length", "layers", "mlp", "words", "placement")},
    }.get(cls, {})


@cache
def instances(cls: type, sides: int = 2) -> st.SearchStrategy:
    own = several(cls, sides)
    simple = {name: field_strategy(field) for name, field in cls.model_fields.items() if name not in own}
    return st.builds(cls, **simple, **own)


def one_of(registry, sides: int = 2) -> st.SearchStrategy:
    return st.one_of(*(instances(cls, sides) for cls in registry.values()))


@st.composite
def specs(draw) -> RunSpec:
    coins = {kind: cls for kind, cls in SOURCES.items() if issubclass(cls, sources.AbstractExchangeable)}
    others = [instances(cls) for cls in SOURCES.values() if cls not in coins.values()]
    alike = draw(st.sampled_from([one_of(coins, 2), one_of(coins, 6), *others]))       # sources of one vocabulary
    parts = {"source": alike, "body": one_of(BODIES), "recipe": instances(Recipe),
             "evaluation": instances(Evaluation), "seeds": instances(Seeds)}
    if draw(st.booleans()):
        parts |= {"method": one_of(METHODS), "on": alike, "tuning": instances(Recipe)}
    drawn = {name: draw(part) for name, part in parts.items()}
    if not isinstance(drawn["source"], sources.AbstractSolved):
        drawn |= {name: drawn[name].model_copy(update={"targets": "sampled"}) for name in ("recipe", "tuning") if name in drawn}
    return RunSpec(**drawn)


@given(specs())
@settings(max_examples=60)
def test_a_specification_survives_toml_and_json_with_its_key(spec):
    assert RunSpec.from_text(spec.to_toml()) == spec
    assert RunSpec.from_text(spec.to_json(), toml=False) == spec
    assert RunSpec.from_text(spec.to_toml()).key() == RunSpec.from_text(spec.to_json(), toml=False).key() == spec.key()


@given(specs(), specs())
@settings(max_examples=40)
def test_different_specifications_have_different_keys(one, other):
    assume(one != other)
    assert one.key() != other.key()


@given(specs())
@settings(max_examples=30)
def test_a_base_is_a_pretraining_and_its_own_base(spec):
    base = spec.base()
    assert not base.is_tuning and base.base() == base
    assert (base.source, base.body, base.recipe, base.seeds.pretrain) == (spec.source, spec.body, spec.recipe, spec.seeds.pretrain)


@given(st.text())
def test_any_text_is_a_specification_or_one_sentence(text):
    for toml in (True, False):
        with pytest.raises(SpecError) as refusal:
            RunSpec.from_text(text, toml=toml)
        assert len(str(refusal.value).splitlines()) == 1


plain = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                     lambda more: st.lists(more, max_size=3) | st.dictionaries(st.sampled_from(["kind", "steps", "x"]), more, max_size=3))


@given(st.sampled_from(["source", "body", "recipe", "method", "on", "tuning", "evaluation", "seeds", "seed", "nonsense"]), plain)
@settings(max_examples=200)
def test_any_value_anywhere_is_accepted_or_answered_in_one_sentence(field, value):
    values = json.loads(TUNING.to_json()) | {field: value}
    try:
        RunSpec.from_dict(values)
    except SpecError as refusal:
        assert len(str(refusal).splitlines()) == 1 and len(str(refusal)) < 300


# Keys.

def test_a_key_stays_what_it_is():
    """If this fails, every stored run has lost its name: raise FORMAT on purpose or undo the change."""
    assert PRETRAINING.key() == "6a44fac6e48bb642"
    assert TUNING.key() == "646805d23e3a8793"


def test_no_default_changes_its_meaning_under_the_keys_of_old_runs():
    """A key leaves defaults out. So a default may be added (to the file as well), but a changed one must raise FORMAT."""
    parts = [Recipe, Evaluation, Seeds, Placement, *SOURCES.values(), *BODIES.values(), *METHODS.values(),
             *PIPELINES.values(), Facts, *PRIORS.values()]
    said = {part.__name__: json.loads(part.model_construct().model_dump_json(warnings=False)) for part in parts}
    assert said == json.loads((Path(__file__).parent / "reference" / "defaults.json").read_text())


def test_a_key_leaves_defaults_out_and_keeps_every_kind():
    essence = TUNING.essence()
    assert essence["recipe"] == {"steps": 300, "learning_rate": 4e-3, "cosine": True}
    assert essence["method"] == {"length": 3, "placement": {"kind": "infix", "after": 2}, "kind": "soft"}
    assert essence["on"] == {"kind": "mixture"} and "evaluation" not in essence
    assert {part["kind"] for part in PRETRAINING.essence().values() if part} == {"dirichlet", "lstm"}


@each_spec
def test_a_key_is_sixteen_hexadecimal_digits(spec):
    assert re.fullmatch("[0-9a-f]{16}", spec.key())


@each_spec
def test_a_key_does_not_depend_on_the_order_of_fields(spec):
    def reversed_fields(values):
        return {name: reversed_fields(values[name]) for name in reversed(values)} if isinstance(values, dict) else values

    values = json.loads(spec.to_json())
    assert list(reversed_fields(values)) != list(values)
    assert RunSpec.from_dict(reversed_fields(values)).key() == spec.key()


def test_defaults_said_and_unsaid_are_the_same_run():
    short = RunSpec.from_text('[source]\nkind = "dirichlet"\n[body]\nkind = "lstm"\n[recipe]\n')
    assert short == PRETRAINING and short.key() == PRETRAINING.key()
    assert RunSpec.from_text(PRETRAINING.to_toml().replace("128", "128.0")).key() == PRETRAINING.key()


def leaves(values: dict, path=()):
    for name, value in values.items():
        yield from leaves(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]


OTHER = {"source.alphas": [2, 1], "on.probs": [[0.3, 0.7], [0.7, 0.3]], "on.weights": [0.25, 0.75], "source.kind": None, "on.kind": None,
         "body.kind": None, "body.width": 68, "body.heads": 8,
         "method.kind": "real", "method.placement.kind": "suffix", "method.init": "zeros",
         "recipe.targets": "truth", "tuning.targets": "truth", "recipe.changes": [[3, 0.1]], "tuning.changes": [[3, 0.1]],
         "recipe.curriculum": [7], "tuning.curriculum": [7]}


def another(path: tuple, value):
    """Another valid value for the field at `path`."""
    name = ".".join(path)
    if name in OTHER:
        return OTHER[name]
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else 0.75 * value or 0.25


@pytest.mark.parametrize(("path", "value"), list(leaves(json.loads(TUNING.to_json()))), ids=lambda x: str(x)[:40])
def test_changing_any_field_changes_the_key(path, value):
    changed = another(path, value)
    values = json.loads(TUNING.to_json())
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    if changed is None:                                            # another kind of source or body comes with its own fields
        registry = BODIES if path[0] == "body" else SOURCES
        values[path[0]] = {"kind": next(kind for kind in registry if kind != value)}
    else:
        inner[path[-1]] = changed
    assert RunSpec.from_dict(values).key() != TUNING.key()


# Bases, labels, shorthands.

def test_a_tuning_starts_from_its_pretraining():
    assert TUNING.is_tuning and not PRETRAINING.is_tuning
    assert TUNING.base() == RunSpec(source=TUNING.source, body=TUNING.body, recipe=TUNING.recipe)
    assert PRETRAINING.base() == PRETRAINING


def test_tunings_that_differ_only_in_the_tuning_share_their_base():
    other = TUNING.model_copy(update={"method": methods.FullWT(), "on": sources.Categorical(), "seeds": Seeds(tune=9)})
    assert other.base().key() == TUNING.base().key()


def test_labels_name_body_source_method_and_target():
    assert PRETRAINING.label == "LSTM 128 on Random coins"
    assert TUNING.label == "SoftPT: Transformer 64 on Random coins -> Two coins 0.2 / 0.8"


def test_seed_is_shorthand_for_the_pretraining_seed():
    parts = {"source": PRETRAINING.source, "body": PRETRAINING.body, "recipe": PRETRAINING.recipe}
    assert RunSpec(**parts, seed=7).seeds == Seeds(pretrain=7)
    assert RunSpec(**parts, seed=0) == PRETRAINING


def test_a_specification_is_hashable_and_frozen():
    assert len({TUNING, RunSpec.from_text(TUNING.to_toml())}) == 1
    with pytest.raises(ValueError, match="frozen"):
        TUNING.method = methods.FullWT()


# Mistakes.

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
     "source.kind is coin; it must be one of categorical, mixture, dirichlet, lists, tiny_language, questions"),
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
    ("[" * 100_000, False, "the specification is not valid JSON: "),
    ("x = " + "1" * 5000, True, "the specification is not valid TOML: Exceeds the limit"),
    ("1" * 5000, False, "the specification is not valid JSON: Exceeds the limit"),
    ("[1, 2]", False, "the specification is [1, 2]; it must be an object with source, body and recipe"),
    ("null", False, "the specification is None; it must be an object with source, body and recipe"),
    ("", True, "source is missing"),
], ids=lambda x: str(x)[:12])
def test_text_that_is_no_specification_is_answered_in_one_sentence(text, toml, answer):
    with pytest.raises(SpecError) as refusal:
        RunSpec.from_text(text, toml=toml)
    assert str(refusal.value).startswith(answer) and "\n" not in str(refusal.value)


@pytest.mark.parametrize(("name", "text"), [("run.toml", PRETRAINING.to_toml()), ("run.json", PRETRAINING.to_json())])
def test_a_file_is_read_by_its_ending(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert RunSpec.from_file(tmp_path / name) == PRETRAINING


@pytest.mark.parametrize(("name", "content", "answer"), [
    ("run.yaml", b"", "the specification file is run.yaml; it must end in .toml or .json"),
    ("run.toml", b"\xff\xfe", "run.toml cannot be read: 'utf-8' codec can't decode"),
    ("run.toml", b"#" * 1_000_001, "run.toml has 1,000,001 bytes; a specification has at most 1,000,000"),
    ("run.toml", None, "run.toml cannot be read: [Errno 2] No such file or directory"),
], ids=["ending", "not text", "too large", "not there"])
def test_a_file_that_cannot_be_a_specification_is_refused(name, content, answer, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SpecError) as refusal:
        RunSpec.from_file(tmp_path / name)
    assert answer in str(refusal.value)
