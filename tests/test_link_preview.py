"""What a link to the app looks like elsewhere: its title and sentence, whole addresses, and a picture of the size that the tags say."""

import io

import numpy as np
from PIL import Image
from starlette.requests import Request

from tutor.figures.palette import RED
from tutor.ui.server.link_preview import CARD, CARD_SIZE, make_card, preview_tags


def ask(path: str, query: bytes = b"") -> str:
    return preview_tags(Request({"type": "http", "scheme": "https", "path": path, "root_path": "", "query_string": query,
                                 "server": ("tutor.example", 443), "headers": [(b"host", b"tutor.example")]}))


def test_addresses_are_whole_and_hold_nothing_that_a_link_adds():
    tags = ask("/regret", b"regret_measure=%22%3E%3Cscript%3E")
    assert "<script" not in tags and "%3C" not in tags
    assert f'<meta property="og:image" content="https://tutor.example{CARD}">' in tags
    assert '<meta property="og:url" content="https://tutor.example/regret">' in tags


def test_an_address_that_is_no_page_brings_nothing_of_itself_into_the_head_unescaped():
    assert "<b>" not in ask('/"><b>')


def test_the_picture_has_its_size_and_a_red_dot():
    card = make_card()
    with Image.open(io.BytesIO(card)) as picture:
        assert (picture.size, picture.format) == (CARD_SIZE, "PNG") and len(card) < 150_000
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    red = [int(RED[at:at + 2], 16) for at in (1, 3, 5)]
    assert (np.abs(pixels - red).max(-1) < 30).sum() > 500
