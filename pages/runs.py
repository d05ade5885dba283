"""Every run there is: find, compare, open elsewhere, take home, delete."""

import streamlit as st

from tutor.figures import regret_curves, training_curve
from tutor.methods.method_names import title_method
from tutor.runs.store import RunInfo
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, catalog, run_card, run_comparison, run_search, run_table
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("runs")
url_state.renew_values("runs_method", title_method)        # links from before methods had names
text.open()


@section()
def ticked() -> dict[str, RunInfo]:
    found = run_search.choose_lines()
    return {} if found is None else {key: catalog.find_info(key) for key in run_table.tick_lines(found)}


@section()
def side_by_side(infos: dict[str, RunInfo]) -> None:
    done = {key: info.spec for key, info in infos.items() if info.spec and info.status.state == "done"}
    if not done:
        return
    st.header("Side by side" if len(done) > 1 else "What it measured")
    places = run_comparison.list_sources(done)
    on = places[st.selectbox("Evaluated on", list(places), key="runs_on", bind="query-params", width=320)]
    names = run_comparison.named(done)
    pinned = run_comparison.ask_reference({key: name.title for key, name in names.items()}, "runs_pin") if len(done) > 1 else None
    zero = cached_results.regret_curve(pinned, on) if pinned else None
    curves = run_comparison.subtract_reference(run_comparison.regret_curves(done, on, measure="cumulative", against="generator"), zero)
    with section():
        if curves:
            against = f"pinned {names[pinned].in_words}" if zero else "generator"
            draw_picture(regret_curves(curves, against=against, difference=bool(zero)), key="runs_regret", runs=list(done))
            text.caption("regret", source=on.label)
    scored = run_table.tabulate_scores(done, {key: name.in_words for key, name in names.items()}, on)
    if len(scored):
        st.dataframe(scored, hide_index=True, height="content",
                     alt="Accuracy and facts told, 0 to 1, and BLEU, 0 to 100, of each run on this source.")
    elif not curves:
        text.caption("only-loss", source=on.label)
    for key in done:
        trained(infos[key])


@section()
def trained(info: RunInfo) -> None:
    key, spec = info.key, info.spec
    if events := [event for event in cached_results.load_events(key) if event["repetition"] == 0]:
        st.markdown(f"**How it was trained: {info.label}**")
        ideal = cached_results.bayes_loss(spec.on or spec.source, (spec.tuning or spec.recipe).length)
        draw_picture(training_curve(events, bayes_loss=ideal), key=f"runs_curve_{key}")


infos = ticked() or {}
for info in infos.values():
    run_card.draw_card(info)
side_by_side(infos)
text.write("about")
