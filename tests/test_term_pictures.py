"""The small pictures of the glossary: each belongs to a term, says its numbers in words, and is an SVG that takes the page's colours."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from tutor.core.paths import ASSETS
from tutor.figures import term_drawings
from tutor.figures.palette import HEADS
from tutor.measure import exact
from tutor.runs.store import RunStore
from tutor.ui.labs import term_pictures
from tutor.ui.plot.glossary import read_glossary
from tutor.ui.shell import visitor_runs


@pytest.fixture(scope="module", params=term_pictures.PICTURES)
def drawn(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        store = RunStore(tmp_path_factory.mktemp("own"), shipped=ASSETS / "runs")
        patched.setattr(visitor_runs, "open_store", lambda: store)
        yield term_pictures.PICTURES[request.param]()


def test_a_pictured_term_is_an_entry_of_the_glossary():
    assert set(term_pictures.PICTURES) <= {entry.term for entry in read_glossary()}


def test_a_picture_is_an_svg_with_a_sentence_and_without_a_number_that_is_none(drawn):
    root = ElementTree.fromstring(drawn.markup)
    assert (root.get("role"), root.get("aria-label"), root.get("fill")) == ("img", drawn.alt, "currentColor")
    assert drawn.alt.endswith(".") and not re.search(r"nan|inf\b", drawn.markup)


def test_no_word_and_no_mark_lies_outside_of_its_picture(drawn):
    for element in ElementTree.fromstring(drawn.markup):
        places = [(float(element.get(x)), float(element.get(y))) for x, y in (("x", "y"), ("cx", "cy")) if element.get(x)]
        places += [tuple(map(float, pair.split(","))) for pair in element.get("points", "").split()]
        assert all(0 <= x <= term_drawings.WIDE and 0 <= y <= term_drawings.TALL for x, y in places)


def test_the_numbers_of_the_formulas_are_those_of_the_measures():
    alts = {term: term_pictures.PICTURES[term]().alt for term in ("nats", "KL", "regret", "posterior", "ideal predictor")}
    whole = exact.cumulative_regret(predictor=term_pictures.ANY_COIN, on=term_pictures.COIN, length=50)[-1]
    assert f"all together are {whole:.2f} nats" in alts["regret"]
    assert "0.69 nats where it gave 50%" in alts["nats"] and "2.30 nats where it gave 10%" in alts["nats"]
    assert "loses 0.19 nats per flip" in alts["KL"]
    assert "0.25." in alts["posterior"] and "50% of the time at first" in alts["ideal predictor"]


def test_cells_are_coloured_by_their_sign():
    cells = ElementTree.fromstring(term_drawings.draw_numbers(np.array([[1.0, -1.0]]), "two numbers").markup)
    assert [cell.get("fill") for cell in list(cells)[:2]] == [HEADS, term_drawings.COLD]
