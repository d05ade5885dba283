"""What studies read off the vectors of a prompt: where they started, where they ended, and how fast the loss fell on the way."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor import measure
from tutor.measure.posteriors import Standing, standing, travelled
from tutor.predictors import Predictor
from tutor.predictors.prompts import RealPrompt
from tutor.priors import Embeddings, Gaussian
from tutor.rng import stream
from tutor.run import Run, tune_seed
from tutor.studies.evidence import Band, Row, score_row
from tutor.studies.language_presets import SUMMARY

WINDOW = 10
"""Steps of which the mean loss counts as the loss at a step."""
PART = 0.9
"""Of the gain: who has it has learned the task in the main."""

MEASURED = ("travelled", "distance", "apart", "mahalanobis", "cosine", "chance", "shaped", "start", "kept", "rank")
"""Of the vectors of a run, in the order of a study's rows."""

Vectors = Float[Tensor, "N K E"]


def start(run: Run, base: Predictor, repetition: int, layer: int = 0) -> Float[Tensor, "K E"]:
    """The vectors that enter a layer (0: in embedding space) from which one repetition started."""
    return run.spec.method.attach(base, tune_seed(run.spec, repetition)).prompt_rows()[layer].detach()


def starts(run: Run, base: Predictor) -> Vectors:
    """The vectors in embedding space from which each repetition started."""
    return torch.stack([start(run, base, r) for r in range(run.spec.seeds.repetitions)])


def ends(run: Run, layer: int = 0) -> Vectors:
    """The vectors of a layer at the end of tuning."""
    return torch.from_numpy(run.arrays[f"prompt/{layer}"])


def losses(run: Run, after: int = 0) -> Float[np.ndarray, "N S"]:
    """Loss of the training batch (nats per token) at every step behind the first `after`, as the mean over the last ten of these."""
    return smoothed(run.arrays["training/loss"].astype(float)[:, after:])


def smoothed(values: Float[np.ndarray, "N S"]) -> Float[np.ndarray, "N S"]:
    """The mean over the last ten of these, or over as many as there are."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    last = np.arange(1, sums.shape[1])
    first = np.maximum(last - WINDOW, 0)
    return (sums[:, last] - sums[:, first]) / (last - first)


def steps_until(run: Run, level: float, *, after: int = 0) -> Band:
    """Steps until the loss is at `level` for the first time, counted behind the first `after`; where it never is, nobody knows how many
    more than all of them it would take."""
    curves = losses(run, after)
    reached = curves <= level
    return Band.counted(np.where(reached.any(1), reached.argmax(1) + 1.0, np.inf), end=curves.shape[1])


def good_enough(untuned: Run, tunings: Sequence[Run]) -> float:
    """The loss (nats per token) at which nine tenths of the best run's gain are won."""
    best = min(float(np.median(losses(run)[:, -1])) for run in tunings)
    return best + (1 - PART) * (float(np.median(untuned.arrays["loss/0"])) - best)


def losing(network: Predictor, rows: Float[Tensor, "K E"]) -> float:
    """Held-out loss (nats per token) of a network on summaries behind these vectors."""
    prompted = network.frozen_copy()
    prompted.embedding_prompt = RealPrompt(rows).requires_grad_(False)
    return measure.held_out_loss(prompted, SUMMARY, n=128)


def shuffled(rows: Float[Tensor, "K E"], seed: int) -> Float[Tensor, "K E"]:
    """The same vectors in another order."""
    return rows[torch.from_numpy(stream(seed, "order").permutation(len(rows)))]


def controls(run: Run, base: Predictor) -> dict[str, Band]:
    """Losses (nats per token) beside that of a tuned prompt for summaries, one per repetition.

    before: of the first training batch, which is that of the untouched start; shuffled: held out, with the vectors in another order.
    """
    return {"before": Band.over(run.arrays["training/loss"][:, 0]),
            "shuffled": Band.over([losing(base, shuffled(rows, r)) for r, rows in enumerate(ends(run))])}


def geometry(run: Run, base: Predictor) -> dict[str, Band]:
    """Where the vectors of a run went, one number per repetition.

    travelled, distance: from start to end, and from the end to the nearest token, in radii of the cloud of tokens; mahalanobis: from
    the cloud; cosine, start: similarity with the nearest token, of the ends and of the starts; chance: of vectors as long in random
    directions; shaped, apart: similarity and distance of draws that lie as tokens do (their mean and covariance); kept: share of
    vectors that end nearest to their own start, of the starts of their prompt; rank: effective rank.
    """
    table, before, after = Embeddings(base).vocabulary, starts(run, base), ends(run)
    cloud = Gaussian.of(table)
    stands = [standing(rows, table, cloud, seed=r) for r, rows in enumerate(after)]
    found = {field.name: [float(getattr(one, field.name)) for one in stands] for field in fields(Standing)} | {
        "travelled": [travelled(began, rows, cloud) for rows, began in zip(after, before, strict=True)],
        "start": [float(measure.nearest_cosine(rows, table).mean()) for rows in before],
        "kept": [float(measure.keeps_its_start(began, rows).mean()) for rows, began in zip(after, before, strict=True)],
    }
    return {name: Band.over(found[name]) for name in MEASURED}


def rows_of(run: Run, method: str, bands: dict[str, Band], scores: Sequence[str] = ("loss", "bleu")) -> list[Row]:
    """Scores of a run on its target, and `bands` measured of it, all under the name `method`."""
    first = score_row(run, metric=scores[0])
    found = [replace(score_row(run, metric=score), method=method) for score in scores]
    return found + [replace(first, method=method, metric=name, bands=(band,)) for name, band in bands.items()]


def almost(best: Band) -> Band:
    """Two percent less than a score: as good, by the bound of Khashabi et al. 2022 on the performance of a task."""
    return Band.exactly(0.98 * best.median)
