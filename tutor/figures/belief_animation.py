"""The film of beliefs as an animated GIF: the same scenes as in the browser, drawn with Pillow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont

from tutor.analysis.belief_film import BeliefFilm
from tutor.analysis.film_clock import FilmClock, make_clock, place_at
from tutor.figures.palette import GREEN, HEADS, RED, TAILS

WIDE, TALL = 800, 450
"""Pixels of the picture."""
RATE = 8
"""Pictures in a second."""
TOP = 260.0
"""Flips at the upper edge."""
LEFT, RIGHT, UPPER, LOWER = 74, WIDE - 24, 76, TALL - 58
TICKS, SHARES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0), (0.0, 0.25, 0.5, 0.75, 1.0)
PAPER, INK, SOFT, GRID = "#FFFFFF", "#14171C", "#59636E", "#E7EAEE"


def write_gif(film: BeliefFilm, path: Path, on_share: Callable[[float], None] = lambda share: None) -> None:
    """Write the film as an animated GIF that plays for ever.

    Parameters
    ----------
    path
        File to write; an existing one is replaced when all pictures are drawn.
    on_share
        Called with the share of the pictures that are drawn.
    """
    first, *rest = _pictures(film, on_share)
    part = path.with_name(f".{path.name}.tmp")
    first.save(part, format="GIF", save_all=True, append_images=rest, duration=1000 // RATE, loop=0, optimize=True)
    part.replace(path)


def _pictures(film: BeliefFilm, on_share: Callable[[float], None]) -> Iterator[Image.Image]:
    count, clock = int(film.scenes()[-1].until * RATE), make_clock(film)
    for number in range(count):
        yield draw_moment(film, number / RATE, clock).quantize(48, dither=Image.Dither.NONE)
        on_share((number + 1) / count)


def draw_moment(film: BeliefFilm, seconds: float, clock: FilmClock) -> Image.Image:
    """Draw what the film shows at a time (seconds) by its clock."""
    picture = Image.new("RGB", (WIDE, TALL), PAPER)
    pen, scenes = ImageDraw.Draw(picture), film.scenes()
    fanned, prompted = scenes[2].until, scenes[3].until
    _axes(pen)
    _cloud(pen, film, place_at(clock.training, seconds), coloured=seconds < fanned)
    if seconds >= fanned:
        points, keys = (film.hard, clock.hard) if seconds < prompted or not clock.walk else (film.walk, clock.walk)
        _coin(pen, film.coin)
        _path(pen, walk_along(points, place_at(keys, seconds)))
    caption = next((scene.say for scene in scenes if seconds < scene.until), scenes[-1].say)
    pen.rectangle((0, 0, WIDE, 44), fill=INK)
    pen.text((WIDE / 2, 22), caption, font=_font(17), fill=PAPER, anchor="mm")
    return picture


def expectations_at(film: BeliefFilm, place: float) -> Float[np.ndarray, "B T1"]:
    """What the network expects at a moment of its training, with a fraction between two."""
    moment = min(int(place), len(film.expects) - 2)
    return film.expects[moment] + (film.expects[moment + 1] - film.expects[moment]) * (place - moment)


def walk_along(points: Float[np.ndarray, "S 2"], place: float) -> Float[np.ndarray, "S2 2"]:
    """The beginning of a path of beliefs, up to a place (with a fraction); flips are walked in their logarithm, as they are drawn."""
    whole = int(place)
    walked = points[:whole + 1]
    if place == whole:
        return walked
    (x, y), (to_x, to_y) = points[whole], points[whole + 1]
    rest = place - whole
    between = [x + (to_x - x) * rest, np.expm1(np.log1p(y) + (np.log1p(to_y) - np.log1p(y)) * rest)]
    return np.concatenate([walked, [between]])


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _across(expects: float) -> float:
    return LEFT + expects * (RIGHT - LEFT)


def _up(flips: float) -> float:
    return LOWER + min(1.02, np.log1p(max(0.0, flips)) / np.log1p(TOP)) * (UPPER - LOWER)


def _axes(pen: ImageDraw.ImageDraw) -> None:
    for flips in TICKS:
        pen.line((LEFT, _up(flips), RIGHT, _up(flips)), fill=GRID)
        pen.text((LEFT - 10, _up(flips)), f"{flips:.0f}", font=_font(14), fill=SOFT, anchor="rm")
    for share in SHARES:
        pen.text((_across(share), LOWER + 16), f"{share:.0%}", font=_font(14), fill=SOFT, anchor="mm")
    pen.text((_across(0.5), TALL - 16), "how often it expects heads", font=_font(15), fill=SOFT, anchor="mm")
    pen.text((10, UPPER - 16), "flips it acts as if it had seen", font=_font(15), fill=SOFT, anchor="lm")


def _cloud(pen: ImageDraw.ImageDraw, film: BeliefFilm, place: float, *, coloured: bool) -> None:
    expects = expectations_at(film, place)
    heads = np.pad((film.tokens == 0).cumsum(1), ((0, 0), (1, 0)))[:, :expects.shape[1]]
    flips = np.arange(expects.shape[1])
    ratio = np.where(flips > 0, heads / np.maximum(flips, 1), 0.5)
    for x, y, share in zip(expects.flat, np.tile(flips, len(expects)).astype(float), ratio.flat, strict=True):
        at = _across(x), _up(y)
        pen.ellipse((at[0] - 2, at[1] - 2, at[0] + 2, at[1] + 2), fill=_mixed(round(share, 1)) if coloured else "#A9B0B8")


def _mixed(share: float) -> tuple[int, int, int]:
    """A colour between that of tails and that of heads, paled a little."""
    ends = [[int(colour[at:at + 2], 16) for at in (1, 3, 5)] for colour in (TAILS, HEADS)]
    return tuple(round((a + (b - a) * share) * 0.75 + 64) for a, b in zip(*ends, strict=True))


def _coin(pen: ImageDraw.ImageDraw, coin: float) -> None:
    x = _across(coin)
    for y in range(UPPER, LOWER, 12):
        pen.line((x, y, x, min(y + 7, LOWER)), fill=GREEN, width=2)


def _path(pen: ImageDraw.ImageDraw, points: Float[np.ndarray, "S 2"]) -> None:
    places = [(_across(x), _up(y)) for x, y in points]
    pen.line(places, fill=RED, width=3, joint="curve")
    for x, y in places[:-1]:
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=PAPER, outline=RED, width=2)
    x, y = places[-1]
    pen.ellipse((x - 10, y - 10, x + 10, y + 10), fill=RED, outline=PAPER, width=3)
