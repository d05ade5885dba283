"""Pictures whose words are many or long, of numbers made here: what the test of their places looks at."""

import numpy as np

from tutor import figures
from tutor.figures.picture import Picture
from tutor.methods import METHODS

STARTS = ("from real words", "from tables, shuffled", "from summaries, begun at chosen words", "from sums in worked steps")
FROM = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
STEP = 0.004 * np.array([[1, -1], [-1, 1], [-1, 0.5]])
STATES = np.random.default_rng(0).normal(size=(6, 12, 2))
PLANE = figures.Plane(STATES, np.array([0.85, 0.12]))
RISING = np.arange(1, 61) / 60 * np.array([[0.9], [1.0], [1.1]])
CURVES = [figures.Curve(method.label, 2.0 * 0.3**place * RISING) for place, method in enumerate(METHODS.values())]
CURVES += [figures.Curve(label, np.full((1, 60), 0.7), exact=True) for label in ("PreBayes", "PreBayesPT")]
LONG = "SoftPT (length 6, repetitions 10)"


def crowded() -> dict[str, Picture]:
    """By name; all that can go wrong with titles, legends, labels and colour bars is in one of them."""
    two = [figures.Path(name, STATES + place, 3, 0.1, place > 0) for place, name in enumerate(("no prompt", "your prompt"))]
    losses = {name: np.geomspace(11, 0.04, 40)[None] * factor for factor, name in enumerate(STARTS, 1)}
    prompts, scores = [(0, 1), (1, 1), (0, 0)], np.array([0.3, 0.1, 0.2])
    return {
        "curves": figures.regret_curves(CURVES, logarithmic=True),
        "straight": figures.regret_curves(CURVES),
        "bars": figures.regret_bars(CURVES, logarithmic=True),
        "counts": figures.pseudo_counts_picture({"one coin": np.geomspace(0.5, 9, 7), "two coins": np.geomspace(8, 2, 7)}, flips=50),
        "losing": figures.tuning_loss_curves(losses, level=10.0),
        "step": figures.update_picture(FROM, FROM + STEP, FROM),
        "path": figures.trajectories(PLANE, [figures.Path(LONG, STATES, 3, 0.13)], height=330, legend=False),
        "paths": figures.trajectories(PLANE, two),
        "prompts": figures.prefix_bars(prompts, scores, ideal=scores),
        "training": figures.training_curve([{"step": i, "loss": 1 + 1 / i, "kl": 1 / i} for i in range(1, 90)], bayes_loss=1.0),
    }
