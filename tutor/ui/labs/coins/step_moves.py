"""The six moves of one step of tuning, each with its numbers: batch, reading, comparison, gradient, memory, move."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st

from tutor.analysis import optimizer_step
from tutor.figures import batch_picture, gradient_picture, position_losses, trajectories, update_picture
from tutor.sources import AbstractSource
from tutor.ui.labs.coins import coin_network, prompt_trials
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_states, catalog
from tutor.ui.shell import url_state
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import prompt_editor

PROMPT = "step_prompt"
TEXT = PageText("step")


class StepChoice(NamedTuple):
    """A network, its target, and the prompt [K, 2] before the first step."""

    base: str
    target: AbstractSource
    start: np.ndarray


@section()
def ask_step() -> StepChoice | None:
    """Draw the controls for network, target and prompt; None, with a note, where something is missing."""
    if not (bases := catalog.list_networks(sides=2)):
        return None
    one, two, three = st.columns(3)
    base, target = coin_network.choose_base("step", one, bases), coin_network.choose_target("step", two)
    with three:
        start = prompt_editor.parse_rows(st.query_params.get(PROMPT, ""))
        start = prompt_editor.parse_rows("HTH") if start is None else start
        st.markdown("Prompt before the first step")
        prompt_editor.draw_editor("Flips", PROMPT, prompt_editor.fit_rows("Flips", start))
    return StepChoice(base, target, prompt_editor.fit_rows("Flips", start)) if coin_network.has_two_sides(target) else None


@section()
def choose_step() -> int:
    """Draw the choice of a step and return the number of steps taken before it."""
    last = optimizer_step.SLOW.steps - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = int(st.number_input("Steps taken before", 0, last, 0, key="step_at", bind="query-params", width=210,
                                 help="The next step after these is shown in detail."))
        for n in (1, 10, 50):
            st.button(
                f"+{n}", key=f"step_plus_{n}", on_click=url_state.set_later, args=({"step_at": min(at + n, last)},), help=f"Take {n} more"
            )
        st.button("Back to the start", key="step_reset", disabled=not at, on_click=url_state.set_later, args=({"step_at": 0},))
    return at


@section()
def draw_moves(begun: StepChoice, at: int) -> None:
    """Draw the step after `at` steps, one section for each of its six parts."""
    step = prompt_trials.dissect_step(begun.base, begun.target, tuple(map(tuple, begun.start.tolist())), at)
    for column, (heading, draw) in in_rows(MOVES.items(), 2, gap="large"):
        with column, section():
            st.subheader(heading)
            draw(begun, step)


def _batch(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    draw_picture(batch_picture(step.tokens, step.heads), key="step_batch", link="step")
    TEXT.caption("batch", sequences=len(step.tokens), target=begun.target.label, flips=step.tokens.shape[1])


def _reading(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    prompt = prompt_trials.WorkbenchPrompt(begun.base, tuple(map(tuple, step.before.tolist())))
    paths = prompt_trials.beside_no_prompt(prompt, begun.target)
    draw_picture(trajectories(cached_states.state_plane(begun.base, "", (0, 1)), paths, height=320), key="step_states", link="step")
    TEXT.caption("reading", vectors=len(step.before))


def _comparison(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    TEXT.put("loss-formula", loss=step.mean_loss)
    draw_picture(position_losses(step.loss, step.bayes), key="step_loss", link="step")
    TEXT.caption("comparison", divergence=step.divergence)


def _gradient(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    TEXT.put("gradient-formula")
    draw_picture(gradient_picture(step.gradient), key="step_gradient", link="step")
    TEXT.caption("gradient")


def _memory(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    TEXT.put("memory-formula")
    TEXT.caption("memory", rate=step.rate)
    st.dataframe(prompt_editor.tabulate_adam(step), hide_index=True, height="content",
                 alt="Gradient, memories and update of every prompt vector.")


def _move(begun: StepChoice, step: optimizer_step.OptimizerStep) -> None:
    TEXT.put("move-formula")
    draw_picture(update_picture(step.before, step.after, begun.start), key="step_update", link="step")


MOVES: dict[str, Callable[[StepChoice, optimizer_step.OptimizerStep], None]] = {
    "1. Draw a batch": _batch,
    "2. Read the prompt, then the flips": _reading,
    "3. Compare every prediction": _comparison,
    "4. Compute the gradient": _gradient,
    "5. Choose the step (Adam)": _memory,
    "6. Move": _move,
}
