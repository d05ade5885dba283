"""Regret flip by flip: the runs of a study, or of one network, beside every exact reference."""

import streamlit as st

from tutor.figures import regret_bars, regret_curves, tabulate_curves
from tutor.studies import STUDIES
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import regret_comparison, run_comparison
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("regret")
text.open()


@section()
def curves(look: regret_comparison.ComparisonChoice, detail: regret_comparison.ComparisonDetail) -> regret_comparison.ReferencedComparison:
    held = regret_comparison.hold_against(look, detail)
    curves, exact = held.curves(look.measure)
    page_facts.record_facts(**held.told())
    with section():
        draw_picture(regret_curves([*curves, *exact], measure=look.measure, against=held.name, thin_lines=detail.thin,
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
    curves, exact = held.curves(look.measure)
    st.download_button("Download CSV", lambda: tabulate_curves([*curves, *exact], over_time=True).to_csv(index=False), key="regret_csv",
                       file_name=f"regret-{look.study}-{look.body}.csv", mime="text/csv", on_click="ignore")


@section()
def study(name: str, result: dict) -> None:
    st.header("What the study says")
    run_comparison.draw_verdict(result)
    st.markdown(f"**Claim.** {STUDIES[name].claim}")
    text.caption("study", source=result["source"])
    run_comparison.draw_checks(result)
    if not (other := run_comparison.tabulate_measurements(result)).empty:
        st.dataframe(other, hide_index=True, height="content")


main, side = st.columns([5, 3], gap="large")
with side:
    look = regret_comparison.ask_comparison()
    detail = regret_comparison.ask_detail(look) if look else None
if look and detail:
    with main:
        held = curves(look, detail)
    if held:
        ends(held)
    if look.result:
        study(look.study, look.result)
