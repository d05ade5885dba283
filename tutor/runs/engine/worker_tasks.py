"""What the engine has others do: a worker advances one run, the scheduler names the runs that it knows of."""

from tutor.runs.engine.runner import advance_run
from tutor.runs.io.formats import StoreError

TASK = "run-"
"""Tasks are called run-<key>-<until>."""


def run_job(store_root: str, key: str, until: int | None, after: str | None) -> str:
    """Compute one run on a worker and return its state, or the sentence of a StoreError.

    Parameters
    ----------
    store_root
        Folder of the user's own runs.
    key
        Key of the run.
    until
        Step at which to pause, counted over all repetitions; None computes to the end.
    after
        The result of the task of the base run; only makes Dask compute that first.
    """
    try:
        return advance_run(store_root, key, until)
    except StoreError as error:                    # the folder was deleted or damaged while the run waited
        return str(error)


def list_unfinished_tasks(dask_scheduler=None) -> list[str]:
    """List the names of this program's tasks that have not ended, in the scheduler's order of priority; runs on the scheduler."""
    ended = ("memory", "erred", "released", "forgotten")
    ours = [ts for ts in dask_scheduler.tasks.values() if str(ts.key).startswith(TASK) and ts.state not in ended]
    return [ts.key for ts in sorted(ours, key=lambda ts: ts.priority)]
