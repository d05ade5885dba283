"""Regret flip by flip: the runs of a study, or of one network, beside every exact reference."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tutor.figures import regret_bars, regret_curves, tabulate_curves
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import regret_comparison, run_comparison
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import fragment, reserve_places, section

text = PageText("regret")
text.open()


@section()
def curves(look: regret_comparison.ComparisonChoice, detail: regret_comparison.ComparisonDetail) -> regret_comparison.ReferencedComparison:
    held = regret_comparison.hold_against(look, detail)
    curves, exact = held.curves(detail.measure)
    page_facts.record_facts(**held.told())
    with section():
        draw_picture(regret_curves([*curves, *exact], measure=detail.measure, against=held.name, thin_lines=detail.thin,
                                   logarithmic=detail.logarithmic, difference=bool(held.pinned)),
                     key="regret_curves", link="regret", runs=detail.picked)
    st.caption(held.caption())
    return held


@section()
def ends(held: regret_comparison.ReferencedComparison) -> None:
    look, detail = held.look, held.detail
    text.begin("After 50, 100 and 200 flips", "about")
    totals, sums = held.curves("cumulative")
    table = [*totals, *(one for one in sums if one.label != "Oracle")]
    draw_picture(
        regret_bars(table, against=held.name, logarithmic=detail.logarithmic and not held.pinned),
        key="regret_bars",
        link="regret",
        runs=detail.picked,
    )
    st.dataframe(run_comparison.tabulate_by_method(table), hide_index=True, height="content",
                 alt="Median regret with quartiles, a line per method.")
    curves, exact = held.curves(detail.measure)
    st.download_button("Download CSV", lambda: tabulate_curves([*curves, *exact], over_time=True).to_csv(index=False), key="regret_csv",
                       file_name=f"regret-{look.study}-{look.body}.csv", mime="text/csv", on_click="ignore")


@fragment
def comparison(look: regret_comparison.ComparisonChoice, main: DeltaGenerator, below: DeltaGenerator) -> None:
    reserve_places(main, below)
    detail = regret_comparison.ask_detail(look)
    if detail:
        with main:
            held = curves(look, detail)
        with below:
            if held:
                ends(held)


main, side = st.columns([5, 3], gap="large")
below = st.container()
with side:
    look = regret_comparison.ask_comparison()
    if look:
        comparison(look, main, below)
if look and look.result:
    regret_comparison.draw_study(look)
