"""Scenes about one network that was pretrained on coin flips: its training, and its states while it learned and afterwards."""

from collections.abc import Sequence
from typing import Any

from tutor.figures import Picture, Plane, replay_settings, state_grid, training_curve
from tutor.figures.training_curves import FEED
from tutor.ui.experiment import NETWORK
from tutor.ui.plot import frame_feeds
from tutor.ui.run_views import cached_results, cached_states, event_feed, state_paths
from tutor.ui.shell import visitor_runs
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting

AFTER = 50
"""Flips over which losses are summed."""
COLOURS = tuple(state_paths.COLOURS)


def draw_training(place: ScenePlace) -> dict[str, Any]:
    """Draw what the network lost while it learned, with a button that plays it again."""
    spec = visitor_runs.load_run(NETWORK).spec
    ideal = cached_results.bayes_loss(spec.source, spec.recipe.length)
    events, _ = event_feed.follow_run(NETWORK, "done", FEED, moving=False)
    place.show(training_curve(events, bayes_loss=ideal, steps=spec.recipe.steps), replay=replay_settings(events), runs=[NETWORK])
    excess = cached_results.regret_curve(NETWORK, spec.source, against="TargetBayes")
    return {f"excess_after_{AFTER}": float(excess.at(AFTER)[0]), "steps": spec.recipe.steps} | cached_results.uniform_excess(spec.source)


def _draw_plane(plane: Plane, values: Any, name: str, held: Sequence[str] = ("", "")) -> Picture:
    """Draw the states in their plane; `held` says behind each axis how much of the spread lies along it."""
    picture = state_grid(plane, values, name=name, share=name != "flips seen")
    across, up = (f"direction of {largest} spread{share}" for largest, share in zip(("largest", "second largest"), held, strict=True))
    picture.drawing.x(title={"text": across}).y(title={"text": up})
    return picture


def draw_states(place: ScenePlace) -> dict[str, Any]:
    """Draw the network's states in their plane, coloured by what has been read."""
    colour = place.choose("Colour by", "colour", COLOURS)
    values = cached_states.seen_flips(NETWORK, "").read(state_paths.COLOURS[colour])
    plane, dimensions = cached_states.state_plane(NETWORK, "", (0, 1)), cached_states.count_dimensions(NETWORK, "")
    held = ["" if "explained" in place.hidden else f" ({plane.explained[axis]:.0%} of all)" for axis in plane.axes]
    place.show(_draw_plane(plane, values, colour, held), runs=[NETWORK])
    return {"colour": colour, "dimensions": dimensions, "even": 2 / dimensions, "explained": float(plane.explained[list(plane.axes)].sum())}


def draw_states_film(place: ScenePlace) -> dict[str, Any]:
    """Draw the network's states over its training, with a slider through the time."""
    values = cached_states.seen_flips(NETWORK, "").ratio
    film = frame_feeds.play_as_film(frame_feeds.feed_frames(NETWORK, "states", (0, 1), "ratio"))
    place.show(_draw_plane(cached_states.state_plane(NETWORK, "", (0, 1)), values, "heads so far"), frames=film, runs=[NETWORK])
    return {"dimensions": cached_states.count_dimensions(NETWORK, ""), "steps": visitor_runs.load_run(NETWORK).spec.recipe.steps}


TRAINING = Scene(draw_training, list_kinds(number=f"excess_after_{AFTER} uniform_excess_after_{AFTER} steps"),
                 hides=frozenset({f"excess_after_{AFTER}"}))
STATES = Scene(draw_states, list_kinds(number="dimensions", share="explained even", word="colour"),
               {"colour": SceneSetting(COLOURS[0], options=COLOURS)}, frozenset({"explained"}))
STATES_FILM = Scene(draw_states_film, list_kinds(number="dimensions steps"))
