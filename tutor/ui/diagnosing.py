"""A visitor's own retrieval pipeline: a file with what it did goes in, a diagnosis comes out; the file stays with the visitor's session."""

import hashlib
import re
from functools import lru_cache

import streamlit as st

from tutor.evidence_file import EXAMPLE, LARGEST, pack_evidence, parse_evidence
from tutor.files import MEBIBYTE
from tutor.measure import EvidenceError, Report, diagnose
from tutor.measure.planted import CASES
from tutor.places import DOCS
from tutor.ui import catalog, reports
from tutor.ui.frame import prose

SAID = {"retrieves": "Its context holds the answer of the entry that was found, and nothing else.",
        "a constant": "It finds the right entry every time, but what it puts in front is the same whatever it found.",
        "half and half": "One vector is a constant, another the answer of the entry that was found; each brings half of the gain.",
        "noise": "What it puts in front is noise: there is nothing whose source could be named."}
HOW = {"What is in the file, and twenty lines of Python that write it": ("The file", "Twenty lines that write it"),
       "What each number means, and how the verdict is found": ("What each number means", "The verdict")}
"""What is said on the page -> the sections of the documentation behind it."""
FILE = "your file"
"""How messages call it: a name that somebody made up would be read as Markdown."""


@st.fragment
def your_pipeline() -> None:
    """The section with the uploader, ready cases, how to make the file, and the diagnosis; runs again by itself."""
    prose("""Save what your own pipeline did to a file, and get the same diagnosis: which part of its gain needs the right entries, with intervals, and what is missing for a firmer answer. No text of yours is
in the file, only losses, vectors and numbers of entries.""")
    left, right = st.columns(2, gap="large")
    with left:
        given = st.file_uploader("What your pipeline did (NPZ)", type=["npz"], key="retriever_yours_file", max_upload_size=LARGEST // MEBIBYTE,
                                 help="Losses per example and the context vectors, up to 200 MB. It is read, never run: pickles are refused. It stays in this session and is gone with it.")
    with right:
        case = st.selectbox("or a simulated pipeline whose nature is known", list(CASES), index=list(CASES).index("half and half"), key="retriever_yours_case", bind="query-params", disabled=given is not None)
        st.caption(SAID[case] if given is None else "Take your file away to look at these.")
    _how()
    with catalog.one_sentence():
        if given is None:
            reports.show([_planted(case)], "retriever_yours")
        else:
            data = given.getvalue()
            with st.spinner("Measuring: a big file takes some seconds"):
                report = _kept(hashlib.sha256(data).hexdigest(), data)
            reports.show([report], "retriever_yours")


def diagnosed(data: bytes) -> Report:
    """The diagnosis of an uploaded file. Raises EvidenceError."""
    try:
        return diagnose(parse_evidence(FILE, data))
    except MemoryError as error:
        raise EvidenceError(f"{FILE} needs more memory than this machine has free; try fewer examples, or float16 for the contexts") from error


@st.cache_data(max_entries=4, show_spinner=False, scope="session")
def _kept(digest: str, _data: bytes) -> Report:
    """A diagnosis by what is in the file; gone with the session, and the file's bytes are never part of it."""
    return diagnosed(_data)


@st.cache_data(max_entries=8, show_spinner=False)
def _planted(case: str) -> Report:
    return diagnose(CASES[case].evidence())


def _how() -> None:
    """How to make the file, in the words of the documentation, and an example of one."""
    st.download_button("Example file (NPZ)", lambda: pack_evidence(EXAMPLE.evidence()), "example.npz", "application/octet-stream", key="retriever_yours_example", icon=":material/download:", on_click="ignore")
    for label, titles in HOW.items():
        with st.expander(label):
            st.markdown("\n\n".join(map(section, titles)))


@lru_cache
def section(title: str) -> str:
    """What docs/diagnose.md says under a heading."""
    text = (DOCS / "diagnose.md").read_text(encoding="utf-8")
    return re.search(rf"^## {re.escape(title)}\n+(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
