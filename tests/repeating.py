"""Taking a training on, and whether two trainings or two runs ended with the same bits."""

import numpy as np
import torch


def advanced(job, until: int = 10**6):
    while not job.done and job.step < until:
        job.advance()
    return job


def snapshot(network) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def same(one, other) -> bool:
    """Whether two runs hold the same arrays, weights and measurements of every step, bit for bit."""
    def strip(events):
        return [{name: value for name, value in event.items() if name != "seconds"} for event in events]

    arrays = one.arrays.keys() == other.arrays.keys() and all(np.array_equal(one.arrays[k], other.arrays[k]) for k in one.arrays)
    mine, theirs = one.folder.weights(), other.folder.weights()
    weights = mine.keys() == theirs.keys() and all(torch.equal(mine[k], theirs[k]) for k in mine)
    return arrays and weights and strip(one.events()) == strip(other.events())
