"""Loaded by a worker before its first job: torch is warm, and the worker ends with the program it belongs to."""

import torch

from tutor.runs.engine.parent_watch import watch_owner


def dask_setup(worker) -> None:
    """Import and run what the first job would wait for, and end with the owner."""
    watch_owner()
    weight = torch.zeros(2, 2, requires_grad=True)
    weight.sum().backward()
    import tutor.runs.engine.runner  # noqa: F401, PLC0415 - after torch, so that a broken package shows here and not in the first job
