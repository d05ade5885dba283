"""The measured figures of performance, each beside the machine's own matrix-multiply rate, since bare seconds say little."""

from collections.abc import Callable

from tutor.bench.app_memory import measure_app_memory
from tutor.bench.app_speed import measure_app
from tutor.bench.baseline_ratio import compare_benches
from tutor.bench.contention import measure_contention
from tutor.bench.gradient_noise import measure_gradient_noise
from tutor.bench.machine import describe_machine
from tutor.bench.page_network import measure_page_network
from tutor.bench.quality import measure_evaluation, measure_hard_search, measure_pretraining
from tutor.bench.step_speed import measure_memory, measure_scaling, measure_step, profile_step
from tutor.bench.visitors import measure_visitors

BENCHES: dict[str, Callable[[], list[dict]]] = {
    "step": measure_step,
    "pretrain": measure_pretraining,
    "hard": measure_hard_search,
    "evaluation": measure_evaluation,
    "gradient-noise": measure_gradient_noise,
    "scaling": measure_scaling,
    "memory": measure_memory,
    "app": measure_app,
    "app-memory": measure_app_memory,
    "visitors": measure_visitors,
    "contention": measure_contention,
    "page-network": measure_page_network,
}

__all__ = ["BENCHES", "compare_benches", "describe_machine", "profile_step", "run_benches"]


def run_benches(names: list[str]) -> dict:
    """Measure the named benches, or all where none is named.

    Returns
    -------
    dict
        The machine under "machine", and rows by bench.

    Raises
    ------
    KeyError
        Where a name is unknown.
    """
    return {"machine": describe_machine()} | {name: BENCHES[name]() for name in names or BENCHES}
