"""Make a prompt by hand and see at once what it does: belief, predictions, states and regret, and the landscape around it."""

import streamlit as st

from tutor.ui.labs.coins import page_prompt, prompt_landscape, prompt_worth, workbench_prompt
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("workbench")
text.open()


@section()
def leads(made: workbench_prompt.EditedPrompt) -> None:
    st.header("Where it leads the network, and what that costs")
    left, right = st.columns(2)
    with left, section():
        prompt_worth.draw_states(made)
    with right, section():
        prompt_worth.draw_regret(made)


@section()
def landscape(made: workbench_prompt.EditedPrompt) -> None:
    text.begin("One vector: the whole landscape", "landscape")
    prompt_landscape.draw_landscape(made)


@section()
def all_of_this_length(made: workbench_prompt.EditedPrompt) -> None:
    st.header("All hard prompts of this length")
    prompt_landscape.draw_ranking(made)
    text.caption("source")


@section()
def in_the_page(start: workbench_prompt.WorkbenchStart) -> None:
    if page_prompt.runs_in_page(start):
        page_prompt.show_experiment(start)
    text.write("about")


if start := workbench_prompt.ask_start():
    in_the_page(start)
    below, see = st.columns([2, 3], gap="large")
    with below:
        made = workbench_prompt.edit_prompt(start)
    if made:
        with see:
            prompt_worth.show_worth(made)
            prompt_worth.show_belief(made)
        with see if made.kind == "Vectors" else below:
            prompt_worth.show_predictions(made)
        leads(made)
        landscape(made)
        all_of_this_length(made)
