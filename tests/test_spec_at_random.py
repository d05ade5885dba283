"""Random valid specifications survive their text forms, and random text and values get one sentence.

They are drawn from the fields themselves, so a new source, body or method is drawn on arrival.
"""

import json
from functools import cache
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from two_specs import TUNING

from tutor import Evaluation, Recipe, RunSpec, Seeds, SpecError, methods, predictors, priors, sources
from tutor.methods import METHODS
from tutor.methods.priors import PRIORS
from tutor.predictors import BODIES
from tutor.sources import SOURCES
from tutor.sources.processes import mess3

# The shape checks of the tests look at random items of lists, also while hypothesis draws.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


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
        sources.HiddenMarkov: {"transitions": st.sampled_from([mess3(), mess3(x=0.1)]), "start": st.sampled_from([(), (0.2, 0.3, 0.5)])},
        sources.FactQuestions: {"attributes": st.sampled_from([("job",), ("town", "pet")])},
        predictors.Transformer: {"heads": st.just(2), "width": st.integers(2, 256).map(lambda half: 2 * half)},
        predictors.GPT2: {"heads": st.just(2), "width": st.integers(2, 256).map(lambda half: 2 * half), "context": st.just(2048)},
        methods.SoftPT: {"prior": st.none() | without_source()},
        methods.DeepPT: {"prior": without_source(), "layers": st.none()},
        methods.TransferPT: {"prior": st.none(), "first": st.none()},
        methods.WaywardPT: {"words": st.sampled_from([(0,), (1, 0, 1)])},
        methods.CellPT: {"words": st.sampled_from([(0,), (1, 0, 1)])},
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
