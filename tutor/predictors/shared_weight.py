"""Weights that copies of a network share while nobody trains them: a model from elsewhere is too large to be copied for each prompt."""

from typing import Any

from torch import nn


class SharedWeight(nn.Parameter):
    """A weight whose numbers are shared by all copies in which it is frozen; setting it free gives it numbers of its own.

    Nothing may write into a frozen one.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> "SharedWeight":
        numbers = self.data.clone() if self.requires_grad else self.data
        memo[id(self)] = copied = type(self)(numbers, self.requires_grad)
        return copied

    def requires_grad_(self, requires_grad: bool = True) -> "SharedWeight":
        if requires_grad and not self.requires_grad:
            self.data = self.data.clone()
        return super().requires_grad_(requires_grad)
