"""The states of a network on one plane, and where each of its prompts leads them: what the page Inside asks for and draws."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from tutor.figures import Plane, ProbeScore, probe_bars, state_grid, trajectories
from tutor.predictors.tap_labels import label_tap
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractSolved
from tutor.ui.plot import draw_picture, frame_feeds
from tutor.ui.run_views import cached_states, catalog, run_comparison, variant_choice
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.sections import section

COLOURS = {"flips seen": "flips", "heads so far": "ratio", "true bias": "bias"}
"""What states are coloured by -> the field of what they have seen."""


class StatePlace(NamedTuple):
    """A network, one of its taps, and the plane of its states there; only the first tap (`first`) has films."""

    key: str
    tap: str
    first: bool
    """Whether this is the place of the films."""
    plane: Plane

    def film(self, key: str, kind: str, *more: str) -> dict | None:
        """Return the feed of a run's film in this plane; None where the tap has no films. `more` goes to `feed_frames`."""
        return frame_feeds.feed_frames(key, kind, self.plane.axes, *more) if self.first else None


def plane_facts(at: StatePlace) -> dict[str, float]:
    """Facts for lessons about a plane of states.

    Returns
    -------
    dict
        explained: share of variance in the plane. dimensions: those of the state space. even: the share if all had equal variance.
    """
    dimensions = cached_states.count_dimensions(at.key, at.tap)
    share = float(at.plane.explained[list(at.plane.axes)].sum())
    return {"explained": share, "dimensions": dimensions, "even": 2 / dimensions}


@section()
def choose_place() -> StatePlace | None:
    """Draw the controls of the plane: network, tap and two components; None, with a note, where there is no network."""
    if not (bases := catalog.list_networks(of=AbstractSolved)):
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = url_state.choose_option("Network", list(bases), "inside_base", named=lambda one: catalog.run_name(bases[one]), width=340)
        places = cached_states.list_taps(key)
        tap = st.selectbox("Place in the network", places, key="inside_tap", bind="query-params", width=270,
                           format_func=label_tap,
                           help="A state is the numbers that a network holds at one place. The first place is that of the paper: the "
                                "LSTM's cell state, or what attention passes on, of all layers together. Named in code as "
                                f"{', '.join(name.removeprefix('body.') for name in places)}.")
        across = st.number_input("Across: component", 1, 10, 1, key="inside_x", bind="query-params", width=150,
                                 help="Principal components are directions in which states differ. Number 1 differs most.")
        up = st.number_input("Up: component", 1, 10, 2, key="inside_y", bind="query-params", width=150)
    return StatePlace(key, tap, tap == places[0], cached_states.state_plane(key, tap, (int(across) - 1, int(up) - 1)))


def list_colours(at: StatePlace) -> list[str]:
    """Names of COLOURS that the network's source has; only a coin or die has a bias."""
    known = cached_states.seen_flips(at.key, at.tap).names
    return [name for name, field in COLOURS.items() if field in known]


def draw_states(at: StatePlace, colour: str, key: str) -> None:
    """Draw the states in their plane; `colour` names one of COLOURS."""
    values = cached_states.seen_flips(at.key, at.tap).read(COLOURS[colour])
    draw_picture(state_grid(at.plane, values, name=colour, share=colour != "flips seen"), key=key, link="inside",
            frames=at.film(at.key, "states", COLOURS[colour]), runs=[at.key])


def choose_tunings(key: str, targets: dict) -> tuple[dict[str, RunSpec], list[str]]:
    """Draw the choice of a target and of tunings to it.

    Parameters
    ----------
    key
        The pretrained network.
    targets
        Its targets by label.

    Returns
    -------
    tuple
        All tunings to the chosen target by key, and the keys of those that are picked.
    """
    on = targets[st.selectbox("Target", list(targets), key="inside_on", bind="query-params", width=420)]
    tuned = {one.key: one.spec for one in catalog.list_tunings(key, on).values()}
    return tuned, variant_choice.choose_runs(tuned, f"inside_methods_{key}_{list(targets.values()).index(on)}")


def draw_paths(at: StatePlace, tuned: dict[str, RunSpec], ones: list[str], filmed: Callable[[str], bool]) -> None:
    """Draw the trajectory of each tuning `ones`, three in a row; where `filmed` says so, with its film.

    A method that changes weights is drawn in the plane of the tuned network, any other in that of the base.
    """
    names = run_comparison.short_names(tuned)
    for column, one in in_rows(ones, 3, gap="small"):
        with column, section():
            home = one if tuned[one].method.changes_weights else at.key
            path = cached_states.picture_path(home, one, at.tap, at.plane.axes, names[one])
            space = cached_states.state_plane(home, at.tap, at.plane.axes)
            draw_picture(trajectories(space, [path], height=330, legend=False), key=f"inside_{one}", link="inside", runs=[one],
                    frames=at.film(one, "walk") if filmed(one) else None)


def draw_probes(key: str) -> None:
    """Draw what linear probes read from the states at every tap, of the trained network and of the same network untrained."""
    found = cached_states.probe_taps(key)
    page_facts.record_facts(ratio_trained=max(one.ratio[0] for one in found), ratio_untrained=max(one.ratio[1] for one in found))
    for column, (statistic, field) in in_rows((("number of flips", "step"), ("share of heads", "ratio")), 2):
        with column, section():
            st.markdown(f"**The {statistic}**")
            draw_picture(probe_bars([ProbeScore(one.tap, *getattr(one, field)) for one in found], statistic=statistic),
                    key=f"inside_probe_{field}", link="probes")
