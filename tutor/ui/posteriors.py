"""What the Priors page shows of studies of prompt vectors, and the numbers it tells of any."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from tutor import vectors
from tutor.figures import Picture, Score, losing, score_bars, score_map
from tutor.priors import AbstractPrior
from tutor.studies.collapse import cell
from tutor.studies.embedding_presets import DEEP, PRIORS, RATES, deep, soft
from tutor.studies.language_presets import MODEL
from tutor.studies.priors_move import EVERY_LAYER, NOTHING
from tutor.studies.transfers import STARTS, before
from tutor.studies.vectors import losses
from tutor.ui import embeddings, runs

MEASURES = {
    "loss": "held-out loss (nats per token)", "bleu": "BLEU", "steps": "steps to nine tenths of the gain", "travelled": "distance travelled (radii)",
    "mahalanobis": "Mahalanobis distance from the words", "cosine": "cosine with the nearest word", "kept": "kept its start (share)", "rank": "effective rank",
}
COLLAPSE = {"cosine": "cosine with the nearest word", "start": "at the start", "chance": "by chance, any direction", "shaped": "by chance, directions of words", "distance": "distance to the nearest word (radii)", "loss": "held-out loss (nats)", "kept": "kept its start (share)"}
COLUMNS = {"cosine": st.column_config.NumberColumn("nearest word (cosine)", format="%.2f"), "chance": st.column_config.NumberColumn("by chance", format="%.2f"), "shaped": st.column_config.NumberColumn("by chance, as words lie", format="%.2f"),
           "distance": st.column_config.NumberColumn("nearest word (radii)", format="%.2f"), "mahalanobis": st.column_config.NumberColumn("Mahalanobis", format="%.1f"),
           "travelled": st.column_config.NumberColumn("travelled (radii)", format="%.2f"), "rank": st.column_config.NumberColumn("effective rank")}


def say(ground: vectors.Ground, rows: vectors.Rows, **more: float) -> None:
    """Where these vectors stand, in a row of numbers."""
    found = vectors.told(ground, rows)
    with st.container(horizontal=True):
        st.metric("Nearest word, cosine", f"{found.cosine:.2f}", f"by chance {found.chance:.2f} to {found.shaped:.2f}", delta_color="off", delta_arrow="off", border=True,
                  help="By chance: vectors as long in random directions, any directions or such as words have.")
        st.metric("Nearest word, radii away", f"{found.distance:.2f}", border=True)
        st.metric("Mahalanobis distance", f"{found.mahalanobis:.1f}", border=True, help=f"From the cloud of words, by its own shape; a word has {ground.usual:.1f} on average.")
        st.metric("Effective rank", found.rank, border=True, help="Directions that hold 95 % of the vectors' variance.")
        for name, value in more.items():
            st.metric({"loss": "Held-out loss, nats", "bleu": "BLEU"}[name], f"{value:.3g}", border=True)
    if ground.gaussian.shrunk:
        st.caption(f"The cloud has too few words for its whole covariance, which was shrunk to a sphere by {ground.gaussian.shrunk:.0%}.")


def table(keys: Mapping[str, str], layer: int) -> pd.DataFrame:
    """One line per prompt: where it ended among the words."""
    lines = []
    for label, key in keys.items():
        found, rows = embeddings.told(key, layer), embeddings.ends(key, layer)
        travelled = float((rows[-1] - rows[0]).norm(dim=1).mean()) / embeddings.ground(layer).gaussian.radius
        lines.append({"prior": label, "travelled": travelled, "distance": found.distance, "mahalanobis": found.mahalanobis, "cosine": found.cosine, "chance": found.chance, "shaped": found.shaped, "rank": found.rank})
    return pd.DataFrame(lines)


SOFT = "soft prompt"
WHERE = {SOFT: 0, "deep prompt": 0} | {f"deep prompt, into layer {n + 1}": n for n in range(1, MODEL.body.layers)}
"""Which vectors are shown: whose, and of which layer."""


def chosen(labels: Sequence[str], where: str, rate: float) -> dict[str, str]:
    """Runs by the label of their prior."""
    if where == SOFT:
        return {label: soft(PRIORS[label], rate).key() for label in labels}
    return {label: deep(PRIORS[label]).key() for label in labels if label in DEEP}


def race(result: Mapping) -> Picture:
    """What prompts from every prior lose, step by step."""
    untuned = next(row["value"] for row in result["rows"] if row["method"] == NOTHING and row["metric"] == "loss")
    return losing({label: losses(runs.load(soft(prior).key())) for label, prior in PRIORS.items()}, level=untuned)


def bars(result: Mapping, measure: str) -> Picture:
    """One measure for every prior, of soft prompts and of deep ones."""
    scored = {row["method"]: Score(row["value"], row["q25"], row["q75"]) for row in result["rows"] if row["metric"] == measure}
    groups = {"soft prompt": {label: scored[label] for label in PRIORS},
              "deep prompt": {label: scored[f"{label}, {EVERY_LAYER}"] for label in PRIORS if f"{label}, {EVERY_LAYER}" in scored}}
    return score_bars({name: found for name, found in groups.items() if found}, measure=MEASURES[measure])


def shrunk(wanted: AbstractPrior, layer: int) -> None:
    """Say where a Gaussian that the prior fits had to be shrunk."""
    parts = [part for part in embeddings.shrinkages(wanted, layer) if part]
    if parts:
        st.caption(f"The cloud to which this prior is fitted is too small to say its whole covariance, which was shrunk to a sphere by {' and '.join(f'{part:.0%}' for part in parts)}.")


def by_prior(result: Mapping) -> pd.DataFrame:
    """The table of the study: a line per prior, medians."""
    value = {(row["method"], row["metric"]): row["value"] for row in result["rows"]}
    names = {"loss": "loss (nats)", "bleu": "BLEU", "steps": "steps", "travelled": "travelled (radii)", "start": "cosine, start", "cosine": "cosine, end", "shaped": "cosine, chance",
             "mahalanobis": "Mahalanobis", "kept": "kept its start", "rank": "rank"}
    return pd.DataFrame([{"prior": label} | {said: round(value[label, metric], 3) for metric, said in names.items()} for label in PRIORS])


def told(result: Mapping) -> dict[str, float]:
    """What a lesson can compare with: the loss from the best, the worst and the far prior."""
    loss = {row["method"]: row["value"] for row in result["rows"] if row["metric"] == "loss" and row["method"] in PRIORS}
    return {"best_loss": min(loss.values()), "worst_loss": max(loss.values()), "far_loss": loss["far region"]}


def collapse(result: Mapping, measure: str) -> Picture:
    """A cell per prior and learning rate."""
    scored = {row["method"]: Score(row["value"], row["q25"], row["q75"]) for row in result["rows"] if row["metric"] == measure}
    return score_map(list(PRIORS), [f"{rate:g}" for rate in RATES], [[scored[cell(label, rate)] for rate in RATES] for label in PRIORS], across="learning rate", measure=COLLAPSE[measure])


def by_rate(result: Mapping) -> str:
    """What the learning rate decides, in a sentence that follows the numbers."""
    value = {(row["method"], row["metric"]): row["value"] for row in result["rows"]}
    middle = {rate: [sorted(value[cell(label, rate), metric] for label in PRIORS)[len(PRIORS) // 2] for metric in ("kept", "loss")] for rate in RATES}
    said = "; ".join(f"at {rate:g}, **{kept:.0%}** and a loss of {loss:.2f} nats" for rate, (kept, loss) in middle.items())
    differs = middle[RATES[0]][0] > 0.5 > middle[RATES[-1]][0]
    return f"Vectors that end nearer to their own start than to any other, in the middle of all priors: {said}." + (" So the learning rate decides whether the prior does." if differs else "")


def transfer(result: Mapping, target: str) -> Picture:
    """What a prompt loses on a task after others, or from a prior."""
    bare = next(row["value"] for row in result["rows"] if row["method"] == f"{target}, no prompt" and row["metric"] == "loss")
    return losing({name: losses(runs.load(spec.key()), before(spec)) for name, spec in STARTS[target].items()}, level=bare)
