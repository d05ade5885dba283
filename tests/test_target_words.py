"""What training compared predictions with is said wherever numbers of trained networks stand."""

import pytest

from tutor.methods import SoftPT
from tutor.predictors import LSTM
from tutor.runs.spec import RunSpec
from tutor.runs.target_words import describe_targets
from tutor.sources import Categorical, DirichletCategorical
from tutor.studies import FAST, PAPER, STUDIES
from tutor.training.recipe import Recipe


def specify(pretraining: str, tuning: str | None = None, steps: int = 3) -> RunSpec:
    more = {"method": SoftPT(), "on": Categorical(), "tuning": Recipe(steps=3, targets=tuning)} if tuning else {}
    return RunSpec(source=DirichletCategorical(), body=LSTM(), recipe=Recipe(steps=steps, targets=pretraining), **more)


@pytest.mark.parametrize(("specs", "said"), [
    ([specify("sampled")], "Trained on drawn tokens, as in the papers."),
    ([specify("sampled", "sampled"), specify("sampled")], "Trained on drawn tokens, as in the papers."),
    ([specify("bayes", steps=0)], ""),
])
def test_drawn_tokens_ask_for_no_warning(specs, said):
    assert describe_targets(specs) == said


def test_exact_targets_are_named_as_imitation_whichever_training_had_them():
    said = describe_targets([specify("sampled", "bayes")])
    assert said.startswith("Trained on drawn tokens, as in the papers and on the ideal predictor's own probabilities (targets `bayes`).")
    assert "learns to imitate" in said and "drawn-flips" in said


def test_the_main_studies_say_theirs():
    study = STUDIES["random-to-single"]
    assert "targets `bayes`" in describe_targets(study.specs(FAST))
    assert describe_targets(study.specs(PAPER)) == "Trained on drawn tokens, as in the papers."
