"""What other sites show of a link to the app: a title, a sentence and a picture, named in the head of every page's document."""

import functools
from html import escape

from starlette.requests import Request

from tutor.ui.network.network_addresses import NETWORK

CARD, CARD_SIZE = "/card.png", (1200, 630)
CARD_ALT = "A map of what a network expects of coins, and a red path: six tuned vectors act like more than a hundred flips."
NAME, TITLE = "Prompt Tutor", "Prompt Tutor: see what a prompt does inside a network"
SENTENCE = "A small network predicts coin flips in your browser. Put a prompt in front, tune it, and see what it does inside the network."


@functools.cache
def make_card() -> bytes:
    """Make the picture, as PNG: the film's network of the front door, drawn once per process (about a second)."""
    # They load torch, which a server that starts does not need.
    from tutor.analysis.belief_film import film_path, read_film  # noqa: PLC0415
    from tutor.figures.share_card import draw_card  # noqa: PLC0415

    return draw_card(read_film(film_path(NETWORK)))


def preview_tags(request: Request) -> str:
    """The tags of the Open Graph protocol for the page that is asked for; addresses in them are whole, as its readers want them."""
    wide, tall = CARD_SIZE
    told = {
        "og:type": "website", "og:site_name": NAME, "og:title": TITLE, "og:description": SENTENCE,
        "og:url": request.url.replace(query=""), "og:image": f"{str(request.base_url).rstrip('/')}{CARD}",
        "og:image:width": wide, "og:image:height": tall, "og:image:alt": CARD_ALT,
    }
    tags = [f'<meta property="{name}" content="{escape(str(value))}">' for name, value in told.items()]
    named = {"description": SENTENCE, "twitter:card": "summary_large_image"}
    return "".join([*tags, *(f'<meta name="{name}" content="{escape(value)}">' for name, value in named.items())])
