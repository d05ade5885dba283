"""One palette for every picture: Okabe and Ito's colours, and with each a dash and a marker, so colour is never alone.

A method's look follows its place in the registry among methods of its sort; prompts are solid, weights dashed, controls grey.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tutor.methods import METHODS, AbstractMethod
from tutor.methods.retrieval import PIPELINES

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
class LineLook:
    """How one label is drawn everywhere: line colour, dash and marker."""

    colour: str
    dash: str = "solid"
    marker: str = "circle"

    @property
    def line(self) -> dict:
        return {"color": self.colour, "dash": self.dash, "width": 2.5}


@dataclass(frozen=True)
class Family:
    """Looks of methods of one sort, in the order of the registry; more methods than looks get them again with other dashes and open
    markers."""

    looks: tuple[LineLook, ...]

    def nth(self, place: int) -> LineLook:
        """The look of the method at this place in its family: twelve times as many as it has looks are told apart."""
        again, at = divmod(place, len(self.looks))
        first = self.looks[at]
        dash = _DASHES[(_DASHES.index(first.dash) + again) % len(_DASHES)]
        return LineLook(first.colour, dash, first.marker + ("-open" if (again + again // len(_DASHES)) % 2 else ""))


_DASHES = ("solid", "longdash", "dash", "longdashdot", "dot", "dashdot")

_CONTROLS = Family((LineLook(GREY, "longdashdot", "x"), LineLook(PALE, "dashdot", "cross")))
_PROMPTS = Family((
    LineLook(AMBER, "solid", "square"),
    LineLook(GREEN, "solid", "diamond"),
    LineLook(PINK, "solid", "triangle-up"),
    LineLook(BLUE, "solid", "circle"),
    LineLook(SKY, "solid", "star-diamond"),
    LineLook(OLIVE, "solid", "bowtie"),
    LineLook(BROWN, "solid", "hourglass"),
    LineLook(VIOLET, "solid", "pentagon"),
))
_WEIGHTS = Family((
    LineLook(SKY, "dash", "triangle-down"),
    LineLook(OLIVE, "dash", "triangle-left"),
    LineLook(BROWN, "dash", "triangle-right"),
    LineLook(VERMILION, "dash", "star"),
    LineLook(GREEN, "dash", "hexagon"),
))
_PIPELINES = Family(
    (LineLook(VIOLET, "dot", "circle-cross"), LineLook(BROWN, "dot", "square-cross"), LineLook(SKY, "dot", "diamond-cross"))
)


def looks_of(methods: Mapping[str, type[AbstractMethod]], pipelines: Mapping[str, type[AbstractMethod]]) -> dict[str, LineLook]:
    """A look for the label of every registered method: its family's, by its place among the methods of that family."""
    found, taken = {}, Counter()
    for kind, method in {**methods, **pipelines}.items():
        family = _PIPELINES if kind in pipelines else _CONTROLS if method.is_control else _WEIGHTS if method.changes_weights else _PROMPTS
        found[method.label] = family.nth(taken[family])
        taken[family] += 1
    return found


_LOOKS = {
    "TargetBayes": LineLook(INK),
    "PreBayes": LineLook(INK, "dash"),
    "PreBayesPT": LineLook(INK, "dot"),
    "Oracle": LineLook(INK, "longdash"),
    "best pseudo-flips": LineLook(GREY, "dashdot", "diamond-tall"),
    "no prompt": LineLook(BLUE, "dash", "circle-open"),
    "your prompt": LineLook(VERMILION),
    "heads": LineLook(HEADS),
    "tails": LineLook(TAILS),
} | looks_of(METHODS, PIPELINES)

_PLACES = {label: place for place, label in enumerate(_LOOKS)}
_STRANGERS = (BLUE, VERMILION, GREEN, PINK, AMBER, VIOLET, BROWN, OLIVE)
_VARIANTS = ("solid", "dot", "dash", "longdashdot")


def look_of(label: str, place: int = 0, *, of: str = "") -> LineLook:
    """The look of a method or an exact baseline; a variant `of` one has its colour, and a dash by `place`.

    Anything else gets the colour of its `place` in the picture.
    """
    known = _LOOKS.get(of or label)
    if known is None:
        return LineLook(_STRANGERS[place % len(_STRANGERS)])
    return known if of in ("", label) else replace(known, dash=_VARIANTS[place % len(_VARIANTS)])


def sort_key(label: str) -> int:
    """Where a method or an exact baseline stands among others: exact baselines, then the registry, then whatever is neither."""
    return _PLACES.get(label, len(_PLACES))


def fade_colour(colour: str, share: float) -> str:
    """The colour as an rgba string that lets the page through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {share})"
