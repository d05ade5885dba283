"""Forms that nobody wrote: a specification's own fields become widgets, its own checks become one sentence beside them.

Every widget is bound to the address under `key`, so a link carries the settings; nonsense in a link reads as the default.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tutor.core.field_types import is_tag, kind_of
from tutor.core.spec_errors import SpecError
from tutor.methods import METHODS, AbstractMethod
from tutor.predictors import BODIES, AbstractBody
from tutor.sources import PRESETS, SOURCES, AbstractExchangeable, AbstractSource
from tutor.training.recipe import Recipe
from tutor.ui.widgets.forms import bag_editor
from tutor.ui.widgets.forms.spec_fields import ABSENT, FieldError, ask_field, field_kinds, is_advanced, is_part

T = TypeVar("T", bound=BaseModel)
Hiding = Callable[[type[BaseModel]], Collection[str]] | None

NOT_SET = "not set"
OWN, BAG = "My own", "A bag of coins, drawn by me"
RECIPES: dict[str, Callable[[], Recipe]] = {"Fast": Recipe.fast, "Paper": Recipe.paper}
TUNING_RECIPES: dict[str, Callable[[], Recipe]] = {"Fast": Recipe.fast_tuning, "Paper": Recipe.paper_tuning}


def ask_fields(model: type[T], key: str, defaults: T | None = None, *, hide: Collection[str] = ()) -> T | None:
    """Draw a widget for every field of `model` and return the instance; None, with one sentence on the page, where a value is not allowed.

    Parameters
    ----------
    key
        Prefix of the widgets' keys and of their names in the address: `<key>_<field>`.
    defaults
        Initial values; None takes the model's defaults.
    hide
        Fields that are not asked for and keep the model's defaults.
    """
    try:
        return model.model_validate(_answers(model, key, defaults or model(), frozenset(hide)))
    except (SpecError, FieldError) as error:
        st.error(_capital(str(error)))
    return None


def ask_kind(registry: Mapping[str, type[T]], key: str, label: str, default: str | None = None, *, hide: Hiding = None) -> T | None:
    """Draw the choice of a kind from a registry and the form of its fields; None where a field is wrong.

    Parameters
    ----------
    key
        Name of the kind in the address; its fields stand there under `<key>_<kind>_<field>`.
    default
        Kind to start with; None takes the first.
    hide
        Returns the fields of a kind that are not asked for.
    """
    kinds = list(registry)
    kind = st.selectbox(label, kinds, index=kinds.index(default) if default else 0, format_func=lambda kind: kind_title(registry[kind]),
                        key=key, bind="query-params")
    st.caption(_first_line(registry[kind]))
    return ask_fields(registry[kind], f"{key}_{kind}", hide=hide(registry[kind]) if hide else ())


def ask_preset(
    ready: Mapping[str, T], own: Mapping[str, Callable[[], T | None]], key: str, label: str, default: str | None = None
) -> T | None:
    """Draw the choice of a ready specification, or of a form with which the visitor makes one.

    Parameters
    ----------
    ready
        Specifications by name.
    own
        Functions by name that draw a form and return its specification, None where a field is wrong.
    key
        Name of the choice in the address.
    default
        Name to start with; None takes the first.
    """
    names = [*ready, *own]
    name = st.selectbox(label, names, index=names.index(default) if default else 0, key=key, bind="query-params")
    return own[name]() if name in own else ready[name]


def kinds_of(family: type[AbstractSource]) -> dict[str, type[AbstractSource]]:
    """Registered sources of a family whose sequences may have any length, by kind."""
    return {kind: cls for kind, cls in SOURCES.items() if issubclass(cls, family) and cls().natural_length is None}


def ask_source(key: str, label: str = "Source", default: str | None = None, *,
           family: type[AbstractSource] = AbstractExchangeable) -> AbstractSource | None:
    """Draw the choice of a source: a preset, a bag of coins, or any registered kind of `family` with the visitor's own numbers.

    Parameters
    ----------
    key
        Name of the choice in the address, and prefix of the names of everything below it.
    default
        Name of the preset to start with; None takes the first.
    family
        AbstractExchangeable where the page counts flips exactly, AbstractSolved where it only needs an ideal predictor.
    """
    own = {BAG: lambda: bag_editor.ask_bag(f"{key}_drawn"), OWN: lambda: ask_kind(kinds_of(family), f"{key}_kind", "Kind of source")}
    return ask_preset(PRESETS, own, key, label, default)


def ask_body(key: str, label: str = "Network") -> AbstractBody | None:
    """Draw the choice of an architecture and its sizes; None where a field is wrong. `key` is as in `ask_kind`."""
    return ask_kind(BODIES, key, label)


def ask_recipe(key: str, label: str = "Training", presets: Mapping[str, Callable[[], Recipe]] | None = None) -> Recipe | None:
    """Draw the choice of a training recipe: one of `presets` (None: fast or paper), or the visitor's own, which starts from the first."""
    ready = {name: make() for name, make in (presets or RECIPES).items()}
    first = next(iter(ready.values()))
    return ask_preset(ready, {OWN: lambda: ask_fields(Recipe, f"{key}_own", first, hide={"changes"})}, key, label)


def ask_method(key: str, label: str = "Method", on: AbstractBody | None = None, default: str | None = None) -> AbstractMethod | None:
    """Draw the choice of a tuning method and its fields; None where a field is wrong.

    Parameters
    ----------
    on
        The network to tune; fields that do not apply to it are hidden. None hides nothing.
    """
    return ask_kind(METHODS, key, label, default, hide=(lambda kind: kind.model_construct().absent_fields(on)) if on else None)


def kind_title(model: type[BaseModel]) -> str:
    """Title of a kind in a list of choices: its label, else its class name split into words."""
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
            if field_kinds(info):
                answers[name] = _one_kind(name, info, f"{key}_{name}", default)
            elif is_part(info):
                answers[name] = _answers(type(default), f"{key}_{name}", default, frozenset())
            else:
                answers[name] = ask_field(name, info, f"{key}_{name}", default)
    return answers


def _one_kind(name: str, info: FieldInfo, key: str, default: BaseModel | None) -> dict[str, Any] | Any:
    """Ask which of several kinds of specification, and for its fields; ABSENT where a field that may stay empty does."""
    options = {kind_title(cls): cls for cls in field_kinds(info).values()}
    names = [*([] if info.is_required() or info.default is not None else [NOT_SET]), *options]
    first = names.index(kind_title(type(default))) if default is not None else 0
    label = name.replace("_", " ")
    chosen = st.selectbox(label, names, index=first, key=key, bind="query-params", help=info.description, width=220)
    if chosen == NOT_SET:
        return ABSENT
    model = options[chosen]
    start = default if type(default) is model else model()
    return {"kind": kind_of(model)} | _answers(model, f"{key}_{kind_of(model)}", start, frozenset())


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
