"""When a film of beliefs shows what: computed once, for the browser and for the animated GIF.

The film runs by content: the faster the expectations change, the longer its training is shown, whatever the steps between.
"""

from typing import NamedTuple

import numpy as np

from tutor.analysis.belief_film import BeliefFilm, sum_changes

QUIET, REST = 0.03, 1.0
"""Share of the training's change in the first scene, and seconds at the end of a path in which the dot stands still."""

Keys = list[tuple[float, float]]
"""Seconds, and the place that is reached then: a moment of the training or a point of a path, with a fraction between two."""


class FilmClock(NamedTuple):
    """The places of the training, of the hard prompt's path and of the tuning's path over the film; the last is empty without a tuning."""

    training: Keys
    hard: Keys
    walk: Keys


def make_clock(film: BeliefFilm) -> FilmClock:
    """Compute when a film shows what."""
    noise, trained, fanned, prompted, *tuned = (scene.until for scene in film.scenes())
    changes = sum_changes(film.expects)
    shares = changes / (changes[-1] or 1.0)
    seconds = np.interp(shares, [0, QUIET, 1], [0, noise, noise + (1 - QUIET) * (trained - noise)])
    quiet = (float(noise), float(np.interp(QUIET, shares, np.arange(len(shares)))))
    training = sorted([quiet, *zip(seconds.tolist(), map(float, range(len(shares))), strict=True)])
    walk = _pass(prompted, tuned[0], len(film.walk)) if tuned else []
    return FilmClock(training, _pass(fanned, prompted, len(film.hard)), walk)


def place_at(keys: Keys, seconds: float) -> float:
    """Find the place that is reached at a time (seconds)."""
    return float(np.interp(seconds, *zip(*keys, strict=True)))


def _pass(start: int, end: int, points: int) -> Keys:
    """A path that is walked in a scene, and at whose end the dot rests."""
    return [(float(start), 0.0), (end - REST, points - 1.0)]
