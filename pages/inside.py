"""Look inside: the plane of a network's states, where each prompt leads it, and what can be read off the states."""

import streamlit as st

from tutor.runs.target_words import describe_targets
from tutor.ui.plot import draw_timeline
from tutor.ui.run_views import catalog, state_paths
from tutor.ui.server.frames_api import has_film
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("inside")
text.open()


@section()
def plane(at: state_paths.StatePlace) -> None:
    draw_timeline("inside")
    left, right = st.columns(2, gap="medium")
    with left:
        colour = url_state.choose_segment("Colour by", list(state_paths.COLOURS), default="flips seen", key="inside_colour")
        page_facts.record_facts(colour=colour, **state_paths.plane_facts(at))
    with right:
        others = [name for name in state_paths.COLOURS if name != colour]
        other = url_state.choose_segment("and by", others, default=others[0], key=f"inside_and_{state_paths.COLOURS[colour]}")
    for column, name, place in ((left, colour, "grid"), (right, other, "other")):
        with column, section():
            state_paths.draw_states(at, name, f"inside_{place}")
    first, second = at.plane.explained[:2]
    text.caption("axes", first=first, second=second)
    text.write("about")
    text.write("plane")
    spec = catalog.find_info(at.key).spec
    text.caption("dots", source=spec.source.label.lower(), targets=describe_targets([spec]))


@section()
def prompts(at: state_paths.StatePlace) -> None:
    text.begin("Where each prompt leads", "prompts")
    targets = catalog.list_targets(at.key)
    if not targets:
        st.info("This network has not been tuned yet. Tune it to see where prompts lead it.", icon=":material/arrow_forward:")
        catalog.draw_link("tune", "Tune this network", "tune", tune_base=at.key)
        return
    tuned, picked = state_paths.choose_tunings(at.key, targets)
    state_paths.draw_paths(at, tuned, [one for one in picked if not tuned[one].method.changes_weights], has_film)
    if weights := [one for one in picked if tuned[one].method.changes_weights]:
        st.subheader("Networks whose weights were tuned")
        st.warning(text.read("own-planes"))
        state_paths.draw_paths(at, tuned, weights, has_film)


@section()
def read_off(key: str) -> None:
    text.begin("What can be read off the states", "probes")
    trained = catalog.find_info(key).spec.recipe.steps
    if trained and st.toggle("Probe the states (a few seconds)", value=True, key="inside_probes", bind="query-params"):
        state_paths.draw_probes(key)


if at := state_paths.choose_place():
    plane(at)
    prompts(at)
    read_off(at.key)
