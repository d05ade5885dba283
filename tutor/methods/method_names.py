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


def name_method(label: str, of: str = "") -> str:
    """Return the name in words of a label; any other text is returned as it is.

    Parameters
    ----------
    label
        Label of a method or exact reference, or one that goes on with settings: "SoftPT (length 6)" of "SoftPT" is
        "soft prompt (length 6)".
    of
        The label without the settings; "" where there are none.
    """
    known = of or label
    return list_names().get(known, known) + label[len(known):] if label[:len(known)] == known else label


def tag_method(label: str) -> str:
    """Return the label of a method or exact reference, which is its tag; "" for any other text."""
    return label if label in list_names() else ""


def title_method(label: str, of: str = "") -> str:
    """Return name and tag for lists to choose from, "soft prompt · SoftPT (length 6)"; parameters are those of `name_method`."""
    return f"{name_method(of or label)} · {label}" if name_method(label, of) != label else label
