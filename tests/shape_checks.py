"""Shape checks that cost something only where there is a shape: every other signature is checked by beartype alone.

The hook of jaxtyping (`--jaxtyping-packages`) binds the arguments of every call twice and checks them in two functions of its own, so that
letters such as B mean one number throughout a signature. A signature without a shape needs none of that: what is left is whether each value
is of the type that is written there, which beartype asks at a fraction of the price.
"""

import functools
import inspect
from types import FunctionType
from typing import get_args

import beartype
import jaxtyping
from jaxtyping import _decorator

with_shapes = _decorator.jaxtyped
as_type_errors = beartype.beartype(conf=beartype.BeartypeConf(violation_type=jaxtyping.TypeCheckError))
"""Both ways of checking raise the same error, a TypeError, as Python itself does for most values of a wrong type."""


def has_shape(annotation: object) -> bool:
    """Whether an array with named axes is written somewhere in this annotation."""
    return (inspect.isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray)) or any(map(has_shape, get_args(annotation)))


def read_annotations(function: FunctionType) -> dict[str, object]:
    """Annotations by name; text is looked up, and a name that exists for type checkers alone admits anything, as in jaxtyping."""
    return {name: _decorator._destring_annotation(written, function.__globals__) for name, written in function.__annotations__.items()}


def check_calls(function=None, *, typechecker=None):
    """Stand in for `jaxtyping.jaxtyped`: the same checks, without the search for shapes where the signature has none."""
    if function is None:
        return functools.partial(check_calls, typechecker=typechecker)
    if not isinstance(function, FunctionType) or typechecker is None:
        return with_shapes(function, typechecker=typechecker)
    annotations = read_annotations(function)
    if any(map(has_shape, annotations.values())):
        return with_shapes(function, typechecker=typechecker)
    written, function.__annotations__ = function.__annotations__, annotations
    checked = as_type_errors(function)
    function.__annotations__ = checked.__annotations__ = written           # which is what help() and typer read
    return checked


def install() -> None:
    """Let the hook decorate with `check_calls`, before the package is imported."""
    jaxtyping.jaxtyped = _decorator.jaxtyped = check_calls
