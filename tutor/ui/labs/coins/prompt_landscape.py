"""The landscape of prompts of a single vector around the one on the workbench, the optimiser's walk over it, and every hard prompt."""

import streamlit as st

from tutor.figures import HANDLE, prefix_bars, prompt_pad
from tutor.ui.labs.coins import prompt_trials, workbench_prompt
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import prompt_editor

TEXT = PageText("workbench")
COARSE, FINE = 9, 25
"""Points on a side of the landscape at first, and of that which is computed on request."""


def draw_landscape(made: workbench_prompt.EditedPrompt) -> None:
    """Draw the plane of heads and tails, the regret everywhere and the first vector; on request finely, with an optimiser's path."""
    base, target = made.start.base, made.start.target
    left, right = st.columns([3, 2], gap="large")
    with right:
        whole = st.toggle("Compute the landscape finely", key="workbench_landscape", bind="query-params",
                          help=f"{FINE**2} prompts of one vector instead of {COARSE**2}, each tried on 32 sequences: about 5 seconds.")
        walking = st.toggle("Let the optimiser walk from your first vector", key="workbench_walk", bind="query-params",
                            help="150 steps of RealPT: about 5 seconds.")
    with left, section():
        ground = prompt_trials.regret_landscape(base, target, FINE if whole else COARSE)
        path = prompt_trials.optimizer_path(base, target, made.prompt.rows[0]) if walking else None
        points = made.rows[:1]
        draw_picture(prompt_pad(points, landscape=(ground.across, ground.up, ground.regret), path=path), key="workbench_pad",
                     link="workbench", handle=HANDLE, on_moved=prompt_editor.make_mover(workbench_prompt.PROMPT, 1, "workbench_kind"))
        page_facts.record_facts(landscape=bool(whole), walked=bool(walking))
        with right:
            st.dataframe(prompt_editor.tabulate_landscape(points[0], ground, path), hide_index=True, height="content",
                         alt="Notable points of the plane and the regret there.")
            TEXT.caption("drag")


def draw_ranking(made: workbench_prompt.EditedPrompt) -> None:
    """Draw, on request, the score of every hard prompt of this length in the network, beside its score in the ideal predictor."""
    many = len(made.rows)
    if st.toggle(f"Try all {2**many} prompts of {many} flips in this network", key="workbench_ranking", bind="query-params"):
        found = prompt_trials.rank_prompts(made.start.base, made.start.target, many)
        ideal = cached_results.ideal_scores(made.start.spec.source, made.start.target, found.prompts)
        draw_picture(prefix_bars(found.prompts, found.scores, ideal=ideal), key="workbench_ranked")
