"""A visitor's own tuning of the language model: started, stopped, and watched word by word while it runs."""

import numpy as np

from tutor.figures import tuning_loss_curves
from tutor.runs.spec import RunSpec
from tutor.studies.vector_scores import smooth_losses
from tutor.ui.labs.embeddings import tuned_vectors
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, run_block, status_line
from tutor.ui.shell import visitor_runs
from tutor.ui.shell.sections import fragment, section

PACE = 2.0
"""Seconds between two looks at a tuning that runs."""


def show_own_tuning(spec: RunSpec, key: str, action: str, *, by: str = "cosine") -> str | None:
    """Draw start and stop buttons of a tuning, its loss and the words nearest to its vectors while it runs.

    Parameters
    ----------
    key
        Prefix of the widgets' keys.
    action
        Label of the start button.
    by
        Whether words are nearest by "cosine" or "distance".

    Returns
    -------
    str or None
        Key of the run once it is finished.
    """
    state = run_block.run_or_load(spec, key, action)
    if not state:
        return None
    fragment(_watched, run_every=PACE if state in status_line.ACTIVE else None, key=f"{key}_watched")(spec.key(), key, by)
    return spec.key() if state == "done" else None


def _watched(name: str, key: str, by: str) -> None:
    with section():
        lost = [event["loss"] for event in visitor_runs.load_run(name).events() if event["repetition"] == 0]
        if lost:
            draw_picture(tuning_loss_curves({"this prompt": smooth_losses(np.array(lost)[None])}), key=f"{key}_loss", runs=[name])
        if tuned_vectors.vector_history(name):
            draw_picture(tuned_vectors.draw_tape(name, by), key=f"{key}_tape", runs=[name])


def load_scores(name: str) -> dict[str, float]:
    """Held-out loss (nats per token) and BLEU of a finished tuning on its target; scores that it does not have are left out."""
    kept = cached_results.load_summary(name)
    return {score: kept[score]["0"]["median"][0] for score in ("loss", "bleu") if "0" in kept.get(score, {})}
