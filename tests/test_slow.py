"""One step taken apart is the step that the training loop takes, and its parts add up."""

import numpy as np
import pytest
import torch

from tutor import sources
from tutor.analysis import optimizer_step
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.training.loop import Training

COIN, START = sources.Categorical(), np.array([(1.0, 0.0), (0.0, 1.0)])


def tuned_for(base, steps: int) -> np.ndarray:
    """Where the prompt is after so many steps of the ordinary loop."""
    predictor = base.frozen_copy()
    predictor.token_prompt = RealPrompt(torch.tensor(START, dtype=torch.float32))
    training = Training(predictor, COIN, optimizer_step.SLOW, optimizer_step.SEED)
    for _ in range(steps):
        training.advance()
    return predictor.token_prompt.rows.detach().numpy().copy()


@pytest.mark.parametrize("step", [0, 3])
def test_it_is_the_step_of_the_training_loop(pretrained, step):
    found = optimizer_step.dissect(pretrained["lstm"], COIN, START, step)
    np.testing.assert_array_equal(found.before, tuned_for(pretrained["lstm"], step))
    np.testing.assert_array_equal(found.after, tuned_for(pretrained["lstm"], step + 1))


def test_the_losses_of_the_positions_are_the_loss_of_the_step(pretrained):
    found = optimizer_step.dissect(pretrained["transformer"], COIN, START, 2)
    assert found.loss.mean() == pytest.approx(found.mean_loss, abs=1e-5)
    assert (found.loss - found.bayes).mean() == pytest.approx(found.divergence, abs=1e-5)
    assert (found.loss >= found.bayes - 1e-5).all()                    # nobody beats the ideal predictor in expectation


def test_the_gradient_is_that_of_finite_differences(pretrained):
    base = pretrained["lstm"]
    found = optimizer_step.dissect(base, COIN, START, 0)
    tokens = torch.from_numpy(found.tokens)
    target = COIN.log_bayes(tokens).exp()

    def loss(rows: np.ndarray) -> float:
        predictor = base.frozen_copy()
        predictor.token_prompt = RealPrompt(torch.tensor(rows, dtype=torch.float32))
        with torch.no_grad():
            return float(-(target * predictor(tokens).double()).sum(-1).mean())

    for place in ((0, 0), (1, 1)):
        up, down = START.copy(), START.copy()
        up[place] += 1e-2
        down[place] -= 1e-2
        assert found.gradient[place] == pytest.approx((loss(up) - loss(down)) / 2e-2, abs=2e-4)


def test_the_first_step_of_adam_has_the_size_of_its_learning_rate(pretrained):
    found = optimizer_step.dissect(pretrained["lstm"], COIN, START, 0)
    np.testing.assert_allclose(np.abs(found.after - found.before), found.rate, rtol=1e-3)
    np.testing.assert_array_equal(np.sign(found.after - found.before), -np.sign(found.gradient))


def test_there_is_no_step_after_the_last(pretrained):
    with pytest.raises(ValueError, match="between 0 and 199"):
        optimizer_step.dissect(pretrained["lstm"], COIN, START, 200)


def test_nothing_of_the_network_moves(pretrained):
    base = pretrained["lstm"]
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    optimizer_step.dissect(base, COIN, START, 5)
    assert all(torch.equal(before[name], tensor) for name, tensor in base.state_dict().items())
