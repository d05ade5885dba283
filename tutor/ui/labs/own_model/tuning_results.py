"""A prompt tuned for the model on the desk: what to show while it runs, what it comes near to, and what to take away."""

import numpy as np
import pandas as pd
import streamlit as st

from tutor import llm
from tutor.core.threads import fix_threads
from tutor.figures import PlacedPrompt, WordCloud, attention_map, effect_bars, prompt_map, token_tape, tuning_losses
from tutor.figures.picture import join_names, pick_evenly
from tutor.measure import effective_rank
from tutor.ui.labs.embeddings.posterior_scores import draw_metrics
from tutor.ui.labs.own_model.model_picker import DESK
from tutor.ui.plot import draw_picture
from tutor.ui.shell.sections import fragment, section

COLUMNS = 7                                      # moments of the tape
MAX_WIDTH = 2048                                    # width up to which a Gaussian is fitted while a page waits
CHECKED_TOKENS = 64                                        # tokens of the check: it keeps the attention of every head
MAPPED_TOKENS = 16                                       # tokens of a text that are drawn as a map


def show_result() -> None:
    """Draw the current tuning: losses, nearest tokens, and the prompt's path among the vocabulary; refreshes itself while it runs."""
    fragment(_result, run_every=1.0 if DESK.busy else None, key="own_model_result")()


def _result() -> None:
    held = DESK.held
    tuner, cloud = held.tuner, held.cloud
    if cloud is None:
        return
    if tuner is None or not tuner.taken:
        draw_picture(prompt_map(_words(cloud), []), key="own_model_cloud", link="own_model")
        st.caption("The vocabulary alone, until a prompt is tuned: every token where its embedding lies, in the plane of their two "
                   "widest directions.")
        return
    taken = list(tuner.taken)
    looked = [one for one in taken if one.validation is not None]
    draw_picture(tuning_losses([one.loss for one in taken], [(one.step, one.validation) for one in looked], tuner.without, tuner.how.steps),
            key="own_model_losses", link="own_model")
    gain = tuner.without - looked[-1].validation
    st.caption(f"{tuner.how.method}, {tuner.how.length} vectors, {len(tuner.examples.training):,} examples to learn from and "
               f"{len(tuner.examples.validation):,} held out. After {looked[-1].step:,} steps the prompt is worth **{gain:.3f} nats per "
               "token** on text it has not seen.")
    if looked[0].near is not None:
        _tape(tuner, looked)
        way = PlacedPrompt(tuner.how.method, np.stack([cloud.plane.flat(one.vectors) for one in looked]))
        draw_picture(prompt_map(_words(cloud), [way]), key="own_model_cloud", link="own_model")
        st.caption("Grey: tokens of the vocabulary. Red: the prompt vectors, from the open circle to where they are now."
                   + _shrunk(tuner, held.order))
    else:
        _prefix(tuner)


def _shrunk(tuner, order) -> str:
    """How far the Gaussians of the prior were shrunk, where one was."""
    parts = DESK.kept(tuner, "shrunk", lambda: llm.measure_shrinkage(tuner.model, order.prior)) if tuner.model.width <= MAX_WIDTH else []
    return (" The cloud to which the prior is fitted has too few tokens for a full covariance, so it was shrunk towards a sphere by "
            f"{' and '.join(f'{part:.0%}' for part in parts)}.") if parts else ""


def _prefix(tuner) -> None:
    """What can be said of a prefix, which cannot be read as words."""
    st.info("A prefix has no table of nearest words: it consists of keys and values in every layer, and no word is made of these. It "
            "started as what the model computes from the vectors of the prior. Its effect is measured below.", icon=":material/info:")
    weight = tuner.prompted.weight.detach()
    left, right = st.columns(2)
    left.metric("Changed, of its length", f"{tuner.prompted.changed(tuner.began):.0%}", border=True,
                help="How far its keys and values moved, as a share of their length at the start; mean over the vectors. There are no "
                     "tokens to compare with, so it is not in radii.")
    right.metric("Effective rank", f"{effective_rank(weight)} of {tuner.how.length}", border=True,
                 help="How many principal directions hold 95 % of the variance of its vectors, keys and values of all layers together.")


def _words(cloud) -> WordCloud:
    return WordCloud(cloud.points, cloud.words, cloud.plane.axes)


def _tape(tuner, looked) -> None:
    st.subheader("What the vectors are near to")
    by = st.segmented_control("Nearest by", ["cosine", "distance"], default="cosine", required=True, key="own_model_by",
                              bind="query-params")
    shown = [looked[place] for place in pick_evenly(len(looked), COLUMNS)]
    words = [[word[:9] for word in tuner.model.words(one.near[by].ids[:, 0].tolist())] for one in shown]
    values = np.stack([getattr(one.near[by], by)[:, 0].numpy() for one in shown])
    draw_picture(token_tape([one.step for one in shown], words, values, measure=by), key="own_model_tape", link="own_model")
    last = looked[-1]
    st.caption("The nearest token of every prompt vector on its way; moments are close together at first and far apart later. A vector "
               f"in a random direction has a cosine of {last.standing.chance:.2f} (drawn as tokens lie, from their mean and covariance: "
               f"{last.standing.shaped:.2f}) with its nearest token: read a vector as a word only if it is clearly nearer. By distance "
               f"**{tuner.reads_on} of {tuner.how.length}** vectors are still nearest to the token that they started from.")
    draw_metrics(last.standing, tuner.how.length, f"about {tuner.model.width ** 0.5:.0f}", word="token", travelled=last.travelled)
    with st.expander("The three nearest tokens of each vector now, with their cosine and distance"):
        st.dataframe(_rows(tuner, last.near), hide_index=True, height="content",
                     column_config={"vector": st.column_config.NumberColumn(width="small")},
                     alt="The nearest tokens of every prompt vector.")


def _rows(tuner, near) -> pd.DataFrame:
    def named(by: str) -> list[str]:
        return ["  ".join(f"{word} {number:.2f}" for word, number in zip(tuner.model.words(row), values, strict=True))
                for row, values in zip(near[by].ids.tolist(), getattr(near[by], by).tolist(), strict=True)]

    return pd.DataFrame({"vector": range(1, tuner.how.length + 1), "by angle": named("cosine"), "by distance": named("distance")})


def show_downloads(tuner: llm.PromptTuner, order: llm.TuningOrder) -> None:
    """Draw download buttons for the prompt as a PEFT adapter and for its losses."""
    with st.container(horizontal=True):
        st.download_button("Prompt (safetensors, with how it was made)", lambda: llm.pack_adapter(tuner, order.made),
                           f"prompt-{tuner.how.method}.zip", "application/zip",
                           key="own_model_take", icon=":material/download:", on_click="ignore")
        st.download_button("Losses (CSV)", lambda: llm.losses_csv(tuner), f"losses-{tuner.how.method}.csv", "text/csv", key="own_model_csv",
                           icon=":material/table:", on_click="ignore")
    st.caption("In the zip: `write.py`, which writes what this page writes; `adapter_model.safetensors` and `adapter_config.json`, which "
               "`peft.PeftModel.from_pretrained(model, folder)` loads; `made.json`; the losses and the tape as tables. PEFT's `generate` "
               "writes **something else** where it keeps what it has read (seen with peft 0.21 and transformers 5.24): README.md in the "
               "zip says when.")


def show_writing(tuner: llm.PromptTuner) -> None:
    """Draw a field for a text, and the model's continuation with and without the prompt."""
    text = st.text_input("A text to go on from", "The river was", key="own_model_begin", max_chars=1000)
    with section(), fix_threads():
        with st.spinner("Writing"):
            found = DESK.kept(tuner, ("written", text), lambda: llm.write_continuation(tuner.model, tuner.prompted, text or "", 24))
        for column, name, said in zip(st.columns(2), ("Without the prompt", "Behind the prompt"), (found.without, found.behind),
                                      strict=True):
            with column.container(border=True):
                st.caption(name)
                st.text(said or "(nothing)")


def show_first_layer_check(tuner: llm.PromptTuner) -> None:
    """Draw the first-layer check on a visitor's text: the change of attention in each layer, and the maps of one head."""
    model = tuner.model
    text = st.text_input("A text to read", "The river was cold and wide that morning.", key="own_model_read", max_chars=1000)
    with st.container(horizontal=True):
        many, heads = max(1, len(model.anatomy.keeping)), max(1, model.heads)
        layer = int(st.number_input("Layer", 1, many, 1, key=f"own_model_check_layer_{many}", width=150)) - 1
        head = int(st.number_input("Head", 1, heads, 1, key=f"own_model_check_head_{heads}", width=150)) - 1
    with section(), fix_threads():
        ids = model.tokens(text or "")
        if ids.shape[1] > CHECKED_TOKENS:
            raise ValueError(f"the text has {ids.shape[1]} tokens; the check reads at most {CHECKED_TOKENS}")
        if not (0 <= layer < many and 0 <= head < heads):
            raise ValueError(f"layer is {layer + 1} and head {head + 1}; this model has layers 1 to {many} and heads 1 to {heads}")
        found = DESK.kept(tuner, ("check", text), lambda: llm.check_first_layer(tuner.prompted, ids))
        first = found.layers[0]
        st.markdown("In the first layer the attention over the text, scaled to one again, differs by at most "
                    f"**{first.content:.1e}**, and the output from what the bias predicts by **{first.output:.1e}** of the largest "
                    "output: " + ("that is rounding." if first.exact else "more than rounding."))
        effects = found.layers.values()
        draw_picture(effect_bars([one.content for one in effects], [one.output for one in effects], rounding=first.rounding,
                            numbers=[one + 1 for one in found.layers]), key="own_model_effect", link="own_model_check")
        st.caption(f"Below the dashed line, at {first.rounding:.1e}, a difference is rounding: single precision can leave that much in a "
                   f"model of this width.")
        _maps(model.words(ids[0].tolist()), found, layer, head)


def _maps(words: list[str], found: llm.AttentionEffect, layer: int, head: int) -> None:
    if layer not in found.layers:
        raise ValueError(f"layer {layer + 1} has no attention; there is one in {join_names([str(one + 1) for one in found.layers])}")
    if head >= found.without[layer].weights.shape[1]:
        raise ValueError(f"head is {head + 1}; layer {layer + 1} has {found.without[layer].weights.shape[1]}")
    without, behind = found.without[layer], found.behind[layer]
    shown, rows = min(len(words), MAPPED_TOKENS), behind.memory
    panels = (("Without the prompt", without.weights, 0, "without"), ("Behind the prompt", behind.weights, rows, "behind"),
              ("Prompt left out, the rest scaled to sum 1", behind.content, 0, "rescaled"))
    for column, (said, weights, prefix, name) in zip(st.columns(3, gap="small"), panels, strict=True):
        with column:
            st.markdown(f"**{said}**")
            drawn = attention_map(weights[0, head, :shown, :prefix + shown].numpy(), [word[:8] for word in words[:shown]], prefix=prefix)
            drawn.drawing.x(tickangle=-90)
            draw_picture(drawn, key=f"own_model_map_{name}", link="own_model_map")
