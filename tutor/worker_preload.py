"""Loaded by a worker before its first job: torch is warm, and the worker ends with the program it belongs to."""

import torch

from tutor.parent import watch_owner


def dask_setup(worker) -> None:
    """Import what the first job would wait seconds for: the first optimiser loads torch's compiler."""
    watch_owner()
    weight = torch.zeros(2, 2, requires_grad=True)
    optimiser = torch.optim.Adam([weight], fused=True)
    weight.sum().backward()
    optimiser.step()
    import tutor.runner  # noqa: F401, PLC0415 - after torch, so that a broken package shows here and not in the first job
