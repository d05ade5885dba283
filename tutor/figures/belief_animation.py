"""The film of beliefs as an animated GIF: the same scenes as in the browser, drawn with Pillow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from tutor.analysis.belief_film import BeliefFilm
from tutor.analysis.film_clock import FilmClock, make_clock, place_at
from tutor.figures.belief_drawing import INK, PAPER, MapArea, draw_axes, draw_cloud, draw_coin, draw_path, load_font

WIDE, TALL = 800, 450
"""Pixels of the picture."""
RATE = 8
"""Pictures in a second."""
AREA = MapArea(74, WIDE - 24, 76, TALL - 58)


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
    draw_axes(pen, AREA)
    draw_cloud(pen, AREA, expectations_at(film, place_at(clock.training, seconds)), film.tokens, coloured=seconds < fanned)
    if seconds >= fanned:
        points, keys = (film.hard, clock.hard) if seconds < prompted or not clock.walk else (film.walk, clock.walk)
        draw_coin(pen, AREA, film.coin)
        draw_path(pen, AREA, walk_along(points, place_at(keys, seconds)))
    caption = next((scene.say for scene in scenes if seconds < scene.until), scenes[-1].say)
    pen.rectangle((0, 0, WIDE, 44), fill=INK)
    pen.text((WIDE / 2, 22), caption, font=load_font(17, 500), fill=PAPER, anchor="mm")
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
