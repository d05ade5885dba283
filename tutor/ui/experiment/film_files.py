"""The film of a network as a browser fetches it: one JSON text, with the expectations as whole numbers of 16 bits in base64."""

import base64
import gzip
from functools import lru_cache

import numpy as np
import orjson
from jaxtyping import Float, Integer

from tutor.analysis.belief_film import BeliefFilm, film_of, read_expectations, rounded, spread_coins
from tutor.analysis.film_clock import make_clock
from tutor.ui.run_views import cached_states
from tutor.ui.shell import visitor_runs

STATES = 1800
"""States of the network that the plane of states shows at most."""
DIGITS = 3


@lru_cache(maxsize=8)
def make_film_file(key: str) -> bytes:
    """Make the film of the network of a finished pretraining, as gzipped JSON.

    Raises
    ------
    StoreError
        Where there is no such run, or it has no film of coin flips.
    """
    run = visitor_runs.load_run(key)
    fan = spread_coins()
    told = describe_film(film_of(run)) | _plane(key) | {"fan": describe_points(fan, read_expectations(run.predictor, fan))}
    return gzip.compress(orjson.dumps(told), 6)


def describe_film(film: BeliefFilm) -> dict:
    """Convert a film to what film.js reads."""
    expects = rounded(film)
    numbers = base64.b64encode(expects.astype("<u2").tobytes()).decode()
    sequences = ["".join("HT"[token] for token in row) for row in film.tokens.tolist()]
    return {"steps": film.steps, "shape": expects.shape, "expects": numbers, "sequences": sequences, "coin": film.coin,
            "clock": make_clock(film)._asdict(), "scenes": [[scene.until, scene.say] for scene in film.scenes()],
            "hard": film.hard.round(DIGITS).tolist(), "walk": film.walk.round(DIGITS).tolist()}


def describe_points(tokens: Integer[np.ndarray, "B T"], expects: Float[np.ndarray, "B T1"]) -> list[tuple[float, int, int]]:
    """Make the grey points of a map: what is expected after so many flips, of which so many were heads."""
    heads = np.pad((tokens == 0).cumsum(1), ((0, 0), (1, 0)))
    flips = np.tile(np.arange(expects.shape[1]), (len(expects), 1))
    return list(zip(*(values.ravel().tolist() for values in (expects.round(DIGITS), flips, heads)), strict=True))


def _plane(key: str) -> dict:
    """States of the finished network in the plane of its first two components, and the share of heads that each has read."""
    cloud = cached_states.state_cloud(key)
    points, ratio = cloud.coordinates[..., :2].reshape(-1, 2), cloud.seen.ratio.reshape(-1)
    some = np.linspace(0, len(points) - 1, min(STATES, len(points))).astype(int)
    return {"states": points[some].round(DIGITS).tolist(), "state_shares": ratio[some].round(DIGITS).tolist()}
