"""What a prefix does inside attention: the theorem on the visitor's own list, the bias, and what one virtual token can decide."""

import streamlit as st

from tutor import attending
from tutor.figures import Spread, attention_map, bias_scatter, effect_bars, spread_bars
from tutor.ui import address, attentions, catalog, comparison, facts, films, numbers
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

st.title("Attention: what a prefix can and cannot do")
prose("""A prefix stands before everything, so everybody may look at it. What they look at **otherwise** it cannot change, in the first layer at least:
it takes a share of the attention and leaves the rest in its old proportions. Try it on your own list of digits.""")

known = attentions.prefixed()
if not known:
    st.info("No prefix has been tuned for a list network yet. Train one on Skills: it takes a minute or two.", icon=":material/arrow_forward:")
    catalog.link("skills", "Go to Skills", "model_training")
    st.stop()

one, two, three, four = st.columns([4, 3, 1, 1], vertical_alignment="bottom")
with one:
    key = address.choose("Network and prefix", list(known), "attention_run", named=lambda key: attentions.named(known[key]))
spec = known[key].spec
with two:
    text = st.text_input("A list of digits", attending.example(spec.source), key=f"attention_list_{spec.source.items}", bind="query-params", max_chars=80,
                         help=f"{spec.source.items} digits from 0 to {spec.source.digits - 1}.")
layer = int(three.number_input("Layer", 1, spec.body.layers, 1, key=f"attention_layer_{spec.body.layers}", bind="query-params")) - 1
head = int(four.number_input("Head", 1, spec.body.heads, 1, key=f"attention_head_{spec.body.heads}", bind="query-params")) - 1
with st.container(horizontal=True):
    pull = st.slider("Pull: the prefix's keys times", -2.0, 3.0, 1.0, 0.1, key="attention_pull", bind="query-params", width=320, help="How strongly the prefix draws attention; 1 is as it was tuned.")
    push = st.slider("Push: its values times", -2.0, 3.0, 1.0, 0.1, key="attention_push", bind="query-params", width=320, help="What it says to whoever looks; 1 is as it was tuned.")
steering = attentions.Steered(key, pull, push)
try:
    digits = attending.typed(spec.source, text or "")
    plain, steered = attentions.answers(steering, digits)
except (catalog.StoreError, ValueError) as error:
    st.error(catalog.sentence(error))
    st.stop()

timeline("attention")
items = spec.source.items
for column, said, tokens in zip(st.columns(2), ("Without the prefix", "Behind the prefix"), (plain, steered), strict=True):
    column.metric(f"{said} it answers", " ".join(map(str, tokens[items:])), border=True)
tokens = tuple(steered)
with catalog.one_sentence():
    found = attentions.reading(steering, tokens, layer, head)
    words = ["B", *map(str, tokens[:-1])]
    columns = st.columns(3, gap="small")
    rows = found.behind.shape[1] - found.without.shape[1]                       # of the prefix in this layer
    panels = (("Without the prefix", found.without, 0, "without"), ("Behind the prefix", found.behind, rows, "behind"),
              ("Prefix cut out, rest scaled to one", found.rescaled, 0, "rescaled"))
    for column, (said, weights, prefix, name) in zip(columns, panels, strict=True):
        with column:
            st.markdown(f"**{said}**")
            picture(attention_map(weights, words, prefix=prefix, asked=items), key=f"attention_{name}", link="attention", runs=[key])
    st.caption("Rows: where the network stands, by what it has read last (B: nothing yet). Columns: what it looks at (p: the prefix). The upright line ends the prefix, the level line stands before the answer.")
    effects = attentions.effect(steering, tokens)
    share = float(found.behind[items:, :rows].sum(1).mean())
    facts.tell(pull=pull, push=push, layer=layer + 1, task=spec.on.label, share=share, difference=found.difference, answers_differ=plain != steered)
    st.markdown(f"Left and right differ by at most **{found.difference:.1e}** in layer {layer + 1}, head {head + 1}. "
                + ("That is rounding: in the first layer the rescaled attention **is** the attention without the prefix." if layer == 0 else
                   "The layers below have passed on what the prefix did, so this layer reads other inputs: depth is how a prefix escapes."))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Layer by layer")
        picture(effect_bars([one.content for one in effects], [one.output for one in effects]), key="attention_effect", link="attention")
        st.caption("Below the dashed line the difference is zero up to rounding. In the first layer the theorem is exact; deeper layers see what the first one changed.")
    with right:
        st.subheader("A prefix is a bias")
        st.markdown(r"$t^{\text{prefix}}_i = (1-a_i)\,t_i + a_i\,W_V\,\mu$")
        prose(f"""What comes out is the old output, a little less of it, and something **fixed**. Both sides differ by {effects[0].output:.1e} of the largest output in the first layer.
Whatever the list, in each head this prefix adds along {effects[0].rank} direction{"s" if effects[0].rank != 1 else ""} only.""")
        siblings = attentions.siblings(key)
        moved = attentions.pushed(siblings)
        picture(bias_scatter(moved.without, moved.behind, explained=moved.explained), key=f"attention_bias_{key}", link="attention", frames=films.pushed_feed(key, siblings), runs=siblings)
        st.caption("Each dot: the output of the first layer where the answer to one list begins. Each prefix draws all of them towards a place of its own, some lists further "
                   "than others; with the slider on top the chosen one is tuned again, on a few lists.")

longer = {other: one for other, one in known.items() if one.spec.method.length != 1 and one.spec.method.layers is None}
if longer:
    st.header("Longer prefixes: one fixed mixture?")
    prose("""A prefix of many vectors could say different things to different inputs, if attention divided itself differently among them. Bars: how much each
vector's share changes **from input to input** (1st to 99th percentile); a red mark at the median.""")
    with catalog.one_sentence():
        other = address.choose("Prefix", list(longer), "attention_long", named=lambda key: attentions.named(longer[key]), width=620)
        spread = Spread(attentions.looked_at(other))
        picture(spread_bars(spread), key="attention_spread", runs=[other])
        st.markdown(f"Mean width of the bars here, layer by layer: **{', '.join(f'{gap:.2f}' for gap in spread.gaps)}**. Petrov et al. 2024, appendix B, found 0.02 to 0.17 in GPT-2: "
                    + ("as there, the prefix says nearly the same to every input." if spread.gaps.max() <= 0.2 else "here the mixture **does** depend on the input, more than there."))
        st.caption("At the position of the first answer, over 400 held-out lists, averaged over heads.")

st.header("What one virtual token can decide")
prose("""The limit is not what a prefix can **say**. Here are networks whose weights were set by hand, once and for all: one virtual token makes them write any
string, or answer by any map. A real first token chooses among a vocabulary; a virtual one among all tables of numbers.""")
attentions.by_hand()
st.caption("One attention layer copies the virtual token's table to every position; a layer of ReLUs lets one entry through. Of strings of 20 signs a real first "
           "token could choose 94; the virtual token chooses 94^20, about 10^39.")
result = numbers.study("first-token", "fast")
if result:
    st.subheader("And in a network that was trained")
    prose("""The tiny language model was given every real word as its first token, and random vectors in their place, and wrote ten words behind each. How many
**different** continuations are there? Of real words there can never be more than the vocabulary holds.""")
    picture(attentions.counted(result), key="attention_counted")
    st.caption("Random vectors, drawn like the embeddings of words or more widely; median and quartiles of three draws. Petrov et al. 2024, section 3, train each of their vectors for a continuation "
               "of its own: LLaMA-7B wrote 24,426 different ones behind its 32,000 real first tokens and 46,812 behind 48,218 virtual ones.")
    comparison.verdict(result)
