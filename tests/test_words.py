"""Words on pictures have meanings: every method has, and none is taken for a part of another."""

import pytest

from tutor.figures.picture import canvas, line
from tutor.methods import METHODS
from tutor.retrieval import PIPELINES
from tutor.ui.words import meanings, words_of


def test_every_method_is_explained_in_a_sentence():
    for method in (METHODS | PIPELINES).values():
        assert meanings()[method.label].endswith(".") or ";" in meanings()[method.label], method.label


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cumulative regret over the generator (nats)", {"regret", "generator", "nats"}),
        ("PreBayesPT (exact)", {"PreBayesPT"}),
        ("Un+EmbedWT", {"Un+EmbedWT"}),
        ("component 1 (85% of variance)", {"component", "variance"}),
        ("flip", set()),
    ],
)
def test_words_are_found_whole(text, found):
    for drawing in (canvas(x=text), canvas().add(line([0], [0], text))):
        said = words_of(drawing)
        assert set(said) == ({text} if found else set())
        assert set(said.get(text, {})) == found
