"""The measured figures of performance, each beside the machine's own matrix-multiply rate, since bare seconds say little."""

from collections.abc import Callable

from tutor.bench.app import app
from tutor.bench.comparison import compared
from tutor.bench.machine import machine
from tutor.bench.quality import evaluation, hard, pretrain
from tutor.bench.steps import memory, profile, scaling, step

BENCHES: dict[str, Callable[[], list[dict]]] = {
    "step": step,
    "pretrain": pretrain,
    "hard": hard,
    "evaluation": evaluation,
    "scaling": scaling,
    "memory": memory,
    "app": app,
}

__all__ = ["BENCHES", "compared", "machine", "profile", "run"]


def run(names: list[str]) -> dict:
    """Measure the named benches, all when none is named. KeyError where a name is unknown."""
    return {"machine": machine()} | {name: BENCHES[name]() for name in names or BENCHES}
