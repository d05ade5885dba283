"""What a prefix does inside attention: the theorem on the visitor's own list, the bias, and what one virtual token can decide."""


import streamlit as st

from tutor import attending
from tutor.figures import Spread, bias_scatter, effect_bars, spread_bars
from tutor.ui import address, attentions, catalog, comparison, facts, films, numbers, prefix_desk, virtual_tokens
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

st.title("Attention: what a prefix can and cannot do")
prose("""A prefix stands before everything, so everybody may look at it. What they look at **otherwise** it cannot change, in the first layer at least:
it takes a share of the attention and leaves the rest in its old proportions. So a prefix is *potentially* less expressive than new weights, and *may not* teach a task
that needs to look elsewhere (Petrov et al. 2024); deeper layers can escape. Try it on your own list of digits.""")

known = attentions.prefixed()
if not known:
    st.info("No prefix has been tuned for a list network yet. Train one on Skills: it takes a minute or two.", icon=":material/arrow_forward:")
    catalog.link("skills", "Go to Skills", "model_training")
    st.stop()

names = attentions.names(known)
one, two, three, four = st.columns([4, 3, 1, 1], vertical_alignment="bottom")
with one:
    key = address.choose("Prefix and network", list(known), "attention_run", named=names.get)
spec = known[key].spec
with two:
    text = st.text_input("A list of digits", attending.example(spec.source), key=f"attention_list_{spec.source.items}", bind="query-params", max_chars=80,
                         help=f"{spec.source.items} digits from 0 to {spec.source.digits - 1}.")
layer = int(three.number_input("Layer", 1, spec.body.layers, 1, key=f"attention_layer_{spec.body.layers}", bind="query-params")) - 1
head = int(four.number_input("Head", 1, spec.body.heads, 1, key=f"attention_head_{spec.body.heads}", bind="query-params")) - 1
try:
    steering = prefix_desk.edited(key, spec)
    digits = attending.typed(spec.source, text or "")
    plain, steered = attentions.answers(steering, digits)
except (catalog.StoreError, ValueError) as error:
    st.error(catalog.sentence(error))
    st.stop()

items, first = spec.source.items, steering.first
shares = prefix_desk.answered(steering, spec, plain, steered)
tokens = tuple(steered)
with catalog.one_sentence():
    found = attentions.reading(steering, tokens, layer, head)
    prefix_desk.maps(found, tokens, items, key)
    alike = "" if plain == steered else " All three read the list and then the answer given **behind** the prefix, so that rows compare; alone the network answers otherwise (above)."
    st.caption("Rows: where the network stands, by what it has read last (B: nothing yet). Columns: what it looks at (p: the prefix). The upright line ends the prefix, "
               "the level line stands before the answer." + alike)
    effects = attentions.effect(steering, tokens)
    facts.tell(pull=steering.pull, push=steering.push, left_out=len(steering.without), layer=layer + 1, task=spec.on.label, share=float(found.sides.share[items:].mean()),
               difference=found.difference, answers_differ=plain != steered, **prefix_desk.told(steering, shares))
    prose(f"Left and right differ by at most **{found.difference:.1e}** in layer {layer + 1}, head {head + 1}. "
          + ("That is rounding: in the first layer the rescaled attention **is** the attention without the prefix." if layer <= first else
             "The layers below have passed on what the prefix did, so this layer reads other inputs: depth is how a prefix escapes.")
          + " The prefix enters as **memory**, keys and values beside the list, and takes no position: every digit keeps its own. Tokens put in front would move all of them on, "
          "and attention would change for that reason alone.")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Layer by layer")
        picture(effect_bars([one.content for one in effects], [one.output for one in effects], rounding=effects[0].rounding), key="attention_effect", link="attention")
        st.caption("Below the dashed line the difference is zero up to rounding. In the first layer the theorem is exact; deeper layers see what the first one changed. "
                   "Output: the largest over all heads, as a share of the largest output.")
    with right:
        st.subheader("A prefix is a bias")
        st.markdown(r"$t^{\text{prefix}}_i = (1-a_i)\,t_i + a_i\,W_V\,\mu$: less of the old output, and something **fixed**." if attentions.rows(spec) == 1 else
                    r"$t^{\text{prefix}}_i = (1-a_i)\,t_i + \sum_k a_{ik}\,W_V\,\mu_k$: less of the old output, and a mixture of **fixed** vectors.")
        prefix_desk.bias(found.sides, found.behind.shape[1] - len(found.without) - len(steering.without) if layer >= first else 0, layer, first)
        st.caption(f"Each dot is one of the numbers that head {head + 1} of layer {layer + 1} says at one position. Upwards: behind the prefix. To the right: by the equation (blue), "
                   "or without the prefix (grey).")
    st.subheader("Where the prefixes push")
    timeline("attention")
    siblings = attentions.siblings(key)
    moved = attentions.pushed_by(steering, siblings)
    picture(bias_scatter(moved.without, moved.behind, explained=moved.explained), key=f"attention_bias_{key}", link="attention", runs=siblings,
            frames=None if steering.edited else films.pushed_feed(key, siblings))
    prose("Each dot: what the first layer says where the answer to one list begins. "
          + ("Each prefix draws all of them towards a place of its own, some lists further than others. " if attentions.rows(spec) == 1 else
             "A vector draws all of them towards a place of its own; several vectors mix their places, and may mix them otherwise for every list. ")
          + (f"*{spec.on.label}* is drawn as you edited it." if steering.edited else "With the slider above, the chosen one is tuned again, on a few lists."))

longer = {other: one for other, one in known.items() if attentions.rows(one.spec) > 1 and one.spec.method.layers is None}
if longer:
    st.header("Longer prefixes: one fixed mixture?")
    prose("""A prefix of many vectors could say different things to different inputs, if attention divided itself differently among them. Bars: how much each
vector's share changes **from input to input** (1st to 99th percentile); a red mark at the median.""")
    with catalog.one_sentence():
        other = address.choose("Prefix", list(longer), "attention_long", named=names.get, first=key, width=620)
        spread = Spread(attentions.looked_at(steering if other == key else attentions.Steered(other)))
        picture(spread_bars(spread), key="attention_spread", runs=[other])
        prose(prefix_desk.mixture(spread))
        st.caption("At the position of the first answer, over 400 held-out lists, averaged over heads." + " Edited as above." * (steering.edited and other == key))

st.header("What one virtual token can decide")
prose("""The limit is not what a prefix can **say**. Here are networks whose weights were set by hand, once and for all: one virtual token makes them write any
string, or answer by any map. A real first token chooses among a vocabulary; a virtual one among all tables of numbers.""")
virtual_tokens.by_hand()
st.caption("One attention layer copies the virtual token's table to every position; a layer of ReLUs lets one entry through. Of strings of 20 signs a real first "
           "token could choose 94; the virtual token chooses 94^20, about 10^39.")
result = numbers.study("first-token", "fast")
if result:
    st.subheader("And in a network that was trained")
    prose("""The tiny language model was given every real word as its first token, and random vectors in their place, and wrote ten words behind each. How many
**different** continuations are there? Of real words there can never be more than the vocabulary holds. """ + virtual_tokens.finding(result))
    picture(virtual_tokens.counted(result), key="attention_counted")
    st.caption("Random vectors, drawn like the embeddings of words or more widely; median and quartiles of three draws. Petrov et al. 2024, section 3, train each of their vectors for a continuation "
               "of its own: LLaMA-7B wrote 24,426 different ones behind its 32,000 real first tokens and 46,812 behind 48,218 virtual ones.")
    comparison.verdict(result)
