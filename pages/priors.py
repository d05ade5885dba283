"""Where prompts start and where they end: priors to draw from, posteriors among the words, and whether any of it matters."""

import streamlit as st

from tutor.studies.embedding_presets import RECIPE
from tutor.studies.transfers import TARGETS
from tutor.ui.labs.embeddings import posterior_scores, prior_and_posterior, prior_draw, spread_tables, tune_soft_prompt
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import catalog, study_sections
from tutor.ui.run_views.claim_section import claim_section
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

text = PageText("priors")
text.open()


@claim_section("priors-move-positions-not-quality", "Does it matter?")
def does_it_matter(result: dict) -> None:
    write_paragraph(posterior_scores.describe_speeds(result))
    with section():
        draw_picture(posterior_scores.draw_losses(result), key="priors_race", link="priors_labels", runs=result["keys"][:6])
    measure = url_state.choose_option(
        "Measure", list(posterior_scores.MEASURES), "priors_measure", named=posterior_scores.MEASURES.get, width=320
    )
    with section():
        draw_picture(posterior_scores.draw_measure(result, measure), key="priors_bars", link="priors_labels", runs=result["keys"][:6])
    if measure in posterior_scores.GEOMETRY:
        text.caption("deep-prompts")
    spread_tables.show_tables(result)
    write_paragraph(posterior_scores.describe_controls(result))
    page_facts.record_facts(**posterior_scores.prior_loss_facts(result))


@claim_section("embedding-collapse", "Do vectors collapse onto words?")
def collapse(result: dict) -> None:
    measure = posterior_scores.choose_collapse(result)
    draw_picture(posterior_scores.draw_collapse(result, measure), key="priors_map", runs=result["keys"][:6])
    text.caption("collapse", runs=spread_tables.describe_repetitions(result))
    write_paragraph(posterior_scores.describe_rates(result))


@claim_section("posteriors-as-starting-points", "Start from where another task ended")
def transfer(result: dict) -> None:
    for column, target in in_rows(TARGETS, 2, gap="large"):
        with column, section():
            st.markdown(f"**Learning {target}**")
            draw_picture(posterior_scores.draw_transfer(result, target), key=f"priors_transfer_{target}", runs=result["keys"][:6])
    spread_tables.show_table(spread_tables.tabulate_transfers(result), "What was measured from every start.")
    text.caption("transfer", steps=RECIPE.steps)


if catalog.has_language_model():
    wish = prior_draw.draw_from_prior()
    text.write("about")
    prior_and_posterior.show_posteriors()
    does_it_matter()
    collapse()
    transfer()
    if wish:
        tune_soft_prompt.show_tuning(wish, "priors_own")
    study_sections.draw_others("priors", ("priors-move-positions-not-quality", "embedding-collapse", "posteriors-as-starting-points"))
    catalog.draw_links(("meaning", "What do these vectors mean?", "translate"), ("clusters", "Where tasks live", "scatter_plot"))
