"""A finished run in one sealed file, `<key>.zip`, which is read where it lies and never unpacked.

Members have the names and bytes that they have in a folder, NPZ and safetensors files as byte planes; the steps are columns
in `events.npz`, the film is one stack in `frames.npz`. The comment of the archive is the SHA-256 of all that stands before its
last record, so one look at the file tells whether any of it was damaged.
"""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from tutor.core import parsing
from tutor.runs.frames import Frame
from tutor.runs.io.byte_planes import from_planes, to_planes
from tutor.runs.io.checksums import RESULTS
from tutor.runs.io.formats import LIMITS, MEBIBYTE, StoreError, parse_arrays
from tutor.runs.pack_columns import Arrays, events_of, frame_of

SUFFIX = ".zip"
MOST_BYTES = 256 * MEBIBYTE
"""Of a pack, and of all that it unpacks to."""
MOST_MEMBERS = 1000
MEMBER = re.compile(r"(?:[a-z][a-z0-9_]{0,40}/)?[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.[a-z]{3,12}", re.ASCII)
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PLANES = (".npz", ".safetensors")
NEEDED = {*RESULTS, "status.json"} - {"events.jsonl"} | {"events.npz"}
MARK = b"sha256:"
_END = 22                                          # bytes of the last record of a zip without its comment


class Pack:
    """The files of a finished run in the pack at `path`, read-only; every reader raises StoreError where the pack is damaged."""

    def __init__(self, path: Path):
        self.path, self.key, self.layer = path, path.name.removesuffix(SUFFIX), path.parent.parent

    @property
    def film(self) -> "Pack":
        """The filmed steps, which the pack itself lists."""
        return self

    def steps(self) -> list[int]:
        """List the filmed steps, ascending."""
        return sorted(self._frames()["step"].tolist()) if "frames.npz" in self._members() else []

    def peek(self, name: str) -> bytes:
        """The same as `read`: everything in a pack is checked."""
        return self.read(name)

    def read(self, name: str) -> bytes:
        """Read one file, after the checksum of the whole pack was compared.

        Raises
        ------
        StoreError
            Where the pack is damaged or has no such file.
        """
        if name not in self._members():
            raise StoreError(f"{self.path} has no {name}")
        with _opened(self.path) as archive:
            data = archive.read(name)
        return from_planes(data) if name.endswith(PLANES) else data

    def names(self, folder: str = "") -> list[str]:
        """List the files at the top level, or in one folder of the run."""
        return [name for name in self._members() if os.path.dirname(name) == folder]

    def events(self) -> list[dict[str, Any]]:
        """List the measurements of every optimiser step, oldest first."""
        where = self.path / "events.npz"
        return events_of(parse_arrays(where, self.read("events.npz")), where)

    def open_events(self) -> BinaryIO:
        """Open the measurements as lines of JSON, made in memory."""
        return io.BytesIO(b"".join(orjson.dumps(event) + b"\n" for event in self.events()))

    def frame(self, step: int) -> Frame:
        """Read the frame filmed at `step`.

        Raises
        ------
        StoreError
            Where that step was not filmed, or the film is damaged.
        """
        return frame_of(self._frames(), step, self.path / "frames.npz")

    def require_whole(self) -> None:
        """Raise StoreError unless every file of a finished run is in the pack."""
        if absent := sorted(NEEDED - self._members().keys()):
            raise StoreError(f"{self.path} is damaged: {absent[0]} is missing from it")

    def checks(self) -> dict[str, Callable[[], object]]:
        """A function for each file that raises StoreError where the file is damaged.

        Each file is unpacked, although the checksum of the pack covers all of them, in order to name the damaged one.
        """
        try:
            names = list(self._members())
        except StoreError:
            names = []
        return {self.path.name: self.require_whole} | {name: lambda name=name: self.read(name) for name in names}

    def strays(self) -> list[str]:
        """Always empty: a pack that contains other files is not readable at all."""
        return []

    def size(self) -> int:
        """Size of the pack on disk (bytes)."""
        return self.path.stat().st_size

    def _members(self) -> dict[str, int]:
        return _directory(self.path, _stamp(self.path))

    def _frames(self) -> Arrays:
        return _film(self.path, _stamp(self.path))


def is_member(name: str) -> bool:
    """Whether a run may contain a file of this name: at most one folder deep, not hidden, of a type whose size is limited."""
    return MEMBER.fullmatch(name) is not None and Path(name).suffix in LIMITS


def pack_archive(contents: dict[str, bytes]) -> bytes:
    """Make the bytes of a pack; equal files give equal bytes.

    Parameters
    ----------
    contents
        Bytes by name of the file.

    Raises
    ------
    StoreError
        Where a run cannot contain a file of that name.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(contents.items()):
            if not is_member(name):
                raise StoreError(f"{name} is no file of a run")
            archive.writestr(zipfile.ZipInfo(name), to_planes(data) if name.endswith(PLANES) else data, zipfile.ZIP_DEFLATED, 9)
    before = packed.getvalue()[:-_END]
    with zipfile.ZipFile(packed, "a") as archive:
        archive.comment = MARK + hashlib.sha256(before).hexdigest().encode()
    return packed.getvalue()


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when another pack is put into the place of this one."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4096)
def _directory(path: Path, stamp: tuple[int, int]) -> dict[str, int]:
    """Bytes of every member by name, after the checksum of the whole was compared: once, because packs never change."""
    data = parsing.read_bytes(path, MOST_BYTES, StoreError)
    mark = data[-len(MARK) - 64:]
    if mark != MARK + hashlib.sha256(data[:-len(mark) - _END]).hexdigest().encode():
        raise StoreError(f"{path} is damaged: its SHA-256 is not the one that it ends with; install the project again")
    with _opened(path) as archive:
        return _looked_over(path, archive.infolist())


def _looked_over(path: Path, entries: list[zipfile.ZipInfo]) -> dict[str, int]:
    """Names and sizes. Raises StoreError where a member is none of a run, or is too large: its maker is not trusted, checksum or not."""
    sizes = {entry.filename: entry.file_size for entry in entries}
    if len(sizes) < len(entries) or len(entries) > MOST_MEMBERS:
        raise StoreError(f"{path} is no pack of a run: it has {len(entries)} members, or one of them twice")
    if sum(sizes.values()) > MOST_BYTES:
        raise StoreError(f"{path} is no pack of a run: it unpacks to {sum(sizes.values()):,} bytes, and {MOST_BYTES:,} are allowed")
    for entry in entries:
        name = entry.filename
        if not is_member(name) or entry.compress_type not in COMPRESSIONS or entry.file_size > LIMITS[Path(name).suffix]:
            raise StoreError(f"{path} is no pack of a run: {parsing.shorten_line(name, 60)} is no file of one, or is too large")
    return sizes


@lru_cache(maxsize=4)                              # of up to 16 MB each
def _film(path: Path, stamp: tuple[int, int]) -> Arrays:
    where = path / "frames.npz"
    stack = parse_arrays(where, Pack(path).read("frames.npz"))
    if "step" not in stack or stack["step"].dtype.kind not in "iu" or any(len(values) != stack["step"].size for values in stack.values()):
        raise StoreError(f"{where} is damaged: it is no film")
    return stack


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever damaged bytes make zipfile raise leaves as StoreError."""
    with parsing.as_one_sentence(str(path), StoreError), zipfile.ZipFile(path) as archive:
        yield archive
