"""Looks of prompts by where they come from: a colour per family, a dash and a marker per member."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tutor import priors
from tutor.figures.palette import BLUE, GREEN, PINK, VERMILION, Look, look

DASHES = ("solid", "dot", "dash", "dashdot")
MARKERS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagon", "cross", "triangle-down")
FAMILIES = {
    BLUE: (priors.Isotropic, priors.Xavier),
    GREEN: (priors.Fitted, priors.Exclusion, priors.Interpolation, priors.VAE),
    PINK: (priors.Vocabulary, priors.Words),
    VERMILION: (priors.Far,),
}
"""Around zero, shaped as a cloud, on words, far away."""
_MEMBERS = [(colour, DASHES[place], prior.label) for colour, family in FAMILIES.items() for place, prior in enumerate(family)]
OF_PRIORS = {label: Look(colour, dash, MARKERS[place]) for place, (colour, dash, label) in enumerate(_MEMBERS)}


def looks(names: Sequence[str]) -> Mapping[str, Look]:
    """A look for each of these: a prior has its own in every picture; of others "from A" and "from A, shuffled" share a colour."""
    stems = list(dict.fromkeys(name.partition(", ")[0] for name in names))
    found, members = {}, dict.fromkeys(stems, 0)
    for place, name in enumerate(names):
        stem = name.partition(", ")[0]
        known = OF_PRIORS.get(name) or replace(look(stem, stems.index(stem)), marker=MARKERS[place % len(MARKERS)])
        found[name] = known if name in OF_PRIORS else replace(known, dash=DASHES[members[stem] % len(DASHES)])
        members[stem] += 1
    return found
