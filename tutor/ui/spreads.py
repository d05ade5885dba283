"""Tables of the studies of prompt vectors: a line per start, medians with their quartiles, and the words that explain the columns."""

from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st

from tutor.studies.embedding_presets import PRIORS, RECIPE
from tutor.ui import embeddings, posteriors, standing
from tutor.ui.posteriors import Score

TASK = {"loss": ("loss (nats)", ".3f"), "bleu": ("BLEU", ".1f"), "steps": ("steps", ".3g"), "before": ("loss before", ".1f"), "shuffled": ("loss reordered", ".2f")}
PLACE = {"travelled": ("travelled", ".1f"), "distance": ("nearest word", ".1f"), "mahalanobis": ("Mahalanobis", ".0f"), "start": ("cosine, start", ".2f"), "cosine": ("cosine, end", ".2f"),
         "kept": ("own start", ".0%"), "rank": ("rank", ".2g")}
"""Columns of the study's two tables: what was learned, and where the vectors are; what each is called and how it is written."""


def tables(result: Mapping) -> None:
    """Both tables of what comes of every prior, and what their columns say."""
    for columns, told in ((TASK, "What was learned from every prior."), (PLACE, "Where the vectors of every prior ended.")):
        show(by_prior(result, columns), told)
    st.caption(f"Medians (quartiles) over {repetitions(result, PRIORS)} repetitions, of deep prompts over {repetitions(result, map(posteriors.deeply, PRIORS))}. Steps: until nine tenths of the best run's gain are won; a run that never gets there takes over {RECIPE.steps}, and nobody knows how many more. "
               f"Travelled and nearest word are in radii of the cloud of words. Mahalanobis: standard deviations by the shape of that cloud, where a word has {embeddings.ground().usual:.1f}. Cosines are with the nearest word; draws that lie as words do have {standing.lying().cosine:.2f}. "
               f"Own start: share of vectors to which no start of their prompt is nearer than their own, by chance {by_chance(result)}, and more where a prior starts several vectors in one place, as chosen words do. The second table is of vectors in the space of words, also of deep prompts, which have others too.")


def show(table: pd.DataFrame, told: str) -> None:
    """A table of text, of which the first column stays while the others scroll."""
    widest = {name: max([len(name), *table[name].str.len()]) for name in table.columns}
    columns = {name: st.column_config.TextColumn(name, pinned=place == 0, width=round((18, 26)[place == 0] + 6.8 * widest[name])) for place, name in enumerate(widest)}
    st.dataframe(table, hide_index=True, height="content", column_config=columns, alt=told)


def by_prior(result: Mapping, columns: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """A table of the study: a line per prior and one per deep prompt, medians with quartiles."""
    known = {metric: posteriors.scores(result, metric) for metric in columns}
    labels = [*PRIORS, *(posteriors.deeply(label) for label in PRIORS if posteriors.deeply(label) in known[next(iter(columns))])]
    return pd.DataFrame([{"prior": label} | {said: _spread(known[metric].get(label), form) for metric, (said, form) in columns.items() if known[metric]} for label in labels])


def _spread(score: Score | None, form: str) -> str:
    if score is None:
        return ""
    middle, low, high = (score.said(name, form) for name in ("value", "q25", "q75"))
    return middle if low == high else f"{middle} ({low.removesuffix('%')}–{high})"


def repetitions(result: Mapping, methods: Iterable[str]) -> str:
    """Over how many repetitions these were measured: "3", or "1 to 2" where that differs."""
    wanted = set(methods)
    counts = sorted({row["repetitions"] for row in result["rows"] if row["method"] in wanted})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def by_chance(result: Mapping) -> str:
    """How often an end would be nearest to its own start if it did not matter where it began."""
    return f"one in {next(row['prompt_length'] for row in result['rows'] if row['method'] in PRIORS)}"


def transfers(result: Mapping) -> pd.DataFrame:
    """What was measured of every start for every target, medians with quartiles."""
    known = {metric: posteriors.scores(result, metric) for metric in ("loss", "bleu", "steps")}
    return pd.DataFrame([dict(zip(("target", "start"), name.split(", ", 1), strict=True)) | {TASK[metric][0]: _spread(known[metric].get(name), TASK[metric][1]) for metric in known} for name in known["loss"]])
