"""What a prefix does inside attention: the theorem on the visitor's own list, the bias, and what one virtual token can decide."""

import streamlit as st

from tutor.figures import AttentionSpread, spread_bars
from tutor.ui.labs.prefixes import attention_views, bias_theorem, prefix_editor, virtual_tokens
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, run_comparison, study_sections
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

text = PageText("attention")
text.open()


@section()
def longer_prefixes(chosen: bias_theorem.TheoremChoice) -> None:
    """Whether a prefix of many vectors says different things to different inputs."""
    known, key, steering, names = chosen.known, chosen.key, chosen.steering, attention_views.name_prefixes(chosen.known)
    longer = [other for other, one in known.items() if attention_views.count_rows(one.spec) > 1 and one.spec.method.layers is None]
    if not longer:
        return
    text.begin("Longer prefixes: one fixed mixture?", "longer-prefixes")
    other = url_state.choose_option("Prefix", longer, "attention_long", named=names.get, first=key, width=620)
    spread = AttentionSpread(attention_views.measure_attention_shares(steering if other == key else attention_views.EditedPrefix(other)))
    draw_picture(spread_bars(spread), key="attention_spread", runs=[other])
    write_paragraph(prefix_editor.describe_mixture(spread))
    text.caption("where-mixed", edited=" Edited as above." * (steering.edited and other == key))


@section()
def by_hand() -> None:
    """Networks whose weights were set by hand."""
    text.begin("What one virtual token can decide", "by-hand")
    virtual_tokens.show_handmade()
    text.caption("how-by-hand", longest=virtual_tokens.MAX_STRING, signs=len(virtual_tokens.PRINTABLE), power=virtual_tokens.POWER)


@section()
def trained() -> None:
    """How many continuations a first token chooses among."""
    if result := cached_results.study_result("first-token", "fast"):
        st.subheader("And in a network that was trained")
        text.write("trained", finding=virtual_tokens.describe_counts(result))
        draw_picture(virtual_tokens.draw_counts(result), key="attention_counted")
        text.caption("trained-by-others")
        run_comparison.draw_verdict(result)


if chosen := bias_theorem.ask_theorem():
    bias_theorem.show_theorem(chosen)
    longer_prefixes(chosen)
    by_hand()
    trained()
    study_sections.draw_others("attention", ("first-token",))
