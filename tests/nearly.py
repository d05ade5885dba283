"""Equality of nested results whose numbers were computed on another processor."""

import math

RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""How far numbers may lie apart: processors sum in other orders, and single precision keeps seven digits of what is then subtracted."""


def find_difference(found, kept, place: str = "") -> str:
    """Say where two structures of JSON differ by more than rounding; empty if nowhere. Texts, whole numbers and shapes must be equal."""
    if isinstance(found, float) and isinstance(kept, float):
        near = math.isclose(found, kept, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(found) and math.isnan(kept))
        return "" if near else f"{place}: {found!r} and {kept!r}"
    if isinstance(found, dict) and isinstance(kept, dict) and found.keys() == kept.keys():
        pairs = [(key, found[key], kept[key]) for key in kept]
    elif isinstance(found, list) and isinstance(kept, list) and len(found) == len(kept):
        pairs = [(index, *pair) for index, pair in enumerate(zip(found, kept, strict=True))]
    else:
        return "" if found == kept else f"{place}: {found!r} and {kept!r}"
    return next(filter(None, (find_difference(one, other, f"{place}/{name}") for name, one, other in pairs)), "")
