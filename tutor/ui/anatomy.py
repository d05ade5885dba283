"""What the Anatomy page shows of studies on the tiny language, and the table that a visitor has told in words."""

import streamlit as st

from tutor.figures import Picture, Score, score_bars, score_lines, score_map
from tutor.measure.text import continued
from tutor.runner import one_thread_count
from tutor.sources import TinyLanguage
from tutor.sources.language.documents import ROWS
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, TABLE
from tutor.ui import catalog, comparison, insides, numbers
from tutor.ui.picture import picture

MEASURES = {"bleu": "BLEU", "slots": "facts told (share)", "accuracy": "exact sentences (share)"}
KINDS = {"guests": "names", "qa": "questions", "cloze": "gaps", "arithmetic": "sums", "table": "tables", "unfounded": "fact not given"}
"""What each kind of document asks for, in a word or two."""
SERIES = {"low-data": ("documents to learn from", " documents"), "length": ("vectors per layer", " vector")}


def study(name: str, measure: str, *, link: str) -> None:
    """Claim, verdict, picture and checks of one study."""
    claimed = STUDIES[name]
    st.subheader(claimed.title)
    found = comparison.claim(name)
    if found is None:
        return
    metric = measure if any(row["metric"] == measure for row in found["rows"]) else claimed.metric
    picture(drawn(name, found["rows"], metric), key=f"anatomy_{name}", link=link, runs=found["keys"][:6])
    if name == "reparametrisation":
        st.caption(f"{kept(found)}. The MLP is dropped after training: keys and values stay the same.")
    with st.expander("What was checked, and what the paper reports"):
        comparison.checks(found)
        st.caption(f"{claimed.source}.")


def drawn(name: str, rows: list[dict], metric: str) -> Picture:
    """The picture that fits a study: a map for learning rates, lines over a size, else bars."""
    scored = [row for row in rows if row["metric"] == metric]
    said = MEASURES[metric]
    if name == "reparametrisation":
        ways, rates = (list(dict.fromkeys(row["method"].split(", rate ")[i] for row in scored)) for i in (0, 1))
        cells = {row["method"]: _score(row) for row in scored}
        return score_map(ways, rates, [[cells[f"{way}, rate {rate}"] for rate in rates] for way in ways], across="learning rate", measure=said)
    if name in SERIES:
        return _over_size(scored, *SERIES[name], said)
    if name == "tiny-language":
        return score_bars({"": {KINDS[row["on"].rpartition(": ")[2]]: _score(row) for row in scored}}, measure="answers right (share)", top=1.0)
    groups: dict[str, dict[str, Score]] = {}
    for row in scored:
        group, _, way = row["method"].rpartition(", ")                # of two tasks, or of two kinds of vectors
        groups.setdefault(group or row["on"].rpartition(": ")[2], {})[way] = _score(row)
    return score_bars(groups, measure=said, top=100.0 if metric == "bleu" else 1.0)


def _over_size(rows: list[dict], across: str, unit: str, said: str) -> Picture:
    series, level = {}, {}
    for row in rows:
        name, _, size = row["method"].removesuffix("s").removesuffix(unit.removesuffix("s")).rpartition(", ")
        if size.strip().isdigit():
            series.setdefault(name or "PrefixPT", {})[int(size)] = _score(row)
        else:
            level[row["method"]] = row["value"]
    return score_lines(series, across=across, measure=said, level=level)


def _score(row: dict) -> Score:
    return Score(row["value"], row["q25"], row["q75"])


def writers() -> dict[str, str]:
    """Finished tunings of the language model that tell tables, by key, prompts before weights: what each is called in its study, best first; then a visitor's own."""
    done = {one.key: one.spec for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done"}
    fitting = {key: spec for key, spec in done.items() if spec.base() == MODEL and isinstance(spec.on, TinyLanguage) and spec.on.tasks == TABLE.tasks}
    found = {study.title: numbers.study(name, FAST.name) for name, study in STUDIES.items() if study.lab == "anatomy"}
    rows = [(title, row) for title, result in found.items() if result for row in result["rows"] if row["metric"] == "bleu" and row["key"] in fitting]
    names: dict[str, str] = {}
    for title, row in sorted(rows, key=lambda one: (fitting[one[1]["key"]].method.changes_weights, -one[1]["value"])):
        names.setdefault(row["key"], f"{title}: {row['method']}")
    return names | comparison.labels({key: spec for key, spec in fitting.items() if key not in names})


def kept(result: dict) -> str:
    """How many numbers a study's prefixes had while they were trained, and how many were left of them."""
    lines = {}
    for row in result["rows"]:
        trained, left = row["trainable"], numbers.summary(row["key"]).get("kept", row["trainable"])
        lines.setdefault(row["method"].partition(",")[0], f"{trained:,} numbers trained, {left:,} kept")
    return "; ".join(f"{name}: {said}" for name, said in lines.items())


@st.cache_data(max_entries=256, show_spinner=False)
def told(key: str, row: tuple[str, ...]) -> str:
    """What the network of a run writes behind this table (values in the order of ROWS). ValueError where a word is unknown."""
    cells = " | ".join(f"{name} = {value}" for name, value in zip(ROWS, row, strict=True))
    with one_thread_count():
        return continued(insides.network(key), f"table : {cells} . text :", TABLE.natural_length)
