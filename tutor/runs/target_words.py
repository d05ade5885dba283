"""Which targets runs were trained on, in words that stand beside their numbers."""

from collections.abc import Iterable

from tutor.runs.spec import RunSpec
from tutor.training.recipe import Targets

TARGET_WORDS: dict[Targets, str] = {
    "sampled": "drawn tokens, as in the papers",
    "truth": "the generator's own probabilities (targets `truth`)",
    "bayes": "the ideal predictor's own probabilities (targets `bayes`)",
}
IMITATION = ("A network learns to imitate these: 0.000 nats says that it can, not that it would have found the ideal predictor in drawn "
             "tokens; the study `drawn-flips` asks that.")


def describe_targets(specs: Iterable[RunSpec]) -> str:
    """Describe what the losses of runs compared predictions with, in one or two sentences; "" where nothing was trained."""
    trained = {recipe.targets for spec in specs for recipe in (spec.recipe, spec.tuning) if recipe and recipe.steps}
    found = [one for one in TARGET_WORDS if one in trained]
    if not found:
        return ""
    said = f"Trained on {' and on '.join(TARGET_WORDS[one] for one in found)}."
    return said if found == ["sampled"] else f"{said} {IMITATION}"
