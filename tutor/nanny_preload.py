"""Loaded by the process that guards a worker: Ctrl-C in a terminal is for the program, which then stops us in order."""

import os

from tutor.parent import watch_owner


def dask_setup(nanny) -> None:
    """Leave the terminal's process group and end with the program that owns us."""
    os.setpgid(0, 0)
    watch_owner()
