"""Loaded by the process that guards a worker: Ctrl-C in a terminal is for the program, which then stops us in order."""

import os

from tutor.runs.engine.parent_watch import watch_owner


def dask_setup(nanny) -> None:
    """Leave the terminal's process group, so that Ctrl-C does not end the worker, and end together with the owner."""
    os.setpgid(0, 0)
    watch_owner()
