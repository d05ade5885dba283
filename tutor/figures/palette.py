"""One palette for every picture: Okabe and Ito's colours, and with each a dash and a marker, so colour is never alone.

A method's look follows its place in the registry; prompts are solid, weights dashed, baselines grey.
"""

import re
from dataclasses import dataclass, replace

from tutor.methods import METHODS
from tutor.retrieval import PIPELINES

BLUE, VERMILION, GREEN, PINK, AMBER, SKY, OLIVE, VIOLET, BROWN, GREY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#B5538C",
    "#A36A00",
    "#3A8FC4",
    "#7A6F00",
    "#5A3E9B",
    "#7A4A2B",
    "#4D5560",
)
INK, PALE = "#000000", "#8A93A0"
"""Black becomes the page's text colour; the pale grey is seen on light and on dark."""
RED = "#C8102E"
"""The end of a prompt, in every picture of states, and nothing else."""

HEADS, TAILS = VERMILION, BLUE

STEPS = [[0.0, "#3B528B"], [0.35, "#21918C"], [0.7, "#5EC962"], [1.0, "#FDE725"]]
"""Viridis without its darkest end, which would vanish on a dark page."""
SHARES = [[0.0, TAILS], [0.5, "#B9BEC6"], [1.0, HEADS]]
"""Diverging around one half: tails to heads."""


@dataclass(frozen=True)
class Look:
    """How one label is drawn everywhere: line colour, dash and marker."""

    colour: str
    dash: str = "solid"
    marker: str = "circle"

    @property
    def line(self) -> dict:
        return {"color": self.colour, "dash": self.dash, "width": 2.5}


_BY_PLACE = (
    Look(GREY, "longdashdot", "x"),
    Look(PALE, "dashdot", "cross"),
    Look(AMBER, "solid", "square"),
    Look(GREEN, "solid", "diamond"),
    Look(PINK, "solid", "triangle-up"),
    Look(BLUE, "solid", "circle"),
    Look(SKY, "solid", "star-diamond"),
    Look(OLIVE, "solid", "bowtie"),
    Look(BROWN, "solid", "hourglass"),
    Look(VIOLET, "solid", "pentagon"),
    Look(SKY, "dash", "triangle-down"),
    Look(OLIVE, "dash", "triangle-left"),
    Look(BROWN, "dash", "triangle-right"),
    Look(VERMILION, "dash", "star"),
    Look(GREEN, "dash", "hexagon"),
)

_BY_PIPELINE = (Look(VIOLET, "dot", "circle-cross"), Look(BROWN, "dot", "square-cross"), Look(SKY, "dot", "diamond-cross"))

_LOOKS = {
    "TargetBayes": Look(INK),
    "PreBayes": Look(INK, "dash"),
    "PreBayesPT": Look(INK, "dot"),
    "Oracle": Look(INK, "longdash"),
    "best pseudo-flips": Look(GREY, "dashdot", "diamond-tall"),
    "no prompt": Look(BLUE, "dash", "circle-open"),
    "your prompt": Look(VERMILION),
} | {method.label: _BY_PLACE[place % len(_BY_PLACE)] for place, method in enumerate(METHODS.values())}
_LOOKS |= {pipeline.label: _BY_PIPELINE[place % len(_BY_PIPELINE)] for place, pipeline in enumerate(PIPELINES.values())}

_PLACES = {label: place for place, label in enumerate(_LOOKS)}
_STRANGERS = (BLUE, VERMILION, GREEN, PINK, AMBER, VIOLET, BROWN, OLIVE)
_VARIANTS = ("solid", "dot", "dash", "longdashdot")


def look(label: str, place: int = 0) -> Look:
    """The look of a method or an exact baseline; "SoftPT (length 25)" is a variant of SoftPT, with a dash by `place`.

    Anything else gets the colour of its `place` in the picture.
    """
    name, bracket, _ = label.partition(" (")
    if name not in _LOOKS:
        return Look(_STRANGERS[place % len(_STRANGERS)])
    return replace(_LOOKS[name], dash=_VARIANTS[place % len(_VARIANTS)]) if bracket else _LOOKS[name]


def place(label: str) -> tuple[int, int, str]:
    """A key to sort labels by: exact baselines, then the registry, then strangers; variants by their first number."""
    number = re.search(r"\d+", label)
    return _PLACES.get(label.partition(" (")[0], len(_PLACES)), int(number[0]) if number else 0, label


def faded(colour: str, share: float) -> str:
    """The colour as an rgba string that lets the page through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {share})"
