"""A visitor's own retrieval pipeline: a file with what it did goes in, a diagnosis comes out; the file stays with the visitor's session."""

import hashlib
import re
from functools import lru_cache

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from tutor.analysis.evidence_file import EXAMPLE, MAX_FILE_BYTES, pack_evidence, parse_evidence
from tutor.core.paths import DOCS
from tutor.measure import EvidenceError, Report, diagnose
from tutor.measure.synthetic_evidence import CASES
from tutor.runs.io.formats import MEBIBYTE
from tutor.ui.labs.retrieval import report_view
from tutor.ui.shell import sections
from tutor.ui.shell.prose import PageText

TEXT = PageText("check")

VERDICT_TEXTS = {"retrieves": "Its context holds only the answer of the entry that was found.",
        "a constant": "It finds the right entry every time, but puts the same vectors in front each time.",
        "half and half": "One vector is a constant, another the answer of the entry that was found; each brings half of the gain.",
        "noise": "It puts noise in front: there is no gain to explain."}
HOW = {"What is in the file, and twenty lines of Python that write it": ("The file", "Twenty lines that write it"),
       "What each number means, and how the verdict is found": ("What each number means", "The verdict")}
"""What is said on the page -> the sections of the documentation behind it."""
FILE = "your file"
"""How messages call it: a name that somebody made up would be read as Markdown."""


@sections.fragment
def show_upload() -> None:
    """Draw the uploader for a visitor's evidence, simulated cases, the diagnosis and instructions; a fragment of its own."""
    left, right = st.columns([2, 5], gap="large")
    with left:
        given, case = _ask()
    reports: list[Report] = []
    with right, sections.section():
        reports.append(_planted(case) if given is None else _measured(given.getvalue()))
        report_view.show_finding(reports, "check")
    if reports:
        report_view.show_details(reports, "check")
    st.header("Your file")
    _how()


def _ask() -> tuple[UploadedFile | None, str]:
    """The file, if there is one, and the name of the simulated pipeline that stands in for it."""
    given = st.file_uploader("What your pipeline did (NPZ)", type=["npz"], key="check_file", max_upload_size=MAX_FILE_BYTES // MEBIBYTE,
                             help="Losses per example and the context vectors, up to 200 MB. The file is only read; files with Python "
                                  "objects (pickles) are refused. It is deleted when your session ends.")
    st.download_button("Example file (NPZ)", lambda: pack_evidence(EXAMPLE.evidence()), "example.npz", "application/octet-stream",
                       key="check_example", icon=":material/download:", on_click="ignore")
    case = st.selectbox("Or a simulated pipeline", list(CASES), index=list(CASES).index("half and half"), key="check_case",
                        bind="query-params", disabled=given is not None)
    if given is None:
        TEXT.caption("no-file", nature=VERDICT_TEXTS[case])
    else:
        TEXT.caption("with-file")
    return given, case


def _measured(data: bytes) -> Report:
    with st.spinner("Measuring: a big file takes some seconds"):
        return _kept(hashlib.sha256(data).hexdigest(), data)


def diagnose_file(data: bytes) -> Report:
    """Diagnose an uploaded NPZ file.

    Raises
    ------
    EvidenceError
        Where the file cannot be read as evidence or needs more memory than is free.
    """
    try:
        return diagnose(parse_evidence(FILE, data))
    except MemoryError as error:
        raise EvidenceError(f"{FILE} needs more memory than this machine has; try fewer examples, or float16 for the contexts") from error


@st.cache_data(max_entries=4, show_spinner=False, scope="session")
def _kept(digest: str, _data: bytes) -> Report:
    """A diagnosis by what is in the file; gone with the session, and the file's bytes are never part of it."""
    return diagnose_file(_data)


@st.cache_data(max_entries=8, show_spinner=False)
def _planted(case: str) -> Report:
    return diagnose(CASES[case].evidence())


def _how() -> None:
    """How to make the file, in the words of the documentation."""
    TEXT.caption("file")
    for label, titles in HOW.items():
        with st.expander(label):
            st.markdown("\n\n".join(map(read_section, titles)))


@lru_cache
def read_section(title: str) -> str:
    """Return the section of docs/diagnose.md under this heading."""
    text = (DOCS / "diagnose.md").read_text(encoding="utf-8")
    return re.search(rf"^## {re.escape(title)}\n+(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
