"""How results print in a notebook: one line, arrays as their shape."""

from dataclasses import fields
from typing import Any

LONGEST, FEW = 60, 4


class BriefRepr:
    """Gives a dataclass (declared with `repr=False`) a representation of one line."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{one.name}={brief(getattr(self, one.name))}' for one in fields(self))})"


def brief(value: Any) -> str:
    """A value in a few characters: a large array or tensor as `float64 [20, 200]`, a long collection as its size."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        if 0 < len(value.shape) == 1 and len(value) <= FEW:
            return f"[{', '.join(f'{number:.4g}' for number in value.tolist())}]"
        return f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = repr(value)
    if isinstance(value, list | tuple | dict | set) and len(text) > LONGEST:
        return f"{len(value)} items"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
