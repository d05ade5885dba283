"""Slow motion: one step of the optimiser, taken apart into the six things that it does."""

import streamlit as st

from tutor import slow
from tutor.figures import batch_picture, gradient_picture, position_losses, trajectories, update_picture
from tutor.ui import address, catalog, forms, insides, prompts, trials
from tutor.ui.frame import prose
from tutor.ui.picture import picture

PROMPT = "step_prompt"

st.title("Slow motion: one step of tuning")
prose("""Tuning a prompt is the same six moves, hundreds of times. Here they are one by one, with the numbers of **this very step**: the training loop of the
other pages takes it, and this page looks on.""")

bases = catalog.networks(sides=2)
one, two, three = st.columns(3)
with one:
    base = address.choose("Network", list(bases), "step_base", named=lambda key: catalog.named(bases[key]))
with two:
    target = forms.source("step_on", "Target: the coin it shall expect", default="Single coin 0.2")
with three:
    start = prompts.read(st.query_params.get(PROMPT, "")) if PROMPT in st.query_params else None
    start = prompts.read("HTH") if start is None else start
    st.markdown("Prompt before the first step")
    prompts.editor("Flips", PROMPT, prompts.shown("Flips", start))
if target is None or target.vocab != 2:
    st.info("Choose a target with two sides to go on.", icon=":material/arrow_upward:")
    st.stop()

start = prompts.shown("Flips", start)
with st.container(horizontal=True, vertical_alignment="bottom"):
    at = int(st.number_input("Steps taken before", 0, slow.SLOW.steps - 1, 0, key="step_at", bind="query-params", width=210, help="The step after these is taken apart."))
    for n in (1, 10, 50):
        st.button(f"+{n}", key=f"step_plus_{n}", on_click=lambda n=n: st.session_state.update(step_at=min(at + n, slow.SLOW.steps - 1)), help=f"Take {n} more")
    st.button("Back to the start", key="step_reset", disabled=not at, on_click=lambda: st.session_state.update(step_at=0))

with catalog.one_sentence():
    this = trials.dissection(base, target, tuple(map(tuple, start.tolist())), at)
    prompt = trials.Prompt(base, tuple(map(tuple, this.before.tolist())))
    columns = st.columns(2, gap="large"), st.columns(2, gap="large"), st.columns(2, gap="large")
    with columns[0][0]:
        st.subheader("1. Draw a batch")
        st.caption(f"{len(this.tokens)} sequences of **{target.label}**, {this.tokens.shape[1]} flips each; every square is a flip.")
        picture(batch_picture(this.tokens, this.heads), key="step_batch", link="step")
    with columns[0][1]:
        st.subheader("2. Put the prompt in front, read")
        st.caption(f"BOS, then {len(this.before)} vectors, then the flips. The red dot is the state in which the flips find the network.")
        paths = [trials.path(trials.Prompt(base, ()), target, "no prompt"), trials.path(prompt, target, "your prompt")]
        picture(trajectories(insides.plane(base, "", (0, 1)), paths, height=320), key="step_states", link="step")
    with columns[1][0]:
        st.subheader("3. Compare every prediction")
        st.markdown(rf"$\displaystyle L = -\tfrac{{1}}{{BT}}\sum_{{b,t}}\sum_v q_{{btv}}\,\log p_{{btv}} = {this.mean_loss:.4f}\ \text{{nats}}$")
        st.caption(f"q is what the ideal predictor of the target says, p the network; {this.divergence:.4f} nats of the loss are too much.")
        picture(position_losses(this.loss, this.bayes), key="step_loss", link="step")
    with columns[1][1]:
        st.subheader("4. Ask where downhill is")
        st.markdown(r"$\displaystyle g_k = \partial L / \partial \text{prompt}_k$")
        st.caption("Backwards through the whole network, whose weights stay as they are: only the prompt has a gradient that is used.")
        picture(gradient_picture(this.gradient), key="step_gradient", link="step")
    with columns[2][0]:
        st.subheader("5. Remember, and choose the step")
        st.markdown(r"$\displaystyle \begin{gathered} m \leftarrow \beta_1 m + (1-\beta_1)\,g \\ v \leftarrow \beta_2 v + (1-\beta_2)\,g^2 \end{gathered}$")
        st.caption("Adam keeps a mean m of the gradients and one of their squares, v, so that steps are of one size however steep it is. "
                   f"The learning rate η of this step is {this.rate:.4f}.")
        st.dataframe(prompts.adam(this), hide_index=True, height="content", alt="Gradient, memories and update of every prompt vector.")
    with columns[2][1]:
        st.subheader("6. Move")
        st.markdown(r"$\displaystyle \text{prompt}_k \leftarrow \text{prompt}_k - \eta\; \hat m_k / (\sqrt{\hat v_k} + \epsilon)$")
        picture(update_picture(this.before, this.after, start), key="step_update", link="step")
st.caption("RealPT (Genewein et al. 2025, section 3) with exact targets; Adam: Kingma & Ba 2015.")
with st.container(horizontal=True):
    catalog.link("workbench", "Try this prompt on the Workbench", "tune", workbench_base=base, workbench_prompt=prompts.written(start))
    catalog.link("tune", "Let every method run", "arrow_forward", tune_base=base)
