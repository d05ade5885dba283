"""What the engine has others do: a worker advances one run, the scheduler names the runs that it knows of."""

from tutor.files import StoreError
from tutor.runner import advance

TASK = "run-"
"""Tasks are called run-<key>-<until>."""


def job(store_root: str, key: str, until: int | None, after: str | None) -> str:
    """What a worker does: advance one run and return its state. `after` is the state of its base, once that has ended."""
    try:
        return advance(store_root, key, until)
    except StoreError as error:                    # the folder was deleted or damaged while the run waited
        return str(error)


def unfinished_tasks(dask_scheduler=None) -> list[str]:
    """What the scheduler is asked: the names of our tasks that have not ended, in its order of priority."""
    ended = ("memory", "erred", "released", "forgotten")
    ours = [ts for ts in dask_scheduler.tasks.values() if str(ts.key).startswith(TASK) and ts.state not in ended]
    return [ts.key for ts in sorted(ours, key=lambda ts: ts.priority)]
