"""What methods are called in words, for pictures, lists and tables; the papers' labels are their tags.

A method that has no name in words keeps its label.
"""

from functools import lru_cache

from tutor.methods import METHODS
from tutor.methods.retrieval import PIPELINES

REFERENCES = {
    "TargetBayes": "best possible",
    "PreBayes": "ideal, no prompt",
    "PreBayesPT": "ideal, best flips",
    "Oracle": "knows the coin",
}
"""Exact references by their labels, in words."""


@lru_cache
def list_names() -> dict[str, str]:
    """Map the label of every method and exact reference to its name in words."""
    return REFERENCES | {method.label: method.in_words or method.label for method in (METHODS | PIPELINES).values()}


def name_method(label: str) -> str:
    """Return the name in words of a label, which may go on with settings: "SoftPT (length 6)" is "soft prompt (length 6)".

    Any other text is returned as it is.
    """
    code, gap, settings = label.partition(" (")
    return f"{list_names().get(code, code)}{gap}{settings}"


def tag_method(label: str) -> str:
    """Return the paper's label of a method or exact reference, without settings; "" for any other text."""
    code = label.partition(" (")[0]
    return code if code in list_names() else ""


def title_method(label: str) -> str:
    """Return name and tag for lists to choose from: "soft prompt · SoftPT (length 6)"; only the label where both are the same."""
    code, gap, settings = label.partition(" (")
    name = list_names().get(code, code)
    return f"{name} · {label}" if name != code else f"{code}{gap}{settings}"
