"""Looks of prompts by where they come from: a colour per family, a dash and a marker per member."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tutor.figures.palette import AMBER, BLUE, GREEN, PINK, VERMILION, LineLook, look_of
from tutor.methods.priors import PRIORS, AbstractPrior

DASHES = ("solid", "dot", "dash", "dashdot")
MARKERS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagon", "cross", "triangle-down")
FAMILIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "around zero": (BLUE, ("circle", "square")),
    "cloud": (GREEN, ("diamond", "triangle-up", "pentagon", "star")),
    "words": (PINK, ("hexagon", "cross")),
    "far": (VERMILION, ("triangle-down",)),
    "other": (AMBER, ("hourglass", "bowtie")),
}
"""Colour and markers of a family of priors; its members have them in the order of the registry, then open, then with a dot."""
_VARIED = ("", "-open", "-dot", "-open-dot")


def looks_of(registered: Iterable[type[AbstractPrior]]) -> dict[str, LineLook]:
    """A look for the label of every prior: its family's colour, a dash and a marker by its place in the family."""
    found, taken = {}, Counter()
    for prior in registered:
        colour, markers = FAMILIES[prior.family]
        again, at = divmod(taken[prior.family], len(markers))
        found[prior.label] = LineLook(colour, DASHES[taken[prior.family] % len(DASHES)], markers[at] + _VARIED[again % len(_VARIED)])
        taken[prior.family] += 1
    return found


OF_PRIORS = looks_of(PRIORS.values())


def assign_looks(names: Sequence[str], like: Mapping[str, str] | None = None) -> Mapping[str, LineLook]:
    """A look for each of these: a prior has its own in every picture; any other shares the colour of the one that it is `like`."""
    first = {name: (like or {}).get(name, name) for name in names}
    stems = list(dict.fromkeys(first.values()))
    found, members = {}, dict.fromkeys(stems, 0)
    for place, (name, stem) in enumerate(first.items()):
        known = OF_PRIORS.get(name) or replace(look_of(stem, stems.index(stem)), marker=MARKERS[place % len(MARKERS)])
        found[name] = known if name in OF_PRIORS else replace(known, dash=DASHES[members[stem] % len(DASHES)])
        members[stem] += 1
    return found
