"""Does a generated story stay in one place of the activation space, or does it jump across it from word to word?"""

from collections.abc import Sequence

from tutor.runs.run import build_initial
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, model_spec
from tutor.studies.measured_rows import Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.task_clusters import LAYERS, jump_rows

GENERATED, GIVEN, UNTRAINED = "generated", "given", "given, untrained"
"""Whose steps: values of the field `states`."""
ACROSS = 0.5
"""Of the distance of two random states, that the mean step from word to word must have."""


class Localisation(AbstractStudy):
    name = "localisation"
    title = "A story does not stay in one place"
    in_short = "the states of a generated story are not localised"
    claim = "The states that a language model passes through while it writes are not localised in its activation space."
    source = "Sedov et al. 2024, abstract: generated trajectories are not localised in the activation space of the models"
    metric = "jump"
    lab = "clusters"
    plan = Plan(
        primary=f"in the layer where it is least so, a generated story steps from one word to the next by at least {ACROSS} of the "
                "distance of two states taken at random from all tasks",
        scope="six language models of three layers, 200 stories continued greedily",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} one",
    )
    ledger = (
        Change("2026-12-01", "a study of its own with a check; the steps were shown beside task-clusters without one, so that those of "
                             "seed 0 were known when the margin was chosen"),
    )

    def specs(self, preset: Preset):
        return [model_spec(preset)]

    def rows(self, preset: Preset, load):
        model = model_spec(preset)
        return jump_rows(load(model).predictor, build_initial(model).requires_grad_(False))

    def checks(self, rows: Sequence[Row]):
        steps = {states: [find(rows, states=states, layer=layer).value for layer in LAYERS] for states in (GENERATED, GIVEN, UNTRAINED)}
        of = "of a random distance"
        return [
            Check("in every layer a generated story steps far from word to word", min(steps[GENERATED]),
                  f"{self.source}; half of a random distance is our reading", low=ACROSS, unit=of, role="primary"),
            Check("in every layer so does a given story", min(steps[GIVEN]), "a control of our own", low=ACROSS, unit=of),
            Check("in every layer a given story steps farther than in the untrained network",
                  min(mine - idle for mine, idle in zip(steps[GIVEN], steps[UNTRAINED], strict=True)), "a control of our own", low=0.0,
                  unit=of),
        ]
