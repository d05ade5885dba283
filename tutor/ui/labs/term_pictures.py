"""The terms of the glossary that have a small picture, each from an exact formula or from a run that came with the project."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from tutor import measure
from tutor.core.rng import stream
from tutor.figures import term_drawings
from tutor.figures.term_drawings import TermDrawing
from tutor.measure import belief, exact
from tutor.runs.io.disk import StoreError
from tutor.sources import Categorical, DirichletCategorical
from tutor.ui.experiment import NETWORK
from tutor.ui.labs.prefixes import attention_views
from tutor.ui.plot.glossary import read_glossary
from tutor.ui.run_views import cached_states
from tutor.ui.shell import visitor_runs

PROMPT, SHARE, FLIPS = "HTTTTT", 0.2, 50
COIN, ANY_COIN = Categorical(probs=(SHARE, 1 - SHARE)), DirichletCategorical(alphas=(1.0, 1.0))
SOFT, PREFIXED = "ba9d25ae6641f852", "5067b956630f8c18"
"""Keys of a soft prompt for a coin of 20 % heads, and of a prefix of one vector for a list network."""


def _flips() -> tuple[int, ...]:
    return tuple(COIN.sample(1, FLIPS, stream(0, "glossary")).tokens[0].tolist())


def _prompt() -> TermDrawing:
    return term_drawings.draw_tiles(PROMPT, "".join("HT"[flip] for flip in _flips()[:7]))


def _soft_prompt() -> TermDrawing:
    vectors = visitor_runs.load_run(SOFT).predictor.prompt().detach().numpy()
    return term_drawings.draw_numbers(vectors[:, :32], f"{len(vectors)} vectors, 32 of {vectors.shape[1]} numbers each")


def _state() -> TermDrawing:
    run = visitor_runs.load_run(NETWORK)
    state = measure.capture(run.predictor, COIN.sample(1, 12, stream(0, "glossary")).tokens)
    return term_drawings.draw_numbers(state.joined()[0, -1].reshape(8, -1), "all numbers of a network after 12 flips")


def _posterior() -> TermDrawing:
    before, after = (belief.posterior(ANY_COIN, counts) for counts in ((0, 0), (3, 9)))
    return term_drawings.draw_densities(before.bias, before.mass, after.mass, "after 3 heads and 9 tails")


def _ideal() -> TermDrawing:
    return term_drawings.draw_predictions(belief.predict_each_flip(ANY_COIN, _flips()), SHARE)


def _regret() -> TermDrawing:
    return term_drawings.draw_regret(exact.instant_regret(predictor=ANY_COIN, on=COIN, length=FLIPS))


def _plane() -> TermDrawing:
    cloud = cached_states.state_cloud(NETWORK)
    return term_drawings.draw_states(cloud.coordinates[::4, 2::6, :2].reshape(-1, 2), cloud.seen.ratio[::4, 2::6].reshape(-1))


def _trajectory() -> TermDrawing:
    cloud = cached_states.state_cloud(NETWORK)
    points, heads = cloud.coordinates[::4, 2::6, :2].reshape(-1, 2), cloud.seen.ratio[::4, 2::6].reshape(-1)
    return term_drawings.draw_states(points, heads, cloud.coordinates[int(np.argmin(cloud.seen.ratio[:, -1])), :, :2])


def _heads(prefix: bool) -> TermDrawing:
    run = attention_views.EditedPrefix(PREFIXED)
    tokens = tuple(attention_views.answer_list(run, tuple(map(int, "3141592653")))[1])
    maps = attention_views.read_head(run, tokens, run.first, 0)
    if prefix:
        return term_drawings.draw_weights(maps.behind, maps.behind.shape[1] - maps.behind.shape[0], "red: what goes to the prefix")
    return term_drawings.draw_weights(maps.without, 0, "each row looks back; stronger: more weight")


PICTURES: dict[str, Callable[[], TermDrawing]] = {
    "prompt": _prompt,
    "ideal predictor": _ideal,
    "posterior": _posterior,
    "nats": lambda: term_drawings.draw_nats((0.1, 0.5)),
    "regret": _regret,
    "KL": lambda: term_drawings.draw_divergence(SHARE, 0.5),
    "hidden state": _state,
    "plane": _plane,
    "trajectory": _trajectory,
    "soft prompt": _soft_prompt,
    "attention": lambda: _heads(prefix=False),
    "prefix": lambda: _heads(prefix=True),
}
"""Term -> what draws it, in the order in which a reader meets them."""

SHOW = """// Streamlit's own elements take no SVG inside a page, where it would have the colours of the text around it
export default function ({ data, parentElement }) {
  parentElement.innerHTML = data.svg;
}"""
_place_drawing = st.components.v2.component("tutor_term", js=SHOW, isolate_styles=False)

draw_once = st.cache_data(lambda term: PICTURES[term](), max_entries=len(PICTURES), show_spinner=False)


def draw_term(term: str) -> None:
    """Draw a term with its picture and its meaning; where the run of the picture is missing, only its meaning."""
    try:
        _place_drawing(key=f"term_{term.replace(' ', '_')}", data={"svg": draw_once(term).markup})
    except StoreError:
        st.caption("The run that this picture is drawn from is not here.")
    meanings = {entry.term: entry.meaning for entry in read_glossary()}
    st.markdown(f"**{term}**  \n{meanings[term]}")


def list_terms() -> str:
    """All terms of the glossary with their meanings, as a Markdown list."""
    return "\n".join(f"- **{entry.term}**: {entry.meaning}" for entry in read_glossary())
