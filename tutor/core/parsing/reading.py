"""Bytes from a disk within a limit, and one sentence for whatever a reader raises."""

import errno
import logging
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_MESSAGE = 300
"""Characters of somebody else's message that are passed on."""
REASONS = {errno.ENOENT: "there is no such file", errno.EACCES: "permission is denied", errno.EPERM: "permission is denied",
           errno.ELOOP: "its links lead in a circle", errno.ENAMETOOLONG: "its name is too long", errno.EISDIR: "it is a folder",
           errno.ENOTDIR: "a part of its path is no folder", errno.ENXIO: "it is no ordinary file"}
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)

log = logging.getLogger(__name__)


@contextmanager
def as_one_sentence(name: str, failure: type[Exception]) -> Iterator[None]:
    """Context that turns every error inside into one sentence.

    What nobody has foreseen is also logged with its trace. Inside, `failure` must mean a sentence: never give ValueError itself.

    Parameters
    ----------
    name
        How the sentence begins.
    failure
        What is raised; one that was raised inside is passed on as it is.
    """
    try:
        yield
    except failure:
        raise
    except Exception as error:
        if (why := _reason(error)) is None:
            log.warning("unforeseen while reading %s", shorten_line(name), exc_info=error)
            why = shorten_line(f"{type(error).__name__}: {error}")
        raise failure(f"{shorten_line(name)} cannot be read: {why}") from error


def _reason(error: Exception) -> str | None:
    """What is said for the errors that damaged or foreign files are known to raise; None for any other."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it needs more memory than this machine has free"
    if isinstance(error, OSError) and error.errno:
        return REASONS.get(error.errno) or shorten_line(error.strerror or str(error)).lower()
    if isinstance(error, UnicodeError):
        return "it holds characters that are no text"
    return "it is damaged" if isinstance(error, DAMAGED) else None


def shorten_line(text: object, longest: int = MAX_MESSAGE) -> str:
    """A message on one line, without characters that no screen or address can show, cut to its first `longest`."""
    flat = " ".join(str(text).split())
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in flat[:longest])
    return shown if len(flat) <= longest else f"{shown} ..."


def read_bytes(path: Path, limit: int, failure: type[Exception], *, name: str | None = None) -> bytes:
    """The bytes of an ordinary file.

    A pipe or a device is refused unread: a page that waited for one would wait for ever.

    Parameters
    ----------
    limit
        Most bytes that are read.
    failure
        What is raised, with one sentence, where the file is missing, too large or no ordinary file.
    name
        What messages call it; its whole path when not given.
    """
    called = shorten_line(name or path)
    with as_one_sentence(called, failure):
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise failure(f"{called} cannot be read: it is {'a folder' if stat.S_ISDIR(found.st_mode) else 'no ordinary file'}")
            data = file.read(limit + 1) if found.st_size <= limit else b""
        if (size := max(found.st_size, len(data))) > limit:
            raise failure(f"{called} has {size:,} bytes; at most {limit:,} are read")
        return data
