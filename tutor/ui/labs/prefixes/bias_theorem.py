"""What attention does with a prefix in front of a visitor's own list: the maps, layer by layer, the bias, and where prefixes push."""

from dataclasses import dataclass

import streamlit as st

from tutor.analysis import prefix_attention
from tutor.figures import bias_scatter, effect_bars
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunInfo
from tutor.ui.labs.prefixes import attention_views, prefix_editor
from tutor.ui.plot import draw_picture, draw_timeline, frame_feeds
from tutor.ui.run_views import catalog
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

TEXT = PageText("attention")


@dataclass(frozen=True)
class TheoremChoice:
    """An edited prefix, the tokens of a list answered without and with it, and the layer and head to look at."""

    known: dict[str, RunInfo]
    key: str
    steering: attention_views.EditedPrefix
    plain: list[int]
    steered: list[int]
    layer: int
    head: int

    @property
    def spec(self) -> RunSpec:
        return self.known[self.key].spec


@section()
def ask_theorem() -> TheoremChoice | None:
    """Draw the controls for prefix, list, layer and head; None, with a note, where there is no prefix."""
    known = attention_views.list_prefix_runs()
    if not known:
        st.info("No prefix has been tuned for a list network yet. Train one on Skills: it takes a minute or two.",
                icon=":material/arrow_forward:")
        catalog.draw_link("skills", "Go to Skills", "model_training")
        return None
    names = attention_views.name_prefixes(known)
    one, two, three, four = st.columns([4, 3, 1, 1], vertical_alignment="bottom")
    with one:
        key = url_state.choose_option("Prefix and network", list(known), "attention_run", named=names.get)
    spec = known[key].spec
    with two:
        text = st.text_input("A list of digits", prefix_attention.draw_example(spec.source), key=f"attention_list_{spec.source.items}",
                             bind="query-params", max_chars=80,
                             help=f"{spec.source.items} digits from 0 to {spec.source.digits - 1}.")
    layer = int(three.number_input("Layer", 1, spec.body.layers, 1, key=f"attention_layer_{spec.body.layers}", bind="query-params")) - 1
    head = int(four.number_input("Head", 1, spec.body.heads, 1, key=f"attention_head_{spec.body.heads}", bind="query-params")) - 1
    steering = prefix_editor.edit_prefix(key, spec)
    digits = prefix_attention.parse_digits(spec.source, text or "")
    plain, steered = attention_views.answer_list(steering, digits)
    return TheoremChoice(known, key, steering, plain, steered, layer, head)


@section()
def show_maps(chosen: TheoremChoice):
    """Draw the answers and the attention maps with and without the prefix, and return the maps."""
    steering, spec, layer, head, key = chosen.steering, chosen.spec, chosen.layer, chosen.head, chosen.key
    plain, steered, first = chosen.plain, chosen.steered, chosen.steering.first
    items, tokens = spec.source.items, tuple(steered)
    found = attention_views.read_head(steering, tokens, layer, head)
    prefix_editor.show_maps(found, tokens, items, key)
    alone = "" if plain == steered else TEXT.read("alone-otherwise")
    TEXT.caption("rows-and-columns", alone=alone)
    shares = prefix_editor.show_answers(steering, spec, plain, steered)
    TEXT.write("about")
    page_facts.record_facts(pull=steering.pull, push=steering.push, left_out=len(steering.without), layer=layer + 1, task=spec.on.label,
                    share=float(found.sides.share[items:].mean()),
               difference=found.difference, answers_differ=plain != steered, **prefix_editor.prefix_facts(steering, shares))
    TEXT.write("rescaled", difference=found.difference, layer=layer + 1, head=head + 1,
               why=TEXT.read("first-layer" if layer <= first else "deeper-layer"))
    return found


def show_theorem(chosen: TheoremChoice) -> None:
    """Draw all sections on one prefix and one list; an error in one leaves the others standing."""
    found = show_maps(chosen)
    left, right = st.columns(2, gap="large")
    with left:
        show_layers(chosen)
    with right:
        if found:
            show_bias(chosen, found)
    show_pushes(chosen)


@section()
def show_layers(chosen: TheoremChoice) -> None:
    """Draw how much the prefix changes each layer."""
    effects = attention_views.measure_effect(chosen.steering, tuple(chosen.steered))
    st.subheader("Layer by layer")
    draw_picture(effect_bars([one.content for one in effects], [one.output for one in effects], rounding=effects[0].rounding),
            key="attention_effect", link="attention")
    TEXT.caption("layer-by-layer")


@section()
def show_bias(chosen: TheoremChoice, found) -> None:
    """Draw what the prefix adds to the output of one head; `found` are the maps from `show_maps`."""
    steering, spec, layer, head, first = chosen.steering, chosen.spec, chosen.layer, chosen.head, chosen.steering.first
    st.subheader("A prefix is a bias")
    st.markdown(r"$t^{\text{prefix}}_i = (1-a_i)\,t_i + a_i\,W_V\,\mu$: less of the old output, plus something **fixed**."
                if attention_views.count_rows(spec) == 1 else
                r"$t^{\text{prefix}}_i = (1-a_i)\,t_i + \sum_k a_{ik}\,W_V\,\mu_k$: less of the old output, and a mixture of **fixed** "
                r"vectors.")
    prefix_editor.show_bias(found.sides, found.behind.shape[1] - len(found.without) - len(steering.without) if layer >= first else 0, layer,
                       first)
    TEXT.caption("bias", head=head + 1, layer=layer + 1)


@section()
def show_pushes(chosen: TheoremChoice) -> None:
    """Draw where the prefixes of one network move the output of the first layer that has them."""
    key, steering, spec = chosen.key, chosen.steering, chosen.spec
    st.subheader("Where the prefixes push")
    draw_timeline("attention")
    siblings = attention_views.find_siblings(key)
    moved = attention_views.push_outputs_edited(steering, siblings)
    draw_picture(bias_scatter(moved.without, moved.behind, explained=moved.explained), key=f"attention_bias_{key}", link="attention",
            runs=siblings,
            frames=None if steering.edited else frame_feeds.feed_pushed_outputs(key, siblings))
    TEXT.write("pushes", places=TEXT.read("one-place" if attention_views.count_rows(spec) == 1 else "several-places"),
               drawn=TEXT.read("as-edited", task=spec.on.label) if steering.edited else TEXT.read("tuned-again"))
