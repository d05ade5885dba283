"""The checks that run beside all tests: letters of shapes agree within a call, and every other value is of the type that is written."""

import pytest
import torch
from beartype import beartype
from jaxtyping import Float, TypeCheckError
from shape_checks import check_calls, has_shape
from torch import Tensor


def checked(function):
    return check_calls(typechecker=beartype)(function)


@checked
def add(one: Float[Tensor, "B T"], other: Float[Tensor, "B T"]) -> Float[Tensor, "B T"]:
    return one + other


@checked
def name(number: int, of: "Nowhere") -> str:  # noqa: F821 - a name that only a type checker would know
    return "one" if number == 1 else number


def test_letters_of_a_shape_mean_one_number_in_a_call():
    assert add(torch.ones(2, 3), torch.ones(2, 3)).sum() == 12
    with pytest.raises(TypeCheckError, match="other"):
        add(torch.ones(2, 3), torch.ones(1, 3))


def test_a_signature_without_shapes_is_checked_for_what_comes_in_and_goes_out():
    assert name(1, of=None) == "one"
    with pytest.raises(TypeCheckError, match="number"):
        name("1", of=None)
    with pytest.raises(TypeCheckError, match="return"):
        name(2, of=None)


def test_annotations_stay_as_they_are_written():
    assert name.__annotations__ == {"number": int, "of": "Nowhere", "return": str}


@pytest.mark.parametrize(("annotation", "found"), [
    (int, False), (Tensor, False), (dict[str, list[int]], False), (Float[Tensor, "B T"], True),
    (dict[str, Float[Tensor, "B T"] | None], True),
])
def test_a_shape_is_found_however_deep_it_stands(annotation, found):
    assert has_shape(annotation) is found


def test_the_package_is_checked(request):
    if not request.config.getoption("jaxtyping_packages"):
        pytest.skip("these tests were started without --jaxtyping-packages")
    from tutor.core import losses  # noqa: PLC0415
    from tutor.studies.cost import Capacity  # noqa: PLC0415

    with pytest.raises(TypeCheckError, match="cores"):
        Capacity(cores="two")
    assert any(hasattr(one, "__wrapped__") for one in vars(losses).values() if callable(one))
