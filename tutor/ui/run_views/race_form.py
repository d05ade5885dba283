"""Who enters a race: one network, a target, a budget and methods; with the buttons that start and stop them."""

from typing import NamedTuple

import streamlit as st

from tutor.methods import METHODS
from tutor.methods.method_names import title_method
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.sources import AbstractSolved, AbstractSource
from tutor.studies import FAST
from tutor.training.recipe import Recipe
from tutor.ui.run_views import catalog, method_race, progress_table
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section
from tutor.ui.widgets import forms


class RaceChoice(NamedTuple):
    """The choices of a race: network, target, recipe, and each method's run with its status."""

    base: str
    target: AbstractSource
    recipe: Recipe
    specs: dict[str, RunSpec]
    known: dict[str, Status | None]

    def finished(self) -> dict[str, RunSpec]:
        """Return the finished runs by method label."""
        return {label: spec for label, spec in self.specs.items() if self.known[label] is not None and self.known[label].state == "done"}


@section()
def ask_race() -> RaceChoice | None:
    """Draw the controls of a race; None, with a note, where something is missing."""
    if not (bases := catalog.list_networks(of=AbstractSolved)):
        return None
    base_key = url_state.choose_option("Pretrained network", list(bases), "tune_base", named=lambda key: catalog.run_name(bases[key]),
                                help="Shipped networks and your own.")
    st.caption(catalog.describe_expectation(bases[base_key]))
    base = bases[base_key].spec
    target = forms.ask_source("tune_on", "Target: the source to tune for", default="Single coin 0.2", family=AbstractSolved)
    recipe = forms.ask_recipe("tune_recipe", "Budget of every method", presets=forms.TUNING_RECIPES)
    kinds = st.multiselect("Methods", list(METHODS), default=method_race.usual_methods(), key="tune_methods", bind="query-params",
                           format_func=lambda kind: title_method(METHODS[kind].label),
                           help="The tags are those of the papers: PT is a prompt, WT tunes weights. The methods that are not "
                                "chosen at first belong to the Embeddings lab.")
    if target is None or recipe is None:
        return None
    if target.vocab != base.source.vocab:
        st.error(f"The target has {target.vocab} sides and the network was trained on {base.source.vocab}; both must have the same.")
        return None
    with st.expander("Prompt length, repetitions, and the settings of each method"):
        with st.container(horizontal=True):
            length = st.number_input("Prompt length", 0, 64, method_race.LENGTH, key="tune_length", bind="query-params", width=210,
                                     help="How many vectors stand in front of the data; for every method that has a length.")
            repetitions = st.number_input("Repetitions", 1, 20, FAST.repetitions, key="tune_repetitions", bind="query-params", width=210,
                                          help="Independent tunings per method; bands and rings show how much they differ.")
        budget = method_race.RaceBudget(target, recipe, int(repetitions), int(length))
        methods = method_race.ask_settings(kinds, base, budget)
    specs, refused = method_race.list_entries(methods, base, budget)
    for label, reason in refused.items():
        st.warning(f"**{title_method(label)}** cannot take part: {reason}.")
    if not specs:
        st.info("Choose at least one method.", icon=":material/arrow_upward:")
        return None
    return RaceChoice(base_key, target, recipe, specs, method_race.read_states(specs))


@section()
def draw_race_buttons(entered: RaceChoice) -> None:
    """Draw the buttons that start and stop the runs of a race, with their cost."""
    progress_table.draw_start_and_stop(entered.specs, entered.known, "tune", start="Start {waiting} of {all}", stop="Stop all",
                          finished="All of these runs are finished; change a setting for others.")
