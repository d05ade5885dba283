"""The picture that goes with a link to the app: the map of beliefs with a tuned prompt, beside what can be done here."""

from io import BytesIO

from PIL import Image, ImageDraw

from tutor.analysis.belief_film import BeliefFilm
from tutor.figures.belief_drawing import INK, PAPER, MapArea, draw_axes, draw_cloud, draw_coin, draw_path, load_font
from tutor.figures.palette import RED

WIDE, TALL = 1200, 630
"""Pixels, as the Open Graph protocol's readers show them."""
FINE = 2
"""It is drawn so much larger and then reduced, so that edges are smooth."""
PANEL = 440
"""Pixels of the words on the left."""
AREA = MapArea((PANEL + 90) * FINE, (WIDE - 40) * FINE, 70 * FINE, (TALL - 74) * FINE, FINE)
HEADLINE = ("Change", "a prompt.", "Watch what", "the network", "believes.")
MUTED = "#AEB6C0"


def draw_card(film: BeliefFilm) -> bytes:
    """Draw the card of a film, as PNG: what its network expects in the end, and the path of the prompt that was tuned for it."""
    picture = Image.new("RGB", (WIDE * FINE, TALL * FINE), PAPER)
    pen = ImageDraw.Draw(picture)
    draw_axes(pen, AREA)
    draw_cloud(pen, AREA, film.expects[-1], film.tokens, coloured=True)
    path = film.walk if len(film.walk) else film.hard
    draw_coin(pen, AREA, film.coin)
    draw_path(pen, AREA, path)
    _label(pen, f"six tuned vectors act like {path[-1, 1]:.0f} flips", path[-1])
    _words(pen)
    file = BytesIO()
    picture.resize((WIDE, TALL), Image.Resampling.LANCZOS).quantize(160).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _label(pen: ImageDraw.ImageDraw, text: str, at) -> None:
    x, y, font = AREA.across(at[0]) + 18 * FINE, AREA.up(at[1]), load_font(20 * FINE, 650)
    pen.rounded_rectangle(pen.textbbox((x, y), text, font=font, anchor="lm"), 4 * FINE, fill=PAPER, outline=PAPER, width=6 * FINE)
    pen.text((x, y), text, font=font, fill=RED, anchor="lm")


def _words(pen: ImageDraw.ImageDraw) -> None:
    edge = 44 * FINE
    pen.rectangle((0, 0, PANEL * FINE, TALL * FINE), fill=INK)
    pen.text((edge, 62 * FINE), "Prompt Tutor", font=load_font(26 * FINE, 600), fill=MUTED, anchor="lm")
    for line, text in enumerate(HEADLINE):
        pen.text((edge, (168 + 68 * line) * FINE), text, font=load_font(60 * FINE, 700), fill=PAPER, anchor="lm")
    pen.text((edge, (TALL - 62) * FINE), "A real network, in your browser.", font=load_font(22 * FINE, 500), fill=MUTED, anchor="lm")
