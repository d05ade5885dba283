"""Measuring a trained run once more, in another way: more sequences, other seeds, sources that were not there before."""

from collections.abc import Callable

from tutor.core.threads import fix_threads
from tutor.runs.io.formats import StoreError
from tutor.runs.results import evaluation_record, measure_network
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore


def evaluate_run(spec: RunSpec, store: RunStore | None = None, before_each: Callable[[str], None] = lambda label: None) -> Run:
    """Load the finished run of `spec` with the evaluation that `spec` describes, and compute that evaluation where it is missing.

    Parameters
    ----------
    spec
        The run and how to measure it.
    store
        Where runs are kept; None is the default store.
    before_each
        Called with the label of each source before a network is measured on it.

    Raises
    ------
    StoreError
        Where the run is not finished, or is shipped without the weights of all its repetitions.
    """
    store = store or RunStore()
    if not store.measured(spec):
        run = store.run(spec)
        if run.status.state != "done":
            raise StoreError(f"run {run.key} is {run.status.state}; only a finished run can be measured")
        with fix_threads():
            networks = (run.predictor_of(repetition) for repetition in range(run.status.repetitions))
            parts = [measure_network(network, spec, before_each) for network in networks]
        store.keep_evaluation(run.key, spec.evaluation_key(), evaluation_record(parts, spec))
    return store.run(spec)
