"""What the vectors of a prompt mean: the words they lie near, a sentence that they are made to read as, and where else they work."""

import streamlit as st

from tutor.ui.labs.coins import two_token_views
from tutor.ui.labs.embeddings import anchored_prompts, decoy_prompt, prompt_meaning
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import catalog, study_sections
from tutor.ui.run_views.claim_section import claim_section
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

text = PageText("meaning")
text.open()


@claim_section("waywardness", "Make it read as something else")
def other_words(result: dict) -> None:
    write_paragraph(anchored_prompts.describe_tradeoff(result))
    measure = url_state.choose_segment(
        "Judge by", list(anchored_prompts.MEASURES), format_func=anchored_prompts.MEASURES.get, default="bleu", key="meaning_measure"
    )
    draw_picture(anchored_prompts.draw_tradeoff(result, measure), key="meaning_trade", runs=result["keys"][:6])
    text.caption("pull", sentences=anchored_prompts.list_decoys(result), repetitions=anchored_prompts.count_repetitions(result),
                 controls=anchored_prompts.describe_controls(result))


@claim_section("prompts-belong-to-their-network", "Does every vector matter, and only here?")
def importance(result: dict, key: str | None) -> None:
    left, right = st.columns(2, gap="large")
    with left, section():
        st.markdown("**In its place, and out of it**")
        draw_picture(prompt_meaning.draw_losses(result), key="meaning_belongs", runs=result["keys"][:6])
    with right, section():
        if key:
            prompt_meaning.draw_importance(key)
    text.caption("without-vectors")


@section()
def two_words() -> None:
    text.begin("What two words cannot say", "two-words")
    if found := two_token_views.choose_tunings():
        draw_picture(
            two_token_views.draw_vectors(found), key="meaning_two", link="meaning_two", runs=[spec.key() for spec in found.values()]
        )
        write_paragraph(two_token_views.describe_distances(found))
        two_token_views.show_table(found)
        text.caption("two-word-distances")


if catalog.has_language_model():
    st.header("The tape of a prompt")
    key = prompt_meaning.show_tape()
    text.write("about")
    other_words()
    decoy_prompt.draw_decoy_prompt()
    importance(key)
    two_words()
    study_sections.draw_others("meaning", ("waywardness", "prompts-belong-to-their-network"))
    catalog.draw_links(("regret", "What every method reaches", "query_stats"), ("priors", "Where prompts start and end", "my_location"),
                  ("anatomy", "What makes a prefix work", "biotech"))
