"""Compute this run again from its specification and compare: python reproduce.py (needs prompt-tutor installed)."""

import sys
from pathlib import Path

import numpy as np

from tutor import RunSpec, RunStore, pretrain

HERE = Path(__file__).resolve().parent
CLOSE = 0.01  # nats: what other processors and versions may differ by; on the same machine the difference is 0

spec = RunSpec.from_file(HERE / "spec.toml")
store = RunStore(HERE / "computed-again", shipped=HERE / "nothing-shipped")
run = pretrain(spec, store)  # a tuning computes its pretraining first; interrupted, it continues when called again

worst = 0.0
for file in (HERE / "arrays.npz", *HERE.glob("evaluations/*.npz")):
    with np.load(file, allow_pickle=False) as stored:
        both = [name for name in stored.files if name in run.arrays and np.isfinite(stored[name]).all()]
        worst = max([worst, *(float(np.nanmax(np.abs(run.arrays[name] - stored[name]))) for name in both)])
print(f"run {run.key}: largest difference {worst:.3g} nats")
sys.exit(0 if worst <= CLOSE else 1)
