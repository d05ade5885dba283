"""A map of beliefs drawn with Pillow: how often the network expects heads (across), and how many flips it acts as if it had seen (up)."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer
from PIL import ImageDraw, ImageFont

from tutor.core.paths import ASSETS
from tutor.figures.palette import GREEN, HEADS, RED, TAILS

TOP = 260.0
"""Flips at the upper edge."""
TICKS, SHARES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0), (0.0, 0.25, 0.5, 0.75, 1.0)
PAPER, INK, SOFT, GRID, PALE = "#FFFFFF", "#14171C", "#59636E", "#E7EAEE", "#A9B0B8"
FONT = ASSETS / "fonts" / "inter.woff2"


@dataclass(frozen=True)
class MapArea:
    """Where a map lies in a picture: its edges in pixels, and how much larger than usual its signs and letters are drawn."""

    left: int
    right: int
    upper: int
    lower: int
    scale: int = 1

    def across(self, expects: float) -> float:
        """Pixels from the left for a probability of heads."""
        return self.left + expects * (self.right - self.left)

    def up(self, flips: float) -> float:
        """Pixels from the top for a number of flips, which are drawn in their logarithm."""
        return self.lower + min(1.02, np.log1p(max(0.0, flips)) / np.log1p(TOP)) * (self.upper - self.lower)


def load_font(size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """Load the font of all pages in a size (pixels) and a weight."""
    font = ImageFont.truetype(FONT, size)
    font.set_variation_by_axes([weight])
    return font


def draw_axes(pen: ImageDraw.ImageDraw, area: MapArea) -> None:
    """Draw lines of equal flips, and what the axes mean."""
    size, gap = 14 * area.scale, 16 * area.scale
    for flips in TICKS:
        pen.line((area.left, area.up(flips), area.right, area.up(flips)), fill=GRID, width=area.scale)
        pen.text((area.left - gap * 0.6, area.up(flips)), f"{flips:.0f}", font=load_font(size), fill=SOFT, anchor="rm")
    for share in SHARES:
        pen.text((area.across(share), area.lower + gap), f"{share:.0%}", font=load_font(size), fill=SOFT, anchor="mm")
    pen.text((area.across(0.5), area.lower + 2.6 * gap), "how often it expects heads", font=load_font(size), fill=SOFT, anchor="mm")
    pen.text((area.left - 4 * gap, area.upper - gap), "flips it acts as if it had seen", font=load_font(size), fill=SOFT, anchor="lm")


def draw_cloud(
    pen: ImageDraw.ImageDraw, area: MapArea, expects: Float[np.ndarray, "B T1"], tokens: Integer[np.ndarray, "B T"], *, coloured: bool,
) -> None:
    """Draw what a network expects before and after each flip of some sequences, coloured by the share of heads among them or pale."""
    heads = np.pad((tokens == 0).cumsum(1), ((0, 0), (1, 0)))[:, :expects.shape[1]]
    flips, radius = np.arange(expects.shape[1]), 2 * area.scale
    ratio = np.where(flips > 0, heads / np.maximum(flips, 1), 0.5)
    for x, y, share in zip(expects.flat, np.tile(flips, len(expects)).astype(float), ratio.flat, strict=True):
        at = area.across(x), area.up(y)
        fill = _mixed(round(share, 1)) if coloured else PALE
        pen.ellipse((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius), fill=fill)


def _mixed(share: float) -> tuple[int, int, int]:
    """A colour between that of tails and that of heads, paled a little."""
    ends = [[int(colour[at:at + 2], 16) for at in (1, 3, 5)] for colour in (TAILS, HEADS)]
    return tuple(round((a + (b - a) * share) * 0.75 + 64) for a, b in zip(*ends, strict=True))


def draw_coin(pen: ImageDraw.ImageDraw, area: MapArea, coin: float) -> None:
    """Draw a dashed line at the probability of heads of a coin."""
    x, dash = area.across(coin), 12 * area.scale
    for y in range(area.upper, area.lower, dash):
        pen.line((x, y, x, min(y + 0.6 * dash, area.lower)), fill=GREEN, width=2 * area.scale)


def draw_path(pen: ImageDraw.ImageDraw, area: MapArea, points: Float[np.ndarray, "S 2"]) -> None:
    """Draw a path of beliefs with a red dot at its end."""
    places, scale = [(area.across(x), area.up(y)) for x, y in points], area.scale
    pen.line(places, fill=RED, width=3 * scale, joint="curve")
    for x, y in places[:-1]:
        pen.ellipse((x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale), fill=PAPER, outline=RED, width=2 * scale)
    x, y = places[-1]
    pen.ellipse((x - 10 * scale, y - 10 * scale, x + 10 * scale, y + 10 * scale), fill=RED, outline=PAPER, width=3 * scale)
