"""A pretraining of the visitor's own: what the form says, what that costs, and a button that starts it; and which run is shown beside
it."""

from typing import NamedTuple

import streamlit as st

from tutor.predictors import LSTM
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec, Seeds
from tutor.runs.status import Status
from tutor.runs.store import RunInfo
from tutor.sources import AbstractSolved
from tutor.studies import FAST, PAPER
from tutor.ui.run_views import catalog, cost_estimate, run_controls, status_line
from tutor.ui.shell.sections import error_sentence, section
from tutor.ui.widgets import forms

RUN = "pretrain_run"


class ShownRun(NamedTuple):
    """The run on the page Pretrain, its status, and whether its picture is live."""

    key: str
    info: RunInfo
    status: Status
    moving: bool

    @property
    def spec(self) -> RunSpec:
        return self.info.spec.base()


def run_in_address() -> str | None:
    """Return the key of the run to show: from the address, else the run of the untouched form, else any trained network; else None."""
    shown = catalog.list_pretrainings(AbstractSolved)
    unasked = FAST.base(LSTM()).key()                          # what the form beside says as long as nobody has touched it
    return st.query_params.get(RUN) or (unasked if unasked in shown
                                        else next((one for one, info in shown.items() if info.spec.recipe.steps), None))


@section()
def ask_pretraining(key: str | None) -> None:
    """Draw the form for a pretraining, with a button that opens the run if it exists and starts it otherwise.

    Parameters
    ----------
    key
        The run that the page shows beside the form; None where it shows none.
    """
    st.markdown("**Your own network**")
    start = st.container(key="pretrain_begin")                # beside the curve, whatever is unfolded below
    source = forms.ask_source("pretrain_source", "Source of sequences", family=AbstractSolved)
    body = forms.ask_body("pretrain_body", "Network")
    recipe = forms.ask_recipe("pretrain_recipe", "Training")
    seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="pretrain_seed", bind="query-params",
                           help="Fixes the initial weights and the training data: the same seed gives the same numbers.")
    if not (source and body and recipe):
        return
    effort = PAPER if recipe == PAPER.recipe else FAST
    wish = RunSpec(source=source, body=body, recipe=recipe, evaluation=effort.evaluation, seeds=Seeds(pretrain=int(seed)))
    with start:
        offer_run(wish, key)


@section()
def offer_run(wish: RunSpec, key: str | None) -> None:
    """Draw the button that opens or starts the run `wish`, with its cost; `key` is the run that is shown already."""
    there = catalog.run_state(wish.key())
    if there == "done" and wish.key() == key:
        st.caption("This is the run you see. Choose another seed, network or training to start one of your own.")
    else:
        if st.button("Show this run" if there == "done" else "Start training", type="primary", key="pretrain_start",
                     icon=":material/play_arrow:") and (started := run_controls.start_run(wish)):
            st.query_params[RUN] = started
            st.rerun()
        st.caption("This run is finished already and opens at once." if there == "done" else cost_estimate.describe_cost([wish]))


@section()
def show_run(key: str | None) -> ShownRun | None:
    """Draw label, status and transport buttons of a run; None, with a note, where there is no such run."""
    if key is None:
        st.info("No network has been trained yet. Choose your settings and press **Start training**: it takes less than a minute.",
                icon=":material/arrow_forward:")
        return None
    try:
        info = catalog.find_info(key)
        if info.spec is None:
            raise StoreError(f"run {key[:6]} is damaged: its specification cannot be read.")
        spec = info.spec.base()
        st.markdown(f"**{spec.label}**, {spec.recipe.steps:,} steps, seed {spec.seeds.pretrain}"
                    + (" · shipped with the project" if info.shipped else ""))
        status = status_line.draw_status_panel(key)
    except StoreError as error:
        st.error(f"{error_sentence(error)} Choose your settings and press Start training, or pick a run on the Runs page.")
        return None
    return ShownRun(key, info, status, run_controls.draw_transport(key, status, RUN))
