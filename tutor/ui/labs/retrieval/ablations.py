"""Why a pipeline becomes a soft prompt, as pictures: a crowded store, the course of training, the loss all around, the map of dials."""

import numpy as np
import streamlit as st

from tutor.analysis import question_trace
from tutor.core.threads import fix_threads
from tutor.figures import PhaseCell, Picture, crowd_bars, crowd_lines, loss_surface, phase_map, training_lines
from tutor.methods.retrieval import RetrieverPT
from tutor.runs.io.disk import StoreError
from tutor.studies.retriever_presets import MAP, cell_label
from tutor.studies.vector_scores import smooth_losses
from tutor.ui.labs.retrieval.pipeline_runs import count_verdicts, is_computed, list_reports, load_network, majority_verdict, median_measure
from tutor.ui.run_views import cached_results, catalog

DENSITIES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
CURVES = {"own": "as it is", "shuffled": "store shuffled", "constant": "its constant alone"}
"""What is looked at during a training -> what it is called."""
STAGES = ("encoder", "curator", "projection")


@st.cache_data(max_entries=256, show_spinner=False)
def measure_crowding(dials: RetrieverPT) -> question_trace.StoreCrowding:
    """Measure a store with these settings before any training."""
    with fix_threads():
        return question_trace.measure_crowding(dials)


def draw_similarity(dials: RetrieverPT) -> Picture:
    """Draw how similar the entries of the store are."""
    return crowd_bars(measure_crowding(dials))


def draw_densities(dials: RetrieverPT) -> Picture:
    """Draw the store's measures over all densities in DENSITIES, with the other settings fixed."""
    along = [measure_crowding(dials.model_copy(update={"density": density})) for density in DENSITIES]
    return crowd_lines(DENSITIES, along, k=min(dials.k, len(dials.facts.all)), chosen=dials.density)


def load_snapshots(key: str, name: str) -> np.ndarray:
    """Load what was recorded during a training [N, S]; `name` is a key of CURVES or a stage.

    Raises
    ------
    StoreError
        Where the run does not store it.
    """
    kept = cached_results.load_arrays(key)
    if f"found/course/{name}" not in kept:
        raise StoreError("the course of this training is not kept here; train it again below to watch it")
    return kept[f"found/course/{name}"]


def draw_losses(key: str) -> Picture:
    """Draw a pipeline's held-out loss during training: as it is, with a shuffled store, and with its constant alone."""
    return training_lines(
        {said: load_snapshots(key, name) for name, said in CURVES.items()}, measure="held-out loss (nats)", levels=reference_losses(key)
    )


def reference_losses(key: str) -> dict[str, float]:
    """Losses (nats) without context and behind the soft prompt; those that are not stored are left out."""
    plain = cached_results.load_arrays(key).get("found/exam/no_context")
    try:
        soft = median_measure(list_reports(key), "soft_prompt_gain")
    except (StoreError, ValueError):
        soft = None
    if plain is None:
        return {}
    level = float(np.mean(plain))
    return {"without context": level} | ({"soft prompt": level - soft} if soft is not None else {})


def draw_norms(key: str) -> Picture | None:
    """Draw the norm of the gradient at each trained stage, as a mean over ten steps; None where no stage was trained."""
    found = {stage: load_snapshots(key, stage) for stage in STAGES}
    trained = {stage: values for stage, values in found.items() if not np.isnan(values).all()}
    trained = {stage: smooth_losses(values) for stage, values in trained.items()}
    return training_lines(trained, measure="norm of the gradient", log=True) if trained else None


@st.cache_data(max_entries=16, show_spinner="Measuring the loss around the pipeline, for some seconds ...")
def _surface(key: str) -> question_trace.LossLandscape:
    with fix_threads():
        return question_trace.loss_landscape(load_network(key), catalog.find_info(key).spec.on)


def draw_loss_landscape(key: str) -> Picture:
    """Draw the loss around a trained pipeline."""
    return loss_surface(_surface(key))


def draw_phases() -> tuple[Picture | None, dict[str, str]]:
    """Draw the map of verdicts over density and quality, and return it with the key of each cell's run by label.

    The picture is None while no cell is computed.
    """
    cells, keys = {}, {}
    for (density, quality), spec in MAP.items():
        if is_computed(spec):
            found = list_reports(spec.key())
            kept = median_measure(found, "store_shuffled")
            cells[density, quality] = PhaseCell(majority_verdict(found), count_verdicts(found), len({one.verdict for one in found}) == 1,
                                            float("nan") if kept is None else kept, median_measure(found, "gain"))
            keys[cell_label(density, quality)] = spec.key()
    return (phase_map(cells) if cells else None), keys
