"""Why a pipeline becomes a soft prompt, as pictures: a crowded store, the course of training, the loss all around, the map of dials."""

import numpy as np
import streamlit as st

from tutor import retrieved
from tutor.disk import StoreError
from tutor.figures import Phase, Picture, crowd_bars, crowd_lines, loss_surface, over_training, phase_map
from tutor.retrieval import RetrieverPT
from tutor.runner import one_thread_count
from tutor.studies.retriever_presets import MAP
from tutor.studies.vectors import smoothed
from tutor.ui import catalog, numbers
from tutor.ui.retrieval import agreed, each, middle, network, reports, there

DENSITIES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
CURVES = {"own": "as it is", "shuffled": "store shuffled", "constant": "its constant alone"}
"""What is looked at during a training -> what it is called."""
STAGES = ("encoder", "curator", "projection")


@st.cache_data(max_entries=256, show_spinner=False)
def crowd(dials: RetrieverPT) -> retrieved.Crowd:
    """A store with these dials, without training."""
    with one_thread_count():
        return retrieved.crowd(dials)


def alike(dials: RetrieverPT) -> Picture:
    """How alike its entries are."""
    return crowd_bars(crowd(dials))


def denser(dials: RetrieverPT) -> Picture:
    """The same dials with every density."""
    along = [crowd(dials.model_copy(update={"density": density})) for density in DENSITIES]
    return crowd_lines(DENSITIES, along, k=min(dials.k, len(dials.facts.all)), chosen=dials.density)


def watched(key: str, name: str) -> np.ndarray:
    """What was looked at during a training [N, S]. StoreError where that is not kept."""
    kept = numbers.arrays(key)
    if f"found/course/{name}" not in kept:
        raise StoreError("the course of this training is not kept here; train it again below to watch it")
    return kept[f"found/course/{name}"]


def course(key: str) -> Picture:
    """What a pipeline loses on held-out questions while it is trained, and what two others lose."""
    return over_training({said: watched(key, name) for name, said in CURVES.items()}, measure="held-out loss (nats)", levels=levels(key))


def levels(key: str) -> dict[str, float]:
    """Loss without context and behind the soft prompt, as far as it is known."""
    plain = numbers.arrays(key).get("found/exam/no_context")
    try:
        soft = middle(reports(key), "soft_prompt_gain")
    except (StoreError, ValueError):
        soft = None
    if plain is None:
        return {}
    level = float(np.mean(plain))
    return {"without context": level} | ({"soft prompt": level - soft} if soft is not None else {})


def norms(key: str) -> Picture | None:
    """The gradient's norm at each stage that was trained, a mean over ten steps; None where none was."""
    found = {stage: watched(key, stage) for stage in STAGES}
    trained = {stage: values for stage, values in found.items() if not np.isnan(values).all()}
    trained = {stage: smoothed(values) for stage, values in trained.items()}
    return over_training(trained, measure="norm of the gradient", log=True) if trained else None


@st.cache_data(max_entries=16, show_spinner="Measuring the loss around the pipeline, for some seconds ...")
def _surface(key: str) -> retrieved.Surface:
    with one_thread_count():
        return retrieved.surface(network(key), catalog.info(key).spec.on)


def surface(key: str) -> Picture:
    """The loss around a trained pipeline."""
    return loss_surface(_surface(key))


def phases() -> tuple[Picture | None, dict[str, str]]:
    """The map of densities and qualities as far as it is computed, and its cells' keys by their names."""
    cells, keys = {}, {}
    for (density, quality), spec in MAP.items():
        if there(spec):
            found = reports(spec.key())
            kept = middle(found, "store_shuffled")
            cells[density, quality] = Phase(agreed(found), each(found), len({one.verdict for one in found}) == 1, float("nan") if kept is None else kept, middle(found, "gain"))
            keys[f"density {density:g}, quality {quality:g}"] = spec.key()
    return (phase_map(cells) if cells else None), keys
