"""Gates of the studies on words: has a tuning come to its end, and is a score away from the ends of its scale?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from tutor.runs.run import Run
from tutor.studies.checks import Check
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.row_fields import select

FALL = "fall"
"""The metric of a row that says how much the training loss still fell at the end (nats per token)."""
SETTLED = 0.05
"""Nats per token, at most, by which the loss of a finished tuning still fell. On the model of seed 0 that of 29 soft prompts
for summaries after 400 steps, too few for them, was 0.04 to 0.31, and that of 3 deep ones 0.005 to 0.008."""
SCALE = (20.0, 90.0)
"""BLEU from which on a score has left the floor, and up to which there is room above it."""


def late_fall(losses: Float[np.ndarray, "N S"]) -> Float[np.ndarray, " N"]:
    """Return how much lower losses are on average in the last quarter of the steps than in the third.

    Not in the very last steps: where the learning rate falls to zero these are flat in any case.
    """
    half, last = losses.shape[1] // 2, 3 * losses.shape[1] // 4
    return losses[:, half:last].mean(1) - losses[:, last:].mean(1)


def fall_row(run: Run) -> Row:
    """Make a row of how much a run's training loss (nats per token) fell late, by `late_fall`."""
    return replace(score_row(run, metric="loss"), metric=FALL, bands=(Band.over(late_fall(run.arrays["training/loss"].astype(float))),))


def check_settled(rows: Sequence[Row]) -> Check:
    """Make the gate that all tunings of these rows have come to their end."""
    return Check("training has come to its end", max(row.value for row in select(rows, metric=FALL)),
                 "how much lower the loss is in the last quarter of the steps than in the third", high=SETTLED, unit="nats per token",
                 role="gate")


def check_scale(reference: float, claimed: float) -> list[Check]:
    """Make the gates that the BLEU of a claim's reference is not at the upper end of its scale, nor that of the rest at the lower one."""
    low, high = SCALE
    return [
        Check("the reference leaves room above", reference, f"up to {high:g} % of the scale", high=high, unit="BLEU", role="gate"),
        Check("what is compared with it has left the floor", claimed, f"from {low:g} % of the scale on", low=low, unit="BLEU", role="gate"),
    ]
