"""The prompt on the workbench: a network, a target, and the vectors that a visitor put before it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from tutor.figures import HANDLE, prompt_pad
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractSource
from tutor.ui.labs.coins import coin_network, prompt_trials
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_states, catalog
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section
from tutor.ui.widgets import prompt_editor

PROMPT, OWN = "workbench_prompt", "by hand"


@dataclass(frozen=True)
class WorkbenchStart:
    """A network, its target, and the key of the tuned prompt to start from ("" for one made by hand)."""

    base: str
    spec: RunSpec
    target: AbstractSource
    tuned: str


@dataclass(frozen=True)
class EditedPrompt:
    """The prompt as edited from a start: the kind of editor, its vectors [K, 2], and the `share` of the part that no flips can express."""

    start: WorkbenchStart
    kind: str
    rows: np.ndarray
    share: float

    @property
    def prompt(self) -> prompt_trials.WorkbenchPrompt:
        """The prompt as edited, for trials."""
        return prompt_trials.WorkbenchPrompt(self.start.base, tuple(map(tuple, self.rows.tolist())), self.start.tuned, self.share)

    @property
    def plain(self) -> prompt_trials.WorkbenchPrompt:
        """The same network without a prompt, for trials."""
        return prompt_trials.WorkbenchPrompt(self.start.base, ())


@section()
def ask_start() -> WorkbenchStart | None:
    """Draw the controls for network, target and starting prompt; None, with a note, where something is missing."""
    if not (bases := catalog.list_networks(sides=2)):
        return None
    one, two, three = st.columns(3)
    base, target = coin_network.choose_base("workbench", one, bases), coin_network.choose_target("workbench", two)
    one.caption(catalog.describe_expectation(bases[base]))
    tuned = {
        key: info
        for key, info in catalog.list_tunings(base).items()
        if 0 < cached_states.count_prompt_vectors(key) <= prompt_editor.MAX_VECTORS
    }
    with three:
        origin = url_state.choose_option(
            "Start from",
            [OWN, *tuned],
            "workbench_from",
            then=prompt_editor.make_opener(PROMPT, "workbench_kind", tuned),
            named=lambda key: f"{tuned[key].label} · {key[:6]}" if key in tuned else "a prompt by hand",
            help="A tuned prompt is split into amounts of heads and tails, and a rest that only free vectors can say.",
        )
    if not coin_network.has_two_sides(target):
        return None
    return WorkbenchStart(base, bases[base].spec, target, origin if origin in tuned else "")


def rows_in_address(found: np.ndarray) -> np.ndarray:
    """Return the vectors in the address, or `found` where there are none; malformed ones get a warning."""
    typed = st.query_params.get(PROMPT, "").removesuffix("-")        # "-" is what a link says for none
    rows = prompt_editor.parse_rows(typed)
    if typed and rows is None:
        st.warning(f"The link names the prompt '{typed[:40]}', which is none: H, T, or pairs such as 0.2:0.8 with commas between.")
    return found if rows is None else rows


@section()
def edit_prompt(start: WorkbenchStart) -> EditedPrompt:
    """Draw the prompt's editor and return the edited prompt."""
    found, share = (
        prompt_trials.split_prompt(start.tuned)[0].round(2) if start.tuned else prompt_editor.parse_rows(prompt_editor.FIRST),
        0.0,
    )
    rows = rows_in_address(found)
    kind = url_state.choose_segment("A prompt of", list(prompt_editor.KINDS), default="Vectors" if start.tuned else "Flips",
                               key="workbench_kind", help="  \n".join(f"{name}: {said}" for name, said in prompt_editor.KINDS.items()))
    rows = prompt_editor.fit_rows(kind, rows)
    prompt_editor.draw_editor(kind, PROMPT, rows)
    if kind == "Vectors":
        draw_picture(prompt_pad(rows, height=330), key="workbench_free", link="workbench", handle=HANDLE,
                on_moved=prompt_editor.make_mover(PROMPT, len(rows), "workbench_kind"))
    if start.tuned and len(rows) != len(found):
        st.caption(f"The tuned prompt has {len(found)} vectors. With another number, what only free vectors can say is left out.")
    elif start.tuned:
        share = st.slider("What only free vectors can say", 0, 100, 100, 5, format="%d %%", key="workbench_share", bind="query-params",
                          help="The rest of the tuned vectors, beyond heads and tails. At 0 % only heads and tails are left.") / 100
    return EditedPrompt(start, kind, rows, share)
