"""Look inside: the plane of a network's states, where each prompt leads it, and what can be read off the states."""

import streamlit as st

from tutor.figures import Reading, probe_bars, state_grid, trajectories
from tutor.ui import address, catalog, comparison, facts, films, insides
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

COLOURS = {"flips seen": "flips", "heads so far": "ratio", "true bias": "bias"}

st.title("Inside: where a prompt leads the network")
prose("""While it reads flips, the network's hidden state walks through a space of a hundred dimensions. Its two strongest directions turn out to hold
what an ideal predictor would keep: **how many** flips there were, and **which share** was heads. A prompt moves the *starting point* of that walk.""")

bases = catalog.networks()

with st.container(horizontal=True, vertical_alignment="bottom"):
    key = address.choose("Network", list(bases), "inside_base", named=lambda one: catalog.named(bases[one]), width=340)
    source = bases[key].spec.source
    places = insides.taps(key)
    tap = st.selectbox("Place in the network", places, key="inside_tap", bind="query-params", width=230, format_func=lambda name: name.removeprefix("body."),
                       help="The first is the paper's: the LSTM's cell, or what attention adds to the residual stream.")
    across = st.number_input("Across: component", 1, 10, 1, key="inside_x", bind="query-params", width=150, help="Principal components are ordered by the variance they explain.")
    up = st.number_input("Up: component", 1, 10, 2, key="inside_y", bind="query-params", width=150)
try:
    plane = insides.plane(key, tap, (int(across) - 1, int(up) - 1))
except (catalog.StoreError, ValueError) as error:
    st.error(catalog.sentence(error))
    st.stop()

prose("""**Drag the slider**, or press play: first the network is pretrained, and its states emerge from noise; from the mark on prompts are tuned, and
each red dot below walks to its place.""")
timeline("inside")
left, right = st.columns(2, gap="medium")
with left:
    colour = st.segmented_control("Colour by", list(COLOURS), default="flips seen", required=True, key="inside_colour", bind="query-params")
    facts.tell(colour=colour, explained=float(plane.explained[list(plane.axes)].sum()))
with right:
    other = st.segmented_control("and by", [name for name in COLOURS if name != colour], default="heads so far" if colour == "flips seen" else "flips seen", required=True,
                                 key=f"inside_and_{COLOURS[colour]}", bind="query-params")
for column, name, place in ((left, colour, "grid"), (right, other, "other")):
    with column:
        frames = films.feed(key, "states", plane.axes, COLOURS[name]) if tap == places[0] else None
        picture(state_grid(plane, getattr(insides.seen(key, tap), COLOURS[name]), name=name, share=name != "flips seen"), key=f"inside_{place}", link="inside", frames=frames, runs=[key])
st.caption(f"One dot per flip of 100 sequences of {source.label.lower()}, read without any prompt; point at one, and the same state lights up on the other side. "
           "The plane is fitted on these states and then only applied: before the last step of pretraining it shows a few filmed sequences.")

st.header("Where each prompt leads")
prose("""Grey: the untuned network's states from above. A dotted line: the network reading the prompt. The **red dot**: where the prompt ends and the data
begins. Thin lines: sequences of the target. *Off the plane* is the share of variance that this picture cannot show.""")
targets = catalog.targets(key)
if not targets:
    st.info("This network has not been tuned yet. Tune it to see where prompts lead it.", icon=":material/arrow_forward:")
    catalog.link("tune", "Tune this network", "tune", tune_base=key)
    st.stop()
on = targets[st.selectbox("Target", list(targets), key="inside_on", bind="query-params", width=420)]
tuned = {one.key: one.spec for one in catalog.tunings(key, on).values()}
names = comparison.labels(tuned)
ordered = sorted(names, key=lambda one: comparison.place(names[one]))
default = list({tuned[one].method.label: one for one in reversed(ordered)}.values())[::-1]      # one variant of each method
picked = st.pills("Methods", ordered, format_func=names.get, selection_mode="multi", default=default, key=f"inside_methods_{key}_{on.label}")


def paths(ones: list[str]) -> None:
    """Where these prompts lead, three in a row, each in the plane of the network whose states it moves; with its film, where one is kept."""
    for row in range(0, len(ones), 3):
        for column, one in zip(st.columns(3, gap="small"), ones[row:row + 3], strict=False):
            with column, catalog.one_sentence():
                home = one if tuned[one].method.changes_weights else key
                path = insides.path(home, one, tap, plane.axes, names[one])
                filmed = films.feed(one, "walk", plane.axes) if tap == places[0] and films.walks(one) else None
                picture(trajectories(insides.plane(home, tap, plane.axes), [path], height=330, legend=False), key=f"inside_{one}", link="inside", frames=filmed, runs=[one])


paths([one for one in picked if not tuned[one].method.changes_weights])
if weights := [one for one in picked if tuned[one].method.changes_weights]:
    st.subheader("Networks whose weights were tuned")
    st.warning("Tuning weights changes the space itself, so each of these has a plane **of its own**: their axes are not the ones above and cannot be compared with each other.")
    paths(weights)

st.header("What can be read off the states")
prose("""A linear probe is trained to tell the number of flips, or the share of heads, from one state, and judged on sequences it has not seen: R² of one
is a perfect reading. Next to it the same network **before its first training step**: how much comes for free.""")
if bases[key].spec.recipe.steps and st.toggle("Probe the states (a few seconds)", value=True, key="inside_probes", bind="query-params"):
    with catalog.one_sentence():
        found = insides.readings(key)
        facts.tell(ratio_trained=max(one.ratio[0] for one in found), ratio_untrained=max(one.ratio[1] for one in found))
        for column, statistic, field in zip(st.columns(2), ("number of flips", "share of heads"), ("step", "ratio"), strict=True):
            with column:
                st.markdown(f"**The {statistic}**")
                picture(probe_bars([Reading(one.tap, *getattr(one, field)) for one in found], statistic=statistic), key=f"inside_probe_{field}", link="probes")
