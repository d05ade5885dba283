"""Diagnoses of retrieval pipelines on a page: the verdict in words, what decided, pictures, what is missing, ways out."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

import orjson
import pandas as pd
import streamlit as st

from tutor.figures import kept_gain_picture, retrieval_picture, vectors_picture
from tutor.figures.diagnosis_bars import shares_of
from tutor.figures.picture import join_names
from tutor.measure import Report
from tutor.measure.diagnosis_report import INCONCLUSIVE, PARTLY, RETRIEVES, SOFT_PROMPT
from tutor.measure.verdict import OTHER_SEEDS, describe_measure
from tutor.runs.export.diagnosis_zip import render_chance, render_report, render_reports
from tutor.ui.plot import draw_picture

SIGNS = {RETRIEVES: ("manage_search", "green", "It retrieves"), PARTLY: ("contrast", "blue", "It retrieves in part"),
         SOFT_PROMPT: ("theater_comedy", "orange", "A soft prompt in disguise"), INCONCLUSIVE: ("help", "gray", "Inconclusive")}


def show_reports(reports: Sequence[Report], key: str, names: Sequence[str] | None = None, runs: Sequence[str] = ()) -> None:
    """Draw one diagnosis, or those of one pipeline trained from several seeds.

    Parameters
    ----------
    names
        Name of each report; None numbers them.
    runs
        Keys of the runs, for the credit line of exports.
    """
    names = name_reports(reports, names)
    show_finding(reports, key, names, runs)
    show_details(reports, key, names, runs)


def name_reports(reports: Sequence[Report], names: Sequence[str] | None) -> list[str]:
    """Return the names of these reports; None numbers them."""
    return list(names) if names is not None else [f"repetition {at}" for at in range(1, len(reports) + 1)]


def show_finding(reports: Sequence[Report], key: str, names: Sequence[str] | None = None, runs: Sequence[str] = ()) -> None:
    """Draw the verdict with its reasons, what stays of the gain, and the report to take home; parameters as in `show_reports`."""
    names = name_reports(reports, names)
    with st.container(border=True):
        _verdict(reports, names)
        _downloads(reports, names, key)
    _kept_gain(reports, names, key, runs)


def show_details(reports: Sequence[Report], key: str, names: Sequence[str] | None = None, runs: Sequence[str] = ()) -> None:
    """Draw what else was measured, and what would make it firmer; parameters as in `show_reports`."""
    names = name_reports(reports, names)
    _pictures(reports, names, key, runs)
    _efficiency(reports)
    _missing(reports)
    with st.expander("All measures, with intervals and controls"):
        st.dataframe(tabulate_reports(reports, names), hide_index=True, height="content",
                     alt="Every measure of the diagnosis with its interval and its control.")
        st.caption(f"{_examples(reports)} examples; intervals are 95 % bootstrap intervals over examples.")


def describe_verdicts(reports: Sequence[Report]) -> str:
    """Summarise verdicts in a line: a single one as it is, several by how often each was found, most frequent first."""
    counts = Counter(report.verdict for report in reports).most_common()
    if len(reports) == 1:
        return SIGNS[counts[0][0]][2]
    first, *rest = [f"{SIGNS[verdict][2]} in {times} of {len(reports)}" for verdict, times in counts]
    return ", ".join([first, *(one[:1].lower() + one[1:] for one in rest)])


def _verdict(reports: Sequence[Report], names: Sequence[str]) -> None:
    icon, colour, _ = SIGNS[Counter(report.verdict for report in reports).most_common(1)[0][0]]
    st.header(f":{colour}[:material/{icon}:] {describe_verdicts(reports)}", anchor=False)
    if len(reports) == 1:
        st.markdown("\n".join(f"- {text}" for text in reports[0].because))
        return
    st.markdown("\n".join(f"- {_line(name, report)}" for name, report in zip(names, reports, strict=True)))


def _line(name: str, report: Report) -> str:
    icon, colour, _ = SIGNS[report.verdict]
    return f":{colour}[:material/{icon}:] **{name}: {report.verdict}.** {' '.join(report.because)}"


def _kept_gain(reports: Sequence[Report], names: Sequence[str], key: str, runs: Sequence[str]) -> None:
    if any(map(shares_of, reports)):
        draw_picture(kept_gain_picture(reports, names), key=f"{key}_kept", runs=runs)
    st.markdown(f"**What stays of the gain.** Over {_examples(reports)} examples the pipeline lowers the loss by {_gain(reports)} "
                "against no context at all.")
    if any(map(shares_of, reports)):
        st.caption("1: the whole gain is left. 0: no better than without context. Shuffled store: every entry is found as before, but says "
                   "what another one says. Another domain: entries about something else. Zeros: nothing but zeros arrives. Dashed: the "
                   "thresholds of the verdict, which is taken from the first store with wrong entries. Whiskers: 95 % intervals over "
                   "examples.")


def _pictures(reports: Sequence[Report], names: Sequence[str], key: str, runs: Sequence[str]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Does the context change with the question?**")
        draw_picture(vectors_picture(reports, names), key=f"{key}_vectors", runs=runs)
        st.caption("0: the same vector whatever was asked. Grey marks: the same, with the numbers inside every vector shuffled, which "
                   "removes what they share.")
    with right:
        st.markdown("**Does it find what was needed?**")
        if any(report.find("hit_rate") for report in reports):
            draw_picture(retrieval_picture(reports, names), key=f"{key}_found", runs=runs)
            st.caption("By chance: questions paired with what was retrieved for others. If every question needs a different entry, "
                       "chance alone gives much information; then look at the share on the right.")
        else:
            st.info("The file does not tell which entry was needed and which were retrieved.", icon=":material/help:")


def _gain(reports: Sequence[Report]) -> str:
    """Of one report with its interval, of several the median and the range."""
    gains = [report.find("gain") for report in reports]
    values = sorted(gain.value for gain in gains)
    return (
        describe_measure(gains[0])
        if len(gains) == 1
        else (f"{median(values):.3g} nats (from {values[0]:.3g} to {values[-1]:.3g} over the repetitions)")
    )


def _efficiency(reports: Sequence[Report]) -> None:
    """How much each tuned number gains: the share of the gain times how many times fewer numbers were tuned."""
    both = [(share, times) for report in reports if (share := report.find("soft_share")) and (times := report.find("times_as_efficient"))]
    if not both:
        return
    share, times = sorted(both, key=lambda pair: pair[1].value)[len(both) // 2]
    if share.value <= 0:
        st.markdown("**Gain per parameter.** The soft prompt reaches nothing of the gain, so there is no gain per parameter.")
        return
    fewer = times.value / share.value
    which = " (the median repetition)" if len(reports) > 1 else ""
    st.markdown(f"**Gain per parameter.** The soft prompt has {fewer:,.1f} times fewer parameters (tuned numbers) than the pipeline, and "
                f"reaches {share.value:.2%} of its gain. So each of its parameters gains **{times.value:,.1f} times** as much: "
                f"{share.value:.4f} × {fewer:,.1f}, with a 95 % interval from {times.low:,.1f} to {times.high:,.1f}{which}.")


def _missing(reports: Sequence[Report]) -> None:
    lacking = dict.fromkeys(text for report in reports for text in report.missing if len(reports) == 1 or text != OTHER_SEEDS)
    if lacking:
        st.markdown("**What would make the verdict more certain**\n\n" + "\n".join(f"- {text}" for text in lacking))


def tabulate_reports(reports: Sequence[Report], names: Sequence[str]) -> pd.DataFrame:
    """Make a table with a row per report and measure; names of the reports are left out where there is only one."""
    rows = [{"which": name, "measure": one.name, "value": f"{one.value:.4g}", "interval": f"{one.low:.4g} to {one.high:.4g}",
             "by chance": render_chance(one), "unit": one.unit, "control": one.control}
            for name, report in zip(names, reports, strict=True) for one in report.measures]
    found = pd.DataFrame(rows)
    return found if len(reports) > 1 else found.drop(columns="which")


def _examples(reports: Sequence[Report]) -> str:
    return join_names(list(dict.fromkeys(f"{report.examples:,}" for report in reports)))


def _downloads(reports: Sequence[Report], names: Sequence[str], key: str) -> None:
    one = reports[0] if len(reports) == 1 else None
    with st.container(horizontal=True):
        st.download_button("Report (HTML)", lambda: render_report(one) if one else render_reports(dict(zip(names, reports, strict=True))),
                           "diagnosis.html", "text/html", key=f"{key}_html", icon=":material/download:", on_click="ignore")
        st.download_button("Report (JSON)", lambda: orjson.dumps(one.as_json() if one else [each.as_json() for each in reports],
                                                                 option=orjson.OPT_INDENT_2), "diagnosis.json", "application/json",
                           key=f"{key}_json", icon=":material/data_object:", on_click="ignore")
