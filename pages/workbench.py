"""Make a prompt by hand and see at once what it does: belief, predictions, states and regret, and the landscape around it."""

import streamlit as st

from tutor.figures import HANDLE, Curve, Prediction, belief_picture, flips_picture, pad, prefix_bars, regret_curves, trajectories
from tutor.measure import belief
from tutor.ui import address, catalog, facts, flips, forms, insides, numbers, prompts, trials
from tutor.ui.frame import prose
from tutor.ui.picture import picture

PROMPT, OWN = "workbench_prompt", "by hand"

st.title("Workbench: make a prompt by hand")
prose("""Put a few vectors in front of a network and watch what it takes them for. Every change runs the network again: nothing here is looked up.
To an ideal predictor a prompt is a number of **flips that never happened**. Is that all it is to a network?""")

bases = catalog.networks(sides=2)

one, two, three = st.columns(3)
with one:
    base = address.choose("Network", list(bases), "workbench_base", named=lambda key: catalog.named(bases[key]))
with two:
    target = forms.source("workbench_on", "Target: the coin it shall expect", default="Single coin 0.2")
tuned = {key: info for key, info in catalog.tunings(base).items() if 0 < insides.prompt_vectors(key) <= prompts.MOST}
with three:
    origin = address.choose("Start from", [OWN, *tuned], "workbench_from", then=prompts.opener(PROMPT, "workbench_kind", tuned), named=lambda key: f"{tuned[key].label} · {key[:6]}" if key in tuned else "a prompt by hand",
                            help="A tuned prompt is taken apart into amounts of heads and tails, and a part that no flips can make.")
if target is None or target.vocab != 2:
    st.info("Choose a target with two sides to go on.", icon=":material/arrow_upward:")
    st.stop()

found, share = trials.taken_apart(origin)[0].round(2) if origin in tuned else prompts.read(prompts.FIRST), 0.0
typed = st.query_params.get(PROMPT, "").removesuffix("-")        # "-" is what a link says for none
rows = prompts.read(typed)
if typed and rows is None:
    st.warning(f"The link asks for the prompt '{typed[:40]}', which is none: H, T, or pairs such as 0.2:0.8 with commas between.")
rows = found if rows is None else rows

edit, see = st.columns([2, 3], gap="large")
with edit:
    kind = st.segmented_control("A prompt of", list(prompts.KINDS), default="Vectors" if origin in tuned else "Flips", required=True, key="workbench_kind",
                                bind="query-params", help="  \n".join(f"{name}: {said}" for name, said in prompts.KINDS.items()))
    rows = prompts.shown(kind, rows)
    prompts.editor(kind, PROMPT, rows)
    if kind == "Vectors":
        picture(pad(rows, height=330), key="workbench_free", link="workbench", handle=HANDLE, on_moved=prompts.mover(PROMPT, len(rows), "workbench_kind"))
    if origin in tuned and len(rows) != len(found):
        st.caption(f"The tuned prompt has {len(found)} vectors. With another number, its part that no flips can make is left out.")
    elif origin in tuned:
        share = st.slider("Part that no flips can make", 0, 100, 100, 5, format="%d %%", key="workbench_share", bind="query-params",
                          help="What the tuned vectors have beside any amount of heads and tails. At 0 % only the amounts above are left.") / 100
prompt = trials.Prompt(base, tuple(map(tuple, rows.tolist())), origin if origin in tuned else "", share)
plain = trials.Prompt(base, ())

with catalog.one_sentence():
    mine, none = trials.trial(prompt, target), trials.trial(plain, target)
    twin, least = trials.best_pseudo_counts(target)
    flips_worth = mine.worth.beyond(bases[base].spec.source)
    facts.tell(begins_with=prompts.written(rows[:1]), fraction=float(abs(rows - rows.round()).max()))
    facts.tell(vectors=len(rows), kind=kind, prompt_heads=float(rows[:, 0].sum()), prompt_tails=float(rows[:, 1].sum()), share=share, tuned=origin in tuned,
               worth_heads=float(flips_worth[0]), worth_tails=float(flips_worth[1]), beyond_flips=mine.worth.unexplained, regret=float(mine.regret[-1]),
               regret_without=float(none.regret[-1]), regret_of_flips=float(least[-1]), target=target.label)
    with see:
        what, left_over, lost = st.columns([5, 3, 3])
        what.metric("Worth in flips", prompts.amounts(*flips_worth), border=True,
                    help="The pseudo-flips, fractions allowed, with which an exact predictor comes closest to this network on 64 sequences of the target (least KL over 50 flips).")
        left_over.metric("Beyond flips", f"{mine.worth.unexplained:.3f}", border=True,
                         help="Nats of KL that are left between the network and that exact predictor, summed over 50 flips. Zero: the prompt is nothing but flips.")
        lost.metric("Regret", f"{mine.regret[-1]:.3f}", f"{mine.regret[-1] - none.regret[-1]:+.3f}", delta_color="inverse", border=True,
                    help=f"Nats after 50 flips, over the generator of the target; {none.regret[-1]:.3f} without a prompt. No pseudo-flips at all, fractions allowed, leave less than {least[-1]:.3f} nats.")
        if mine.regret[-1] < least[-1] - 0.01:
            st.success(f"Below {least[-1]:.3f} nats, the best of all pseudo-flips here: this prompt is something that **no flips** can say.", icon=":material/star:")
        layers = [("prior", belief.posterior(bases[base].spec.source, (0, 0))), ("the prompt, as flips", belief.posterior(mine.worth.twin, (0, 0)))]
        picture(belief_picture(layers, predicted=float(trials.heads(prompt, ())[0])), key="workbench_belief", link="workbench")
    with see if kind == "Vectors" else edit:
        tokens = flips.read(flips.FIRST)
        predictions = [Prediction("no prompt", trials.heads(plain, tokens), network=True), Prediction("your prompt", trials.heads(prompt, tokens), network=True),
                       Prediction("ideal predictor with as many flips", belief.flip_by_flip(mine.worth.twin, tokens))]
        picture(flips_picture(tokens, predictions), key="workbench_flips", link="workbench", height=310)

    st.header("Where it leads the network, and what that costs")
    left, right = st.columns(2)
    with left:
        paths = [trials.path(plain, target, "no prompt"), trials.path(prompt, target, "your prompt")]
        picture(trajectories(insides.plane(base, "", (0, 1)), paths), key="workbench_states", link="workbench")
    with right:
        exact = [one for one in numbers.references(bases[base].spec.source, target) if one.label != "Oracle"]
        curves = [Curve("no prompt", none.regret[None]), Curve("your prompt", mine.regret[None]), *exact, Curve("best pseudo-flips", least[None], exact=True)]
        picture(regret_curves(curves), key="workbench_regret", link="workbench", height=420)

st.header("One vector: the whole landscape")
prose("""A prompt of a single vector is a point in a plane: so much heads, so much tails. Whole flips are its corners **H** and **T**, the line between
them holds all shares of a flip. Drag the red vector - in the landscape it is the only one - or let the optimiser walk.""")
left, right = st.columns([3, 2], gap="large")
with right:
    whole = st.toggle("Compute the landscape", key="workbench_landscape", bind="query-params", help="625 prompts of one vector, each tried on 32 sequences: about 5 seconds.")
    walking = st.toggle("Let the optimiser walk from your first vector", key="workbench_walk", bind="query-params", help="150 steps of RealPT: about 5 seconds.")
with left, catalog.one_sentence():
    ground = trials.surface(base, target) if whole else None
    path = trials.walk(base, target, prompt.rows[0]) if walking else None
    points = rows[:1] if whole or walking else rows
    landscape = (ground.across, ground.up, ground.regret) if ground else None
    picture(pad(points, landscape=landscape, path=path), key="workbench_pad", link="workbench", handle=HANDLE, on_moved=prompts.mover(PROMPT, len(points), "workbench_kind"))
    facts.tell(landscape=bool(whole), walked=bool(walking))
    with right:
        st.dataframe(prompts.heights(points[0], ground, path), hide_index=True, height="content", alt="Notable points of the plane and the regret there.")
        st.caption("Drag a red vector with the mouse or a finger; on the keyboard Shift and the arrows move it. A click on the landscape marks a place.")

st.header("All hard prompts of this length")
if st.toggle(f"Try all {2 ** len(rows)} prompts of {len(rows)} flips in this network", key="workbench_ranking", bind="query-params"):
    with catalog.one_sentence():
        found = trials.ranking(base, target, len(rows))
        ideal = numbers.ideal_scores(bases[base].spec.source, target, found.prompts)
        picture(prefix_bars(found.prompts, found.scores, ideal=ideal), key="workbench_ranked")
st.caption("Genewein et al. 2025, section 3, for prompts as evidence; the fit of pseudo-flips and the landscape are computed here and nowhere else.")
