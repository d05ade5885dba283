"""What makes a prefix work, taken apart one choice at a time, on a small language model that reads tables and facts."""

import streamlit as st

from tutor.studies.language_presets import MODEL
from tutor.ui.labs.prefixes import findings, prefix_anatomy, table_to_text, tune_prefix
from tutor.ui.run_views import catalog, study_sections
from tutor.ui.shell import url_state
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("anatomy")
text.open()


@section()
def your_table() -> tuple[st.delta_generator.DeltaGenerator, str] | None:
    """A table of the visitor's, told; where a remark about the chosen prefix will stand, and its key."""
    st.header("Let the model describe your own table")
    row = table_to_text.choose_row()
    known = table_to_text.list_writers()
    st.markdown(f"Untuned: *{table_to_text.write_row(MODEL.key(), row)}*")
    if not known:
        return None
    key = url_state.choose_option("Tuned as in", list(known), "anatomy_run", named=known.get, width=620)
    table_to_text.tell_row(key, row)
    return st.empty(), key


@section()
def ask_measure() -> str:
    return url_state.choose_segment("Judge by", list(prefix_anatomy.MEASURES), format_func=prefix_anatomy.MEASURES.get, default="bleu",
                                    key="anatomy_measure", help=text.read("measures"))


@section()
def choices(names: list[str], measure: str) -> None:
    """The studies, one for every choice."""
    for column, name in in_rows(names, 2, gap="large"):
        with column:
            prefix_anatomy.show_study(name, measure, link="anatomy")


@section()
def judged(place: st.delta_generator.DeltaGenerator, key: str) -> None:
    """How many facts the chosen prefix tells rightly; last, because many sentences are written for it."""
    right = table_to_text.describe_shares(table_to_text.score_facts(key))
    place.caption(f"{right} The score is that of the prefix that speaks here, the first of its repetitions.")


if catalog.has_language_model():
    names = sorted(findings.FINDINGS, key="tiny-language".__eq__)          # the network itself comes last
    measure = ask_measure() or "bleu"
    choices(names[:2], measure)
    text.write("about")
    told = your_table()
    tune_prefix.show_tuning()
    text.begin("One choice at a time", "choices", values=findings.VALUES)
    choices(names[2:], measure)
    text.caption("repetitions")
    study_sections.draw_others("anatomy", findings.FINDINGS)
    if told:
        judged(*told)
