"""Tables of the studies of prompt vectors: a line per start, medians with their quartiles, and the words that explain the columns."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from tutor.studies.embedding_presets import RECIPE
from tutor.studies.row_fields import Value, select
from tutor.ui.labs.embeddings import nearest_words, posterior_scores, tuned_vectors
from tutor.ui.labs.embeddings.posterior_scores import Score

TASK = {"loss": ("loss (nats)", ".3f"), "bleu": ("BLEU", ".1f"), "steps": ("steps", ".3g"), "before": ("loss before", ".1f"),
        "shuffled": ("loss reordered", ".2f")}
PLACE = {"travelled": ("travelled", ".1f"), "distance": ("nearest word", ".1f"), "mahalanobis": ("Mahalanobis", ".0f"),
         "start": ("cosine, start", ".2f"), "cosine": ("cosine, end", ".2f"),
         "kept": ("own start", ".0%"), "rank": ("rank", ".2g")}
"""Columns of the study's two tables: what was learned, and where the vectors are; what each is called and how it is written."""


def show_tables(result: Mapping) -> None:
    """Draw both tables of the study's prompts, what was learned and where vectors ended, with an explanation of the columns."""
    for columns, told in ((TASK, "What was learned from every prior."), (PLACE, "Where the vectors of every prior ended.")):
        show_table(tabulate_priors(result, columns), told)
    st.caption(
        f"Medians (quartiles) over {describe_repetitions(result, method='soft')} repetitions, of deep prompts over "
        f"{describe_repetitions(result, method='deep')}. Steps: until nine tenths of the best run's gain are won; a run that never gets "
        f"there takes over {RECIPE.steps}, and nobody knows how many more. Travelled and nearest word are in radii of the cloud of "
        f"words. Mahalanobis: standard deviations by the shape of that cloud, where a word has {tuned_vectors.word_space().usual:.1f}. "
        f"Cosines are with the nearest word; draws that lie as words do have {nearest_words.measure_control().cosine:.2f}. "
        "Own start: share "
        f"of vectors to which no start of their prompt is nearer than their own, by chance {describe_chance(result)}, and more where a "
        "prior starts several vectors in one place, as chosen words do. The second table is of vectors in the space of words, "
        "also of deep prompts, which have others too."
    )


def show_table(table: pd.DataFrame, told: str) -> None:
    """Draw a table of text whose first column stays in view while the others scroll; `told` is its description for screen readers."""
    widest = {name: max([len(name), *table[name].str.len()]) for name in table.columns}
    columns = {name: st.column_config.TextColumn(name, pinned=place == 0, width=round((18, 26)[place == 0] + 6.8 * widest[name]))
               for place, name in enumerate(widest)}
    st.dataframe(table, hide_index=True, height="content", column_config=columns, alt=told)


def tabulate_priors(result: Mapping, columns: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Make a table with a row per prior for soft and for deep prompts: medians with quartiles.

    Parameters
    ----------
    columns
        Title and number format by metric.
    """
    measured = [metric for metric in columns if select(result["rows"], metric=metric)]
    lines = []
    for method, named in (("soft", "{}"), ("deep", "{}, deep")):
        known = {metric: posterior_scores.list_scores(result, metric, method=method) for metric in measured}
        lines += [{"prior": named.format(label)} | {columns[metric][0]: _spread(known[metric].get(label), columns[metric][1])
                                                    for metric in measured} for label in known[measured[0]]]
    return pd.DataFrame(lines)


def _spread(score: Score | None, form: str) -> str:
    if score is None:
        return ""
    middle, low, high = (score.said(name, form) for name in ("value", "q25", "q75"))
    return middle if low == high else f"{middle} ({low.removesuffix('%')}–{high})"


def describe_repetitions(result: Mapping, **fields: Value) -> str:
    """Number of repetitions in the rows with these fields, such as "3" or "1 to 2"."""
    counts = sorted({row["repetitions"] for row in select(result["rows"], **fields)})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def describe_chance(result: Mapping) -> str:
    """Probability that a vector ends nearest to its own start by chance, in words."""
    return f"one in {select(result['rows'], method='soft')[0]['prompt_length']}"


def tabulate_transfers(result: Mapping) -> pd.DataFrame:
    """Make a table with a row per target and start: loss, BLEU and steps, medians with quartiles."""
    def cell(metric: str, **setting: Value) -> str:
        found = select(result["rows"], metric=metric, **setting)
        return _spread(posterior_scores.score(found[0]) if found else None, TASK[metric][1])

    settings = [{name: row["fields"][name] for name in ("target", "start")} for row in select(result["rows"], metric="loss")]
    return pd.DataFrame([setting | {TASK[metric][0]: cell(metric, **setting) for metric in ("loss", "bleu", "steps")}
                         for setting in settings])
