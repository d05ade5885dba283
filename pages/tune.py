"""Tune one pretrained network towards a target with several methods on one budget, and watch them race."""

import streamlit as st

from tutor.figures import ends_far_apart, prefix_bars, regret_bars
from tutor.methods.method_names import name_method, title_method
from tutor.runs.spec import RunSpec
from tutor.runs.target_words import describe_targets
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, cached_states, catalog, method_race, race_form, run_comparison
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("tune")
url_state.renew_values("tune_methods", title_method)       # links from before methods had names
text.open()


@section()
def the_race(entered: race_form.RaceChoice, pinned: str | None) -> None:
    method_race.draw_race(entered.specs, entered.known, entered.recipe.steps, pinned)
    text.caption("race", target=entered.target.label)


@section()
def standings(entered: race_form.RaceChoice, pinned: str | None) -> None:
    text.begin("How far each got", "about")
    method_race.draw_race_table(entered.specs, pinned)


@section()
def ends(entered: race_form.RaceChoice, pinned: str | None) -> None:
    target, finished = entered.target, entered.finished()
    st.header("Where they ended")
    with section():
        curves = [curve for spec in finished.values() if (curve := cached_results.regret_curve(spec.key(), target))]
        exact = [one for one in cached_results.baseline_curves(next(iter(finished.values())), target) if one.label != "Oracle"]
        reference = next((curve for curve in curves if curve.of == pinned), None)
        bars = run_comparison.subtract_reference([*curves, *exact], reference)
        draw_picture(regret_bars(bars, against=f"pinned {name_method(pinned)}" if reference else "generator",
                            logarithmic=ends_far_apart(curves) and not reference), key="tune_bars", link="tune")
    text.caption("ends", targets=describe_targets(finished.values()))
    catalog.draw_links(("regret", "Next: regret flip by flip", "arrow_forward", {"regret_base": entered.base}),
                  ("inside", "See where the prompts lead the states", "blur_on", {"inside_base": entered.base}))


@section()
def hard_prompts(finished: dict[str, RunSpec]) -> None:
    tried = [scores for spec in finished.values() if (scores := cached_states.prompt_scores(spec.key()))]
    if tried:
        text.begin("Every hard prompt there is", "hard-prompts")
        draw_picture(prefix_bars(tried[0].prompts, tried[0].network, ideal=tried[0].ideal), key="tune_prompts")


main, side = st.columns([5, 3], gap="large")
with side:
    if entered := race_form.ask_race():
        race_form.draw_race_buttons(entered)
        pinned = run_comparison.ask_reference({label: title_method(label) for label in entered.finished()}, "tune_pin")
if entered:
    with main:
        the_race(entered, pinned)
    standings(entered, pinned)
    if finished := entered.finished():
        ends(entered, pinned)
        hard_prompts(finished)
