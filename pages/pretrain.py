"""Pretrain a small network on coin flips and watch it become the ideal predictor of its source."""

import streamlit as st

from tutor.conventions import AFTER
from tutor.figures import FEED, regret_curves, replayed, training_curve
from tutor.predictors import LSTM
from tutor.spec import RunSpec, Seeds
from tutor.studies import FAST, PAPER
from tutor.ui import catalog, facts, films, forms, live, numbers, runs, steering
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

RUN = "pretrain_run"

st.title("Pretrain: learning to expect")
prose("""A network that only ever predicts the next flip, over many sequences with a **new coin each**, has to learn to learn: inside one sequence it
must work out which coin it has got. The best that anybody can do is the **ideal Bayes predictor**, and training drives the network there.""")

shown = catalog.pretrainings()
unasked = FAST.base(LSTM()).key()                          # what the form beside says as long as nobody has touched it
key = st.query_params.get(RUN) or (unasked if unasked in shown else next((one for one, info in shown.items() if info.spec.recipe.steps), None))
main, side = st.columns([5, 3], gap="large")
with side:
    st.markdown("**Your own network**")
    source = forms.source("pretrain_source", "Source of sequences")
    body = forms.body("pretrain_body", "Network")
    recipe = forms.recipe("pretrain_recipe", "Training")
    seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="pretrain_seed", bind="query-params", help="Decides the initial weights and the training data; the same seed gives the same numbers.")
    wish = None
    if source and body and recipe:
        with catalog.one_sentence():
            effort = PAPER if recipe == PAPER.recipe else FAST
            wish = RunSpec(source=source, body=body, recipe=recipe, evaluation=effort.evaluation, seeds=Seeds(pretrain=int(seed)))
    if wish:
        there = catalog.state(wish.key())
        if there == "done" and wish.key() == key:
            st.caption("This is the run you see. Choose another seed, network or training to start one of your own.")
        else:
            if st.button("Show this run" if there == "done" else "Start training", type="primary", key="pretrain_start", icon=":material/play_arrow:") and (started := steering.start(wish)):
                st.query_params[RUN] = started
                st.rerun()
            st.caption("It is computed already: this opens it at once." if there == "done" else f"Costs about {live.duration(catalog.seconds(wish))} of one core.")

with main:
    if key is None:
        st.info("No network has been trained yet. Choose your settings and press **Start training**: it takes less than a minute.", icon=":material/arrow_forward:")
        st.stop()
    try:
        info = catalog.info(key)
        spec = info.spec.base()
        st.markdown(f"**{spec.label}**, {spec.recipe.steps:,} steps, seed {spec.seeds.pretrain}" + (" · shipped with the project" if info.shipped else ""))
        status = live.panel(key)
    except (catalog.StoreError, AttributeError) as error:
        st.error(f"{catalog.sentence(error)} Choose your settings and press Start training, or pick a run on the Runs page.")
        st.stop()
    moving = steering.transport(key, status, RUN)
    ideal = numbers.bayes_loss(spec.source, spec.recipe.length)
    events = [] if moving else numbers.events(key) if status.state == "done" else runs.load(key).events()
    feed = {"url": f"/api/runs/{key}/events", "traces": FEED}
    with catalog.one_sentence():
        picture(training_curve(events, bayes_loss=ideal, steps=spec.recipe.steps), key="pretrain_curve", runs=[key], live=feed if moving else None, link="pretrain", phase=0,
                replay=None if moving else replayed(events))
    st.caption("Above: what the network loses per flip, falling to the dashed line that no predictor can pass. Below: how far its predictions are from the ideal "
               f"predictor's, on a logarithmic scale. Trained on {catalog.targets_in_words(spec.recipe)}.")
    steering.rate_changer(key, status, RUN)

st.header("Watch it learn")
prose("""Left: each dot is the network's **state** after some flips, in the two directions in which its states differ most. Right: each dot is one of its
**predictions**, over the ideal predictor's. At first both mean nothing. Drag the slider, or press play: the states fan out by what has been seen, and the
predictions come to lie on the diagonal.""")
timeline("pretrain")
frozen = status.state in live.ACTIVE and not moving
with catalog.one_sentence():
    shown = {"states": (films.emerging, "whole"), "beliefs": (films.agreeing, "beliefs")}
    for column, (name, (drawn, show)) in zip(st.columns(2, gap="medium"), shown.items(), strict=True):
        with column:
            picture(drawn(key, moving), key=f"pretrain_{name}", link="pretrain", runs=[key], frames=None if frozen else films.feed(key, show))
    st.caption("The same few sequences of the source at every moment. Point at a dot: the same flip lights up in the other picture.")

facts.tell(state=status.state, own=not info.shipped)
if status.state != "done":
    st.info("When the run is finished, its regret against the ideal predictor appears here. Closing this tab loses nothing: the link leads back.", icon=":material/hourglass_empty:")
    st.stop()

st.header("How close to ideal did it get?")
prose("""**Regret** is the extra loss over somebody who knows the coin, summed over the flips. The ideal predictor has some too, because it has to find out.
What the network adds to that, its **excess**, is what training has not reached.""")
with catalog.one_sentence():
    excess = numbers.curve(key, spec.source, against="TargetBayes")
    for column, n in zip(st.columns(3), AFTER, strict=True):
        facts.tell(**{f"excess_after_{n}": float(excess.at(n)[0])} if n <= excess.values.shape[1] else {})
        if n <= excess.values.shape[1]:
            column.metric(f"Excess after {n} flips", f"{excess.at(n)[0]:.3f} nats", help=f"Regret over the ideal predictor of {spec.source.label}, summed over {n} flips.")
    mine = numbers.curve(key, spec.source)
    ideals = [one for one in numbers.baselines(spec, spec.source) if one.label == "TargetBayes"]
    picture(regret_curves([*ideals, mine]), key="pretrain_regret", runs=[key])
with st.container(horizontal=True):
    catalog.link("tune", "Next: tune this network", "arrow_forward", tune_base=key)
    catalog.link("inside", "See its states", "blur_on", inside_base=key)
    catalog.link("runs", "All runs", "folder_open")
