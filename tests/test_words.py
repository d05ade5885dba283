"""Words on pictures have meanings: every method has, and none is taken for a part of another."""

import pytest

from tutor.figures.picture import empty_drawing, line_trace
from tutor.methods import METHODS
from tutor.methods.retrieval import PIPELINES
from tutor.ui.plot.glossary import find_words, list_meanings


def test_every_method_is_explained_in_a_sentence():
    for method in (METHODS | PIPELINES).values():
        assert list_meanings()[method.label].endswith(".") or ";" in list_meanings()[method.label], method.label


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cumulative regret over the generator (nats)", {"regret", "generator", "nats"}),
        ("PreBayesPT (exact)", {"PreBayesPT"}),
        ("Un+EmbedWT", {"Un+EmbedWT"}),
        ("component 1 (85% of the spread)", {"component"}),
        ("flip", set()),
    ],
)
def test_words_are_found_whole(text, found):
    for drawing in (empty_drawing(x=text), empty_drawing().add(line_trace([0], [0], text))):
        said = find_words(drawing)
        assert set(said) == ({text} if found else set())
        assert set(said.get(text, {})) == found
