"""Adam by torch's own function, without torch's object around it: that one loads torch's compiler when it is made.

The compiler, and the computer algebra that it stands on, take a second and 70 MB in every process that tunes something: the workers,
and the server, which walks through the steps of a tuning on two pages.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam

EPSILON = 1e-8


class Adam:
    """Adam (Kingma & Ba 2015), the same bit for bit as `torch.optim.Adam`.

    Parameters
    ----------
    parameters
        What is optimised, in place; one without a gradient stays as it is.
    rate
        Learning rate of the steps.
    betas
        How much of the running means of gradient and squared gradient each step keeps.
    fused
        Compute a step by one pass over each parameter instead of six.
    """

    def __init__(self, parameters: Iterable[Tensor], rate: float, betas: tuple[float, float] = (0.9, 0.999), *, fused: bool = False):
        self.parameters, self.rate, self.betas, self.fused = list(parameters), rate, betas, fused
        self.state: dict[Tensor, dict[str, Tensor]] = defaultdict(dict)
        """By parameter: `step`, the number of its steps, and `exp_avg` and `exp_avg_sq`, the two running means; empty before the first."""

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take one step along the gradients."""
        moved = [parameter for parameter in self.parameters if parameter.grad is not None]
        for parameter in moved:
            if not self.state[parameter]:
                zeros = {name: torch.zeros_like(parameter) for name in ("exp_avg", "exp_avg_sq")}
                self.state[parameter] = {"step": torch.tensor(0.0)} | zeros
        means, squares, steps = ([self.state[parameter][name] for parameter in moved] for name in ("exp_avg", "exp_avg_sq", "step"))
        adam(moved, [parameter.grad for parameter in moved], means, squares, [], steps, foreach=False, fused=self.fused, amsgrad=False,
             beta1=self.betas[0], beta2=self.betas[1], lr=self.rate, weight_decay=0.0, eps=EPSILON, maximize=False)
