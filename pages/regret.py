"""Regret flip by flip: the runs of a study, or of one network, beside every exact reference."""

import streamlit as st

from tutor.figures import Curve, regret_bars, regret_curves, table_of
from tutor.studies import PRESETS, STUDIES
from tutor.ui import address, catalog, comparison, facts, numbers
from tutor.ui.frame import prose
from tutor.ui.picture import picture

OWN = "network"

st.title("Regret: what is lost, flip by flip")
prose("""**Regret** is how much more a predictor loses than somebody who knows the coin, in nats. It adds up over the flips of a sequence. A predictor
that never stops losing has the wrong idea of its source; one whose curve goes flat has understood. The exact references say what was possible.""")

bases = catalog.pretrainings()
titles = {name: f"Study: {study.title}" for name, study in STUDIES.items() if study.lab == "coins"} | {OWN: "All tunings of one network"}
first = OWN if "regret_base" in st.query_params else comparison.first_study()
left, right = st.columns([3, 2])
with left:
    chosen = address.choose("What to compare", list(titles), "regret_what", named=titles.get, first=first,
                            help="A study is a claim of a paper and the runs that bear on it.")
study, result = STUDIES.get(chosen), None
if study:
    preset = right.selectbox("Effort", list(PRESETS), key="regret_preset", bind="query-params", help="fast: minutes, same verdicts. paper: the papers' own settings.")
    wanted = [spec for spec in study.specs(PRESETS[preset]) if spec.is_tuning] or study.specs(PRESETS[preset])
    result = numbers.study(chosen, preset)
    with st.container(horizontal=True, vertical_alignment="center"):
        comparison.verdict(result, len({spec.key() for spec in wanted} - comparison.finished(wanted).keys()))
        st.markdown(f"**Claim.** {study.claim}")
elif bases:
    with right:
        base = address.choose("Pretrained network", list(bases), "regret_base", named=lambda key: catalog.named(bases[key]))
    wanted = [bases[base].spec, *(one.spec for one in catalog.tunings(base).values())]
else:
    wanted = []

there = comparison.finished(wanted)
if not there:
    st.info(f"None of these runs is computed here yet. Run `prompt-tutor study {chosen}`, choose another study, or tune a network yourself." if study else
            "There is no network yet. Train one on Pretrain, then tune it.", icon=":material/arrow_forward:")
    catalog.link("tune" if bases else "pretrain", "Go to Tune" if bases else "Go to Pretrain", "tune")
    st.stop()

with st.container(horizontal=True):
    networks = sorted({spec.body.label for spec in there.values()})
    body = st.segmented_control("Network", networks, default=networks[0], required=True, key="regret_body", bind="query-params")
    shown = {key: spec for key, spec in there.items() if spec.body.label == body}
    places = comparison.evaluated_on(shown)
    on = places[st.selectbox("Evaluated on", list(places), key="regret_on", bind="query-params", width=240, help="Every network is measured on its target, on its pretraining source and on the other presets.")]
    measure = st.segmented_control("Regret", ["cumulative", "instant", "sampled"], default="cumulative", required=True, key="regret_measure", bind="query-params",
                                   help="cumulative: summed over the flips so far. instant: of each flip. sampled: cumulative, from the drawn flips alone, without the exact expectation.")
    against = st.segmented_control("Over", ["generator", "TargetBayes"], default="generator", required=True, key="regret_against", bind="query-params",
                                   help="generator: somebody who knows the coin. TargetBayes: the ideal predictor of this source, the best that is possible.")
names = comparison.labels(shown)
with st.expander(f"Methods ({len(names)}), exact references, logarithmic axis"):
    picked = st.pills("Methods", list(names), format_func=names.get, selection_mode="multi", default=list(names), key=f"regret_methods_{chosen}_{body}")
    with st.container(horizontal=True):
        with_exact = st.toggle("Exact references", value=True, key="regret_exact", bind="query-params", help="TargetBayes is the optimum on this source, PreBayes the ideal predictor of the pretraining source, PreBayesPT the same behind its best hard prompt.")
        logarithmic = st.toggle("Logarithmic", key="regret_log", bind="query-params", help="Spreads out the methods that lose almost nothing.")
        thin = st.toggle("Every repetition", value=True, key="regret_thin", bind="query-params", help="A thin line per repetition beside the median and the band between the quartiles.")

    pin = comparison.pin(names, "regret_pin")
if not picked:
    st.info("Choose at least one method.", icon=":material/arrow_upward:")
    st.stop()
with catalog.one_sentence():
    some = {key: shown[key] for key in picked}
    pinned = pin if pin and numbers.curve(pin, on) else None
    if pin and not pinned:
        st.warning(f"{names[pin]} was not evaluated on {on.label}, so nothing can be held against it here.")
    over = f"pinned {names[pin]}" if pinned else against

    def drawn(measure: str) -> tuple[list[Curve], list[Curve]]:
        """The chosen curves and the exact ones, as differences to the pinned one where there is one."""
        mine = comparison.curves(some, on, measure=measure, against=against)
        ideal = numbers.baselines(next(iter(some.values())), on, measure=measure, against=against) if with_exact else []
        zero = numbers.curve(pinned, on, measure=measure, against=against) if pinned else None
        return comparison.over(mine, zero), comparison.over(ideal, zero)

    curves, exact = drawn(measure)
    facts.tell(study=chosen, network=body, on=on.label, logarithmic=logarithmic, **comparison.told(comparison.curves(some, on, measure="cumulative", against=against)))
    look = {"thin_lines": thin, "logarithmic": logarithmic, "difference": bool(pinned)}
    picture(regret_curves([*curves, *exact], measure=measure, against=over, **look), key="regret_curves", link="regret", runs=picked)
    st.caption(f"Lines are medians over repetitions on **{on.label}**; networks were tuned on 50 flips, so everything to the right of 50 is beyond what tuning saw."
               + (f" Zero is the median of **{names[pin]}**." if pinned else ""))

    st.header("After 50, 100 and 200 flips")
    totals, sums = (curves, exact) if measure == "cumulative" else drawn("cumulative")
    table = [*totals, *(one for one in sums if one.label != "Oracle")]
    picture(regret_bars(table, against=over), key="regret_bars", link="regret", runs=picked)
    st.dataframe(comparison.by_method(table_of(table)), hide_index=True, height="content", alt="Median regret with quartiles, a line per method.")
    st.download_button("Download CSV", lambda: table_of([*curves, *exact], over_time=True).to_csv(index=False), file_name=f"regret-{chosen}-{body}.csv", mime="text/csv", on_click="ignore", key="regret_csv")

if result:
    st.header("What the study says")
    st.caption(f"{result['source']}. Medians with quartiles; a check is undecided where the spread covers its bound.")
    comparison.checks(result)
    if not (other := comparison.measurements(result)).empty:
        st.dataframe(other, hide_index=True, height="content")
