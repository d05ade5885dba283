"""Tunings of a few steps on a tiny network of every body, for the tests of methods."""

import pytest
import torch

from tutor import Recipe, sources
from tutor.predictors import BODIES

SINGLE = sources.Categorical()
QUICK = Recipe(steps=4, batch=4, length=6, learning_rate=0.05)
TOKENS = torch.tensor([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 1]])


@pytest.fixture(scope="module", params=BODIES.values(), ids=BODIES)
def each_base(request, tiny):
    """A tiny network of every body, shared by the tests of a module: none may change it."""
    return tiny(request.param, layers=2).build(2, 0)


def short(method, base, **fields):
    """The method with two prompt rows where its prompt has a length on this network."""
    wanted = {"length": 2, "sequences": 16} | fields
    fitting = method.model_validate({name: value for name, value in wanted.items() if name in method.model_fields})
    return fitting if fitting.supports(base) else method()
