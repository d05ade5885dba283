"""Tune one pretrained network towards a target with several methods on one budget, and watch them race."""

import streamlit as st

from tutor.figures import prefix_bars, race, regret_bars
from tutor.methods import METHODS
from tutor.studies import FAST
from tutor.ui import address, catalog, comparison, forms, insides, live, numbers, races, steering
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("Tune: one network, many prompts")
prose("""The network expects coins of **any** bias. Now it shall expect **one particular** source, its target. A *prompt* method only puts a few
vectors in front and leaves every weight alone; a *weight* method changes the network itself. All get the same budget - who gets how far?""")

bases = catalog.networks()

one, two, three = st.columns(3)
with one:
    base_key = address.choose("Pretrained network", list(bases), "tune_base", named=lambda key: catalog.named(bases[key]), help="Shipped networks and your own.")
base = bases[base_key].spec
with two:
    target = forms.source("tune_on", "Target: what it shall expect", default="Single coin 0.2")
with three:
    recipe = forms.recipe("tune_recipe", "Budget of every method", presets=forms.TUNING_RECIPES)
kinds = st.multiselect("Methods", list(METHODS), default=races.usual(), format_func=lambda kind: METHODS[kind].label, key="tune_methods", bind="query-params",
                       help="NoTuning and RandomPF are controls, names with PT are prompts, names with WT tune weights. Those that are not chosen at first are at home in the labs of embeddings.")
if target is None or recipe is None:
    st.stop()
if target.vocab != base.source.vocab:
    st.error(f"The target has {target.vocab} sides and the network was trained on {base.source.vocab}; both must have the same.")
    st.stop()

with st.expander("Prompt length, repetitions, and the settings of each method"):
    with st.container(horizontal=True):
        length = st.number_input("Prompt length", 0, 64, races.LENGTH, key="tune_length", bind="query-params", width=210,
                                 help="Vectors in front of the data, for every method that has a length.")
        repetitions = st.number_input("Repetitions", 1, 20, FAST.repetitions, key="tune_repetitions", bind="query-params", width=210,
                                      help="Independent starts per method; the spread you see is theirs.")
    budget = races.Budget(target, recipe, int(repetitions), int(length))
    methods = races.settings(kinds, base, budget)
specs, refused = races.entries(methods, base, budget)
for label, reason in refused.items():
    st.warning(f"**{label}** cannot take part: {reason}.")
if not specs:
    st.info("Choose at least one method.", icon=":material/arrow_upward:")
    st.stop()

known = races.states(specs)
waiting = {label: specs[label] for label, status in known.items() if status is None or status.state not in (*live.ACTIVE, *catalog.FINAL)}
active = [specs[label].key() for label, status in known.items() if status is not None and status.state in live.ACTIVE]
with st.container(horizontal=True, vertical_alignment="center"):
    if waiting and st.button(f"Start {len(waiting)} of {len(specs)}", type="primary", key="tune_start", icon=":material/play_arrow:"):
        for spec in waiting.values():
            steering.start(spec)
        st.rerun()
    if active and st.button("Stop all", key="tune_stop", icon=":material/stop:"):
        for key in active:
            steering.stop(key)
        st.rerun()
    if waiting:
        st.caption(f"Costs about {live.duration(sum(catalog.seconds(spec) for spec in waiting.values()))} of one core; the methods take turns. Closing this tab loses nothing.", width="content")
    elif not active:
        st.caption("All of these runs are finished; change a setting for others.", width="content")

finished = {label: spec for label, spec in specs.items() if known[label] is not None and known[label].state == "done"}
st.header("The race")
with catalog.one_sentence():
    drawn, feeds = races.racers(specs, known)
    pinned = comparison.pin({label: label for label in finished}, "tune_pin")
    zero = next((racer for racer in drawn if racer.label == pinned and racer.events), None) if not feeds else None
    picture(race(drawn, steps=recipe.steps, against=zero), key="tune_race", link="tune", live=feeds or None)
    if pinned and not zero:
        st.caption(f"The race shows the distances themselves: {'some runs are still moving' if feeds else f'{pinned} is not trained step by step'}.")
    st.caption(f"How far each method's predictions are from those of the ideal predictor of **{target.label}**, while it is tuned (first repetition). Lower is better; zero is perfect.")
    races.board(specs, pinned)

if finished:
    st.header("Where they ended")
    with catalog.one_sentence():
        curves = [curve for spec in finished.values() if (curve := numbers.curve(spec.key(), target))]
        exact = [one for one in numbers.baselines(next(iter(finished.values())), target) if one.label != "Oracle"]
        reference = next((curve for curve in curves if curve.label == pinned), None)
        bars = comparison.over([*curves, *exact], reference)
        picture(regret_bars(bars, against=f"pinned {pinned}" if reference else "generator"), key="tune_bars", link="tune")
    st.caption("Bars are medians over the repetitions, whiskers their quartiles. **TargetBayes** is the optimum, **PreBayes** the ideal pretrained predictor, **PreBayesPT** the same behind its best hard prompt.")
    with st.container(horizontal=True):
        catalog.link("regret", "Next: regret flip by flip", "arrow_forward", regret_base=base_key)
        catalog.link("inside", "See where the prompts lead the states", "blur_on", inside_base=base_key)
    with catalog.one_sentence():
        tried = [scores for spec in finished.values() if (scores := insides.prompt_scores(spec.key()))]
        if tried:
            st.header("Every hard prompt there is")
            prose("A search tries them all. Bars: what each costs this network. Diamonds: what the same pseudo-flips cost an ideal predictor.")
            picture(prefix_bars(tried[0].prompts, tried[0].network, ideal=tried[0].ideal), key="tune_prompts")
