"""Output can fail too: a full disk, a reader that has left, a stream that was closed before the program began."""

import errno
import os
import sys
from contextlib import suppress

from typer.core import TyperGroup

LEFT = 141
"""Exit code where the reader has left, as in `prompt-tutor runs list | head -1`: what a shell reports of a program that SIGPIPE ended."""
REASONS = {errno.ENOSPC: "no space is left on the device", errno.EBADF: "it is closed", errno.EDQUOT: "the disk quota is used up"}


class OutputError(Exception):
    """The output of a command could not be written; the cause is the error of the operating system."""


class CommandGroup(TyperGroup):
    """A group of commands that raises OutputError for failing output, before typer turns it into an exit code."""

    def invoke(self, context):
        """Carry out the command.

        Raises
        ------
        OutputError
            Where the operating system raised an error that no command handled.
        """
        try:
            return super().invoke(context)
        except OSError as error:
            raise OutputError from error


def open_closed(*, needed: bool) -> None:
    """Open streams for a program that was started without stdout or stderr, before another file takes their place.

    Parameters
    ----------
    needed
        Whether writing to a missing stdout must fail, because the output is what the command is for; else it is discarded.
    """
    for handle, name, mode in ((1, "stdout", os.O_RDONLY if needed else os.O_WRONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, mode)
            if null != handle:
                os.dup2(null, handle)
            setattr(sys, name, open(handle, "w", encoding="utf-8", errors="backslashreplace", closefd=False))  # noqa: SIM115 - stays open


def explain_lost_output(error: BaseException | None) -> tuple[int, str]:
    """Find exit code and sentence for output that could not be written; the sentence is "" where the reader has left."""
    if isinstance(error, BrokenPipeError):
        return LEFT, ""
    number = error.errno if isinstance(error, OSError) else None
    where = f" to {error.filename}" if isinstance(error, OSError) and error.filename else ""
    return 1, f"the output cannot be written{where}: {REASONS.get(number) or (os.strerror(number).lower() if number else error)}"


def flush_output() -> OSError | None:
    """Flush stdout and stderr; returns the error where that fails, and discards further output of that stream."""
    failed = None
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            failed = failed or (error if isinstance(error, OSError) else OSError(errno.EBADF, "it is closed"))
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)
    return failed
