"""The list of runs: its table, its filters, where a run can be opened, and deleting with a second thought."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd
import streamlit as st

from tutor.disk import StoreError
from tutor.methods import PrefixPT
from tutor.results import QUARTILES, SCORES
from tutor.retrieval import RetrieverPT
from tutor.sources import AbstractExchangeable, AbstractSource, Lists, TinyLanguage
from tutor.spec import RunSpec
from tutor.store import RunInfo
from tutor.ui import catalog, live, numbers, runs

COLUMNS = {
    "after 50": st.column_config.NumberColumn(
        "regret after 50", help="Median cumulative regret after 50 flips of its target, in nats over the generator", format="%.3f"
    ),
    "seconds": st.column_config.NumberColumn("seconds", help="Computing time", format="%.0f"),
    "shipped": st.column_config.CheckboxColumn("shipped", help="Came with the project; read-only"),
}
NAMES = ["key", "run", "kind", "network", "method", "trained on", "target", "state", "after 50", "seconds", "shipped"]


def table(infos: Iterable[RunInfo]) -> pd.DataFrame:
    """One line per run, the newest first."""
    return pd.DataFrame([_line(info) for info in infos], columns=NAMES)


def _line(info: RunInfo) -> dict:
    state = live.LOOKS.get(info.status.state, (info.status.state,))[0]
    line = {
        "key": info.key,
        "run": info.key[:6],
        "kind": info.kind,
        "state": state,
        "seconds": info.status.seconds or None,
        "shipped": info.shipped,
    }
    if info.spec is None:
        return line
    spec = info.spec
    return line | {
        "network": spec.body.label,
        "method": spec.method.label if spec.is_tuning else "",
        "trained on": spec.source.label,
        "target": spec.on.label if spec.is_tuning else "",
        "after 50": _regret(info),
    }


def _regret(info: RunInfo) -> float | None:
    if info.status.state != "done" or not isinstance(info.spec.source, AbstractExchangeable):     # of flips
        return None
    with suppress(StoreError, KeyError):
        return numbers.lost(info.key, info.spec.on or info.spec.source)
    return None


def values(infos: Iterable[RunInfo], field: str) -> list[str]:
    """What can be filtered for in one column."""
    return sorted({line for line in table(infos)[field].dropna() if line})


def filtered(found: pd.DataFrame, *, text: str, own: bool, fields: Mapping[str, str]) -> pd.DataFrame:
    """The lines that hold every word of `text` and have these values ("all" takes any)."""
    for field, value in fields.items():
        if value and value != "all":
            found = found[found[field] == value]
    for word in text.lower().split():
        lines = found[NAMES[:8]].fillna("").astype(str).apply(lambda line: " ".join(line).lower(), axis=1)
        found = found[lines.str.contains(word, regex=False)] if len(found) else found
    return found[~found["shipped"].astype(bool)] if own else found


def first(found: pd.DataFrame) -> list[int]:
    """The place of the first finished run in a table, ticked when nobody has chosen yet."""
    return [int(place) for place in (found["state"] == "done").to_numpy().nonzero()[0][:1]]


@st.cache_data(ttl=30, max_entries=4, show_spinner=False)
def _bytes(root: str) -> int:
    return sum(path.stat().st_size for path in Path(root).rglob("*") if path.is_file())


def disk() -> str:
    """Size of the visitor's own store."""
    size = _bytes(str(runs.store().root)) / 2**20
    return f"{size:,.0f} MB" if size < 1024 else f"{size / 1024:,.1f} GB"


def places(info: RunInfo) -> list[tuple[str, str, str, dict[str, str]]]:
    """Pages on which a run can be opened: page, label, icon, parameters of its address."""
    if info.spec is None:
        return []
    base = info.spec.base().key()
    if isinstance(info.spec.method, RetrieverPT):
        return [("retriever", "Open in Retriever doctor", "stethoscope", {"retriever_run": info.key} if info.status.state == "done" else {})]
    if isinstance(info.spec.source, TinyLanguage):
        told = isinstance(info.spec.on, TinyLanguage) and info.spec.on.tasks == ("table",)
        vectors = info.status.state == "done" and numbers.keeps_vectors(info.key)
        return [("meaning", "Read it in Meaning", "translate", {"meaning_run": info.key})] * vectors + [
            ("anatomy", "Open in Anatomy", "format_list_bulleted", {"anatomy_run": info.key} if told else {})]
    if isinstance(info.spec.source, Lists):
        prefix = isinstance(info.spec.method, PrefixPT)
        return [("attention", "Open in Attention", "visibility", {"attention_run": info.key})] * prefix + [("skills", "Open in Skills", "school", {})]
    if info.spec.is_tuning:
        return [
            ("tune", "Open in Tune", "tune", {"tune_base": base}),
            ("regret", "Open in Regret", "query_stats", {"regret_what": "network", "regret_base": base}),
            ("inside", "Open in Inside", "blur_on", {"inside_base": base}),
        ]
    return [
        ("pretrain", "Open in Pretrain", "model_training", {"pretrain_run": base}),
        ("tune", "Tune it", "tune", {"tune_base": base}),
        ("inside", "Open in Inside", "blur_on", {"inside_base": base}),
    ]


def scores(specs: Mapping[str, RunSpec], names: Mapping[str, str], on: AbstractSource) -> pd.DataFrame:
    """What is right or wrong about the answers of runs on one source: a line per run and score that it has."""
    lines = []
    for key in specs:
        kept = numbers.summary(key)
        place = str(kept["evaluated_on"].index(on.model_dump(mode="json"))) if on.model_dump(mode="json") in kept["evaluated_on"] else ""
        found = {score: kept[score][place] for score in SCORES if place in kept.get(score, {})}
        lines += [{"run": names[key], "score": score} | {name: values[0] for name, values in bands.items()} for score, bands in found.items()]
    return pd.DataFrame(lines, columns=["run", "score", *QUARTILES])


def delete_button(info: RunInfo) -> None:
    """Delete an own run after a second click; a shipped one cannot be deleted."""
    if info.shipped:
        st.caption("shipped, read-only", width="content")
        return
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete run `{info.key}` for good? It can only be computed again.")
        st.button("Delete it", type="primary", key=f"runs_delete_{info.key}", on_click=_delete, args=(info.key,))


def _delete(key: str) -> None:
    try:
        runs.store().delete(key)
        st.toast(f"Run {key[:6]} is deleted.", icon=":material/delete:")
    except StoreError as error:
        st.toast(catalog.sentence(error), icon=":material/error:")
