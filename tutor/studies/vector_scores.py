"""What studies read off the vectors of a prompt: where they started, where they ended, and how fast the loss fell on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor import measure
from tutor.core.rng import stream
from tutor.measure.prompt_geometry import TokenGeometry, distance_travelled, measure_tokens
from tutor.methods.priors import Embeddings, Gaussian
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.runs.run import Run, tune_seed
from tutor.studies.language_presets import SUMMARY
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.row_fields import Value

WINDOW = 10
"""Steps of which the mean loss counts as the loss at a step."""
PART = 0.9
"""Of the gain: who has it has learned the task in the main."""

MEASURED = ("travelled", "distance", "apart", "mahalanobis", "cosine", "chance", "shaped", "start", "kept", "rank")
"""Of the vectors of a run, in the order of a study's rows."""

Vectors = Float[Tensor, "N K E"]


def starting_vectors(run: Run, base: Predictor, repetition: int, layer: int = 0) -> Float[Tensor, "K E"]:
    """Draw again the vectors from which one repetition started, as they enter a layer (0: embedding space)."""
    return run.spec.method.attach(base, tune_seed(run.spec, repetition)).prompt_rows()[layer].detach()


def all_starting_vectors(run: Run, base: Predictor) -> Vectors:
    """Draw again the vectors in embedding space from which each repetition started."""
    return torch.stack([starting_vectors(run, base, r) for r in range(run.spec.seeds.repetitions)])


def final_vectors(run: Run, layer: int = 0) -> Vectors:
    """Return the tuned vectors of one layer."""
    return torch.from_numpy(run.arrays[f"prompt/{layer}"])


def smoothed_losses(run: Run, after: int = 0) -> Float[np.ndarray, "N S"]:
    """Training loss (nats per token) at every step beyond the first `after`, as a mean over the last ten steps."""
    return smooth_losses(run.arrays["training/loss"].astype(float)[:, after:])


def smooth_losses(values: Float[np.ndarray, "N S"]) -> Float[np.ndarray, "N S"]:
    """Running mean over the last ten steps; the first nine steps average over those so far."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    last = np.arange(1, sums.shape[1])
    first = np.maximum(last - WINDOW, 0)
    return (sums[:, last] - sums[:, first]) / (last - first)


def steps_until(run: Run, level: float, *, after: int = 0) -> Band:
    """Number of steps until the smoothed training loss first reaches `level`.

    Parameters
    ----------
    after
        Steps to skip; those returned are counted from there.

    Returns
    -------
    Band
        Over repetitions. Quantiles of repetitions that never reach the level are lower bounds.
    """
    curves = smoothed_losses(run, after)
    reached = curves <= level
    return Band.counted(np.where(reached.any(1), reached.argmax(1) + 1.0, np.inf), end=curves.shape[1])


def good_loss(untuned: Run, tunings: Sequence[Run]) -> float:
    """Loss (nats per token) at which nine tenths of the gain of the best tuning are reached."""
    best = min(float(np.median(smoothed_losses(run)[:, -1])) for run in tunings)
    return best + (1 - PART) * (float(np.median(untuned.arrays["loss/0"])) - best)


def held_out_loss_behind(network: Predictor, rows: Float[Tensor, "K E"]) -> float:
    """Held-out loss (nats per token) of a network on summaries, with these vectors as its prompt."""
    prompted = network.frozen_copy()
    prompted.embedding_prompt = RealPrompt(rows).requires_grad_(False)
    return measure.held_out_loss(prompted, SUMMARY, n=128)


def shuffle_rows(rows: Float[Tensor, "K E"], seed: int) -> Float[Tensor, "K E"]:
    """Return the vectors in a random order."""
    return rows[torch.from_numpy(stream(seed, "order").permutation(len(rows)))]


def control_losses(run: Run, base: Predictor) -> dict[str, Band]:
    """Losses (nats per token) to compare a tuned prompt for summaries with, as bands over repetitions.

    Returns
    -------
    dict
        before: training loss of the untuned start, on the first batch. shuffled: held-out loss of the tuned vectors in random order.
    """
    return {"before": Band.over(run.arrays["training/loss"][:, 0]),
            "shuffled": Band.over([held_out_loss_behind(base, shuffle_rows(rows, r)) for r, rows in enumerate(final_vectors(run))])}


def vector_geometry(run: Run, base: Predictor) -> dict[str, Band]:
    """Where the tuned vectors of a run lie among the tokens' embeddings, as bands over repetitions.

    Returns
    -------
    dict
        travelled, distance: from start to end, and from end to nearest token, in radii of the cloud of tokens.
        mahalanobis: distance from that cloud.
        cosine, start: cosine with the nearest token, of the tuned vectors and of their starts.
        chance: the same cosine of vectors of equal length in random directions.
        shaped, apart: cosine and distance to the nearest token of draws from a Gaussian fitted to the tokens.
        kept: share of vectors whose nearest start, among those of their prompt, is their own.
        rank: effective rank.
    """
    table, before, after = Embeddings(base).vocabulary, all_starting_vectors(run, base), final_vectors(run)
    cloud = Gaussian.of(table)
    stands = [measure_tokens(rows, table, cloud, seed=r) for r, rows in enumerate(after)]
    found = {field.name: [float(getattr(one, field.name)) for one in stands] for field in fields(TokenGeometry)} | {
        "travelled": [distance_travelled(began, rows, cloud) for rows, began in zip(after, before, strict=True)],
        "start": [float(measure.nearest_cosine(rows, table).mean()) for rows in before],
        "kept": [float(measure.keeps_its_start(began, rows).mean()) for rows, began in zip(after, before, strict=True)],
    }
    return {name: Band.over(found[name]) for name in MEASURED}


def nearest_origin(runs: Mapping[str, Run], base: Predictor) -> dict[str, Band]:
    """For each of several runs: share of its tuned vectors whose nearest starting vector, of all runs, is one of its own."""
    starts = torch.cat([starting_vectors(run, base, 0) for run in runs.values()])
    whose = np.repeat(list(runs), [run.spec.method.length for run in runs.values()])
    found = {name: whose[torch.cdist(final_vectors(run)[0], starts).argmin(1).numpy()] for name, run in runs.items()}
    return {name: Band.exactly(float((owners == name).mean())) for name, owners in found.items()}


def score_rows(run: Run, label: str, bands: dict[str, Band], /, **known: Value) -> list[Row]:
    """Make the rows of a run on its target, all with the same label and fields: loss, BLEU, and one for each further metric in `bands`."""
    loss, bleu = (score_row(run, metric=score).labelled(label, **known) for score in ("loss", "bleu"))
    return [loss, bleu, *(replace(loss, metric=name, bands=(band,)) for name, band in bands.items())]
