"""What the page Pretrain draws of one run: its losses, its film, and how near to ideal it came."""

import streamlit as st

from tutor.core.types import REPORTED_AFTER
from tutor.figures import FEED, regret_curves, replay_settings, training_curve
from tutor.ui.plot import draw_picture, frame_feeds
from tutor.ui.run_views import cached_results, event_feed, status_line
from tutor.ui.run_views.pretraining_form import ShownRun
from tutor.ui.shell import page_facts


def draw_losses(shown: ShownRun) -> None:
    """Draw the loss and the distance from the ideal predictor over training steps, with a replay for a run that is not in progress."""
    key, spec = shown.key, shown.spec
    ideal = cached_results.bayes_loss(spec.source, spec.recipe.length)
    events, feed = event_feed.follow_run(key, shown.status.state, FEED, moving=shown.moving)
    draw_picture(training_curve(events, bayes_loss=ideal, steps=spec.recipe.steps), key="pretrain_curve", runs=[key], live=feed,
            link="pretrain", phase=0, replay=None if shown.moving else replay_settings(events))


def film_of(shown: ShownRun, kind: str) -> dict | None:
    """Return the feed of a run's film of this `kind`; None while the visitor's view of it is frozen."""
    frozen = shown.status.state in status_line.ACTIVE and not shown.moving
    return None if frozen else frame_feeds.feed_frames(shown.key, kind)


def draw_excess(shown: ShownRun) -> None:
    """Draw the excess of a finished run over the ideal predictor (nats), as three numbers and a curve."""
    key, spec = shown.key, shown.spec
    excess = cached_results.regret_curve(key, spec.source, against="TargetBayes")
    found = {n: float(excess.at(n)[0]) for n in REPORTED_AFTER if n <= excess.values.shape[1]}
    page_facts.record_facts(**cached_results.uniform_excess(spec.source), **{f"excess_after_{n}": value for n, value in found.items()})
    columns = st.columns(len(REPORTED_AFTER))
    for column, (n, value) in zip(columns, found.items(), strict=False):
        column.metric(f"Excess after {n} flips", f"{value:.3f} nats",
                      help=f"Extra loss over the ideal predictor of {spec.source.label}, summed over {n} flips.")
    ideals = [one for one in cached_results.baseline_curves(spec, spec.source) if one.label == "TargetBayes"]
    draw_picture(regret_curves([*ideals, cached_results.regret_curve(key, spec.source)]), key="pretrain_regret", runs=[key])
