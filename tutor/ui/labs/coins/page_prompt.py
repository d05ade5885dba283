"""The prompt of the workbench in front of the network in the page, where a prompt is made by hand and the browser can run its network."""

import numpy as np
import streamlit as st

from tutor.sources import Categorical
from tutor.ui.experiment import LEAST, MOST, draw_experiment
from tutor.ui.labs.coins.workbench_prompt import PROMPT, WorkbenchStart
from tutor.ui.network.network_files import fits_in_page
from tutor.ui.shell import url_state
from tutor.ui.widgets import prompt_editor

HEIGHT = 430
KIND = "workbench_kind"


def runs_in_page(start: WorkbenchStart) -> bool:
    """Whether the page can answer: no tuned vectors, a network that fits, and one coin as target."""
    coin = isinstance(start.target, Categorical) and LEAST <= start.target.probs[0] <= MOST
    return coin and not start.tuned and fits_in_page(start.spec)


def show_experiment(start: WorkbenchStart) -> None:
    """Draw the experiment with the prompt of the address; its tiles show flips and shares, free vectors have none."""
    rows = prompt_editor.parse_rows(st.query_params.get(PROMPT, ""))
    whole = rows is None or bool(np.allclose(rows.sum(1), 1) and (rows >= 0).all())
    draw_experiment("workbench", start.base, rows=prompt_editor.FIRST, coin=start.target.probs[0], height=HEIGHT, tune=False, tiles=whole,
                    on_made=_keep_shares)


def _keep_shares(rows: np.ndarray) -> None:
    """The editor below shows what was mixed: as shares where a vector is no whole flip."""
    if not np.array_equal(rows, rows.round()) and st.session_state.get(KIND, "Flips") == "Flips":
        url_state.set_later({KIND: "Shares"})
