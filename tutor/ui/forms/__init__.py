"""Forms that nobody wrote: a specification's own fields become widgets, its own checks become one sentence beside them.

Every widget is bound to the address under `key`, so a link carries the settings; nonsense in a link reads as the default.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from tutor.methods import METHODS, AbstractMethod
from tutor.predictors import BODIES, AbstractBody
from tutor.recipe import Recipe
from tutor.sources import PRESETS, SOURCES, AbstractExchangeable, AbstractSource
from tutor.spec import sentence
from tutor.ui.forms import bags
from tutor.ui.forms.fields import ABSENT, Unreadable, ask, is_advanced, is_part, is_tag, kinds

T = TypeVar("T", bound=BaseModel)
Hiding = Callable[[type[BaseModel]], Collection[str]] | None

NOT_SET = "not set"
OWN, BAG = "My own", "A bag of coins, drawn by me"
RECIPES: dict[str, Callable[[], Recipe]] = {"Fast": Recipe.fast, "Paper": Recipe.paper}
TUNING_RECIPES: dict[str, Callable[[], Recipe]] = {"Fast": Recipe.fast_tuning, "Paper": Recipe.paper_tuning}


def form(model: type[T], key: str, defaults: T | None = None, *, hide: Collection[str] = ()) -> T | None:
    """Ask for every field of `model` and return the instance, or show one sentence that says what is wrong and return None.

    defaults: where the widgets start (the model's own defaults otherwise). hide: fields that do not apply here and are not given.
    """
    try:
        return model.model_validate(_answers(model, key, defaults or model(), frozenset(hide)))
    except ValidationError as error:
        st.error(_capital(sentence(error)))
    except Unreadable as error:
        st.error(_capital(str(error)))
    return None


def choice(registry: Mapping[str, type[T]], key: str, label: str, default: str | None = None, *, hide: Hiding = None) -> T | None:
    """Pick one kind of a registry and fill in its form; None while something is wrong.

    hide: says of a kind which of its fields do not apply here.
    """
    kinds = list(registry)
    kind = st.selectbox(label, kinds, index=kinds.index(default) if default else 0, format_func=lambda kind: title(registry[kind]),
                        key=key, bind="query-params")
    st.caption(_first_line(registry[kind]))
    return form(registry[kind], f"{key}_{kind}", hide=hide(registry[kind]) if hide else ())


def preset(ready: Mapping[str, T], own: Mapping[str, Callable[[], T | None]], key: str, label: str, default: str | None = None) -> T | None:
    """One of several ready specifications by name, or one that the visitor makes with the form of that name in `own`."""
    names = [*ready, *own]
    name = st.selectbox(label, names, index=names.index(default) if default else 0, key=key, bind="query-params")
    return own[name]() if name in own else ready[name]


COINS = {kind: cls for kind, cls in SOURCES.items() if issubclass(cls, AbstractExchangeable)}


def source(key: str, label: str = "Source", default: str | None = None) -> AbstractSource | None:
    """A source of flips: one of the named ones, or any kind of the coin family with the visitor's own numbers."""
    return preset(PRESETS, {BAG: lambda: bags.ask(f"{key}_drawn"), OWN: lambda: choice(COINS, f"{key}_kind", "Kind of source")}, key, label, default)


def body(key: str, label: str = "Network") -> AbstractBody | None:
    """An architecture and its sizes."""
    return choice(BODIES, key, label)


def recipe(key: str, label: str = "Training", presets: Mapping[str, Callable[[], Recipe]] | None = None) -> Recipe | None:
    """How to optimise: the fast or the paper's recipe, or one's own, which starts from the fast one."""
    ready = {name: make() for name, make in (presets or RECIPES).items()}
    first = next(iter(ready.values()))
    return preset(ready, {OWN: lambda: form(Recipe, f"{key}_own", first, hide={"changes"})}, key, label)


def method(key: str, label: str = "Method", on: AbstractBody | None = None, default: str | None = None) -> AbstractMethod | None:
    """A tuning method; fields that do not apply to the network `on` are not asked for."""
    return choice(METHODS, key, label, default, hide=(lambda kind: kind.model_construct().absent_fields(on)) if on else None)


def title(model: type[BaseModel]) -> str:
    """What a kind is called: its label, else its class name as words."""
    label = getattr(model, "label", None)
    return label if isinstance(label, str) else re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f" {letter[0].lower()}", model.__name__)


def _answers(model: type[BaseModel], key: str, defaults: BaseModel, hide: frozenset[str]) -> dict[str, Any]:
    asked = {name: info for name, info in model.model_fields.items() if name not in hide and not is_tag(info)}
    first = {name: info for name, info in asked.items() if not is_advanced(info)}
    later = {name: info for name, info in asked.items() if is_advanced(info)}
    answers = _row(first, key, defaults)
    if later:
        with st.expander("More settings"):
            answers |= _row(later, key, defaults)
    return {name: value for name, value in answers.items() if value is not ABSENT}


def _row(asked: Mapping[str, Any], key: str, defaults: BaseModel) -> dict[str, Any]:
    answers = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, info in asked.items():
            default = getattr(defaults, name)
            if kinds(info):
                answers[name] = _one_kind(name, info, f"{key}_{name}", default)
            elif is_part(info):
                answers[name] = _answers(type(default), f"{key}_{name}", default, frozenset())
            else:
                answers[name] = ask(name, info, f"{key}_{name}", default)
    return answers


def _one_kind(name: str, info: FieldInfo, key: str, default: BaseModel | None) -> dict[str, Any] | Any:
    """Ask which of several kinds of specification, and for its fields; ABSENT where a field that may stay empty does."""
    options = {title(cls): cls for cls in kinds(info).values()}
    names = [*([] if info.is_required() or info.default is not None else [NOT_SET]), *options]
    first = names.index(title(type(default))) if default is not None else 0
    label = name.replace("_", " ")
    chosen = st.selectbox(label, names, index=first, key=key, bind="query-params", help=info.description, width=220)
    if chosen == NOT_SET:
        return ABSENT
    model = options[chosen]
    start = default if type(default) is model else model()
    return {"kind": model.model_fields["kind"].default} | _answers(model, f"{key}_{model.model_fields['kind'].default}", start, frozenset())


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
