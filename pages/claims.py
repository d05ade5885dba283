"""What the papers claim, measured here: the effect of every claim side by side, and each one in words, work by work."""

import streamlit as st

from tutor.studies import STUDIES
from tutor.studies.works import CitedWork, group_by_work
from tutor.ui.run_views import claim_list
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("claims")
text.open()


@section()
def work(one: CitedWork, names: list[str], known: dict[str, dict]) -> None:
    st.header(f"{one.title} ({one.cited})" if one.cited not in one.title else one.title, anchor=False)
    claim_list.draw_forest([known[name] for name in names], one.cited)
    for column, name in in_rows(names, 2):
        with column, st.container(border=True, height="stretch"), section():
            claim_list.draw_entry(name, known[name])


@section()
def verdicts(known: dict[str, dict]) -> None:
    claim_list.draw_verdicts(known)


known = claim_list.list_results()
if not known:
    st.info(text.read("none"), icon=":material/hourglass_empty:")
else:
    verdicts(known)
    for one, names in group_by_work({name: STUDIES[name] for name in claim_list.choose_claims(known)}).items():
        work(one, names, known)
text.caption("how")
