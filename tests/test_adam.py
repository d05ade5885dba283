"""Adam without torch's object around it: the same bits, and a process that tunes never loads torch's compiler."""

import subprocess
import sys

import pytest
import torch

from tutor.training.adam import Adam

RATES = (1e-2, 3e-2, 1e-3)
TUNES = """
import sys
from tutor import Recipe, fit, predictors, sources
coins = sources.DirichletCategorical()
fit(predictors.LSTM(width=8).build(2, 0), coins, Recipe(steps=2, batch=2, length=4), 0)
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("torch._dynamo")} | {"sympy"} & sys.modules.keys()))
"""


def steps_of(fused: bool) -> tuple[Adam, list[torch.Tensor], torch.optim.Adam, list[torch.Tensor]]:
    """Three steps by each of the two from the same start and gradients; the third parameter never has a gradient."""
    mine, theirs = ([torch.linspace(-1, 1, n).clone().requires_grad_() for n in (5, 12, 3)] for _ in range(2))
    ours, torchs = Adam(mine, RATES[0], (0.85, 0.9), fused=fused), torch.optim.Adam(theirs, lr=RATES[0], betas=(0.85, 0.9), fused=fused)
    draws = torch.Generator().manual_seed(0)
    for rate in RATES:
        for one, other in zip(mine[:2], theirs[:2], strict=True):
            one.grad = torch.randn(one.shape, generator=draws)
            other.grad = one.grad.clone()
        ours.rate = torchs.param_groups[0]["lr"] = rate
        ours.step()
        torchs.step()
    return ours, mine, torchs, theirs


@pytest.mark.parametrize("fused", [False, True])
def test_it_takes_the_steps_of_torchs_adam_bit_for_bit(fused):
    ours, mine, torchs, theirs = steps_of(fused)
    assert all(torch.equal(one, other) for one, other in zip(mine, theirs, strict=True))
    assert torch.equal(mine[2], torch.linspace(-1, 1, 3))
    for one, other in zip(mine[:2], theirs[:2], strict=True):
        assert all(torch.equal(ours.state[one][name], torchs.state[other][name]) for name in ("step", "exp_avg", "exp_avg_sq"))
        assert ours.state[one]["step"] == len(RATES)


def test_gradients_are_forgotten():
    ours, mine, _, _ = steps_of(fused=True)
    ours.zero_grad()
    before = [one.detach().clone() for one in mine]
    ours.step()
    assert all(one.grad is None and torch.equal(one, other) for one, other in zip(mine, before, strict=True))


def test_a_process_that_trains_loads_neither_torchs_compiler_nor_its_algebra():
    assert subprocess.run([sys.executable, "-c", TUNES], capture_output=True, text=True, check=True).stdout == "[]\n"
