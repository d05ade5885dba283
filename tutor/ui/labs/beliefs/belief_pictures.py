"""The pictures of the page Beliefs: triangles side by side, how well beliefs are read, and what comes next."""

import streamlit as st

from tutor.figures import BeliefPoints, belief_curve, belief_simplex, walk_picture
from tutor.measure import score_readings
from tutor.predictors.tap_labels import label_tap
from tutor.ui.labs.beliefs import cached_beliefs
from tutor.ui.plot import draw_picture, frame_feeds
from tutor.ui.run_views import catalog
from tutor.ui.shell import page_facts
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.sections import section

MOST_LAYERS = 4
"""Layers that are drawn, the last ones of a deeper network."""
SAME = 1e-6
"""What is missed of a belief that next-token probabilities tell entirely."""


def draw_triangles(key: str, tokens: tuple[int, ...]) -> None:
    """Draw the exact beliefs, those of every layer with their film, and those of the untrained network; a walk of `tokens` over the first
    two kinds."""
    view, simplex, done = cached_beliefs.view_beliefs(key), cached_beliefs.find_simplex(key), catalog.run_state(key) == "done"
    walk = cached_beliefs.walk_beliefs(key, tokens) if done and tokens else None
    layers = list(enumerate(view.trained.taps))[-MOST_LAYERS:]
    panels = [("The ideal predictor", "exact", view.exact, walk.exact if walk else None, None)]
    panels += [(f"The network, {label_tap(tap)}", f"layer_{at}", view.trained.points[at], walk.read[at] if walk else None, at)
               for at, tap in layers]
    panels += [(f"Untrained, {label_tap(layers[-1][1])}", "untrained", view.untrained.points[layers[-1][0]], None, None)]
    for column, (title, name, points, path, layer) in in_rows(panels, len(panels) if len(panels) < 4 else 2, gap="medium"):
        with column, section():
            st.markdown(f"**{title}**")
            drawn = BeliefPoints(title, points, view.exact, view.tokens, path)
            feed = None if layer is None else frame_feeds.feed_frames(key, "layer", (layer, 0))
            draw_picture(belief_simplex(simplex, drawn), key=f"beliefs_{name}", link="beliefs", runs=[key], frames=feed)


def draw_curve(key: str) -> None:
    """Draw what is not read off each layer by training step, with lines for what less than a state tells."""
    history, view = cached_beliefs.read_history(key), cached_beliefs.view_beliefs(key)
    if history is None or len(history.steps) < 2:
        st.info("This run has no film, so there is no curve over its training.", icon=":material/movie:")
        return
    scores = cached_beliefs.score_beliefs(key)
    missed = {label_tap(tap): 1 - history.r2[:, at] for at, tap in enumerate(view.trained.taps)}
    references = {"from the last 4 tokens": 1 - scores.last_tokens}
    if 1 - scores.probabilities > SAME:
        references["from next-token probabilities"] = 1 - scores.probabilities
    draw_picture(belief_curve(history.steps, missed, references), key="beliefs_curve", link="beliefs", phase=0, runs=[key])


def read_facts(key: str) -> dict[str, float]:
    """Facts about the last layer of a network: R² of its beliefs, of the untrained one's, and of less than a state."""
    view, scores = cached_beliefs.view_beliefs(key), cached_beliefs.score_beliefs(key)
    trained, untrained = (float(score_readings(found.points, view.exact)[-1]) for found in (view.trained, view.untrained))
    facts = {"r2": trained, "r2_untrained": untrained, "r2_probabilities": scores.probabilities, "r2_last_tokens": scores.last_tokens}
    page_facts.record_facts(**facts)
    return facts


def draw_next_token(key: str, tokens: tuple[int, ...]) -> float:
    """Draw what both predict after `tokens`, and return how far the network is away (KL in nats)."""
    walk = cached_beliefs.walk_beliefs(key, tokens)
    draw_picture(walk_picture(tokens, walk.expected, walk.predicted), key="beliefs_next", runs=[key])
    return float(walk.kl[-1])
