"""Where runs lie: folders `<key>/`, which are written to, and packs `<lab>/<key>.zip`, which are not."""

import os
import re
from functools import lru_cache
from pathlib import Path

from tutor.core import parsing
from tutor.runs.io.formats import StoreError
from tutor.runs.pack import SUFFIX

KEY = re.compile(r"[0-9a-f]{16}")


def packs_in(layer: Path) -> dict[str, Path]:
    """Find the packs below `layer`, by key of their run; empty where there is no such folder.

    The result is kept until a file in one of the folders is added or removed.

    Raises
    ------
    StoreError
        Where a folder cannot be read.
    """
    with parsing.as_one_sentence(str(layer), StoreError):
        if not layer.is_dir():
            return {}
        return _packs(_labs(layer))


def _labs(layer: Path) -> tuple[tuple[str, int], ...]:
    """The folders that may hold packs, and when something last came into them or went."""
    labs = sorted(entry.path for entry in os.scandir(layer) if not KEY.fullmatch(entry.name) and entry.is_dir())
    return tuple((lab, os.stat(lab).st_mtime_ns) for lab in labs)


def place_stamp(layer: Path, *, packs: bool) -> tuple[int, str]:
    """When a run was last added to `layer` or removed from it.

    Parameters
    ----------
    layer
        A folder of runs.
    packs
        Whether its folders of packs count as well.

    Returns
    -------
    newest
        Unix nanoseconds, 0 where there is no such folder.
    stamp
        A text that differs after each addition or removal.
    """
    if not layer.is_dir():
        return 0, "none"
    times = [os.stat(layer).st_mtime_ns, *(time for _, time in (_labs(layer) if packs else ()))]
    return max(times), " ".join(map(str, times))


def folders_in(layer: Path) -> dict[str, str]:
    """Find the run folders in `layer`, as paths by key; empty where there is no such folder."""
    entries = os.scandir(layer) if layer.is_dir() else ()
    return {entry.name: entry.path for entry in entries if KEY.fullmatch(entry.name) and _is_folder(entry)}


def _is_folder(entry: os.DirEntry) -> bool:
    """Whether this is a folder, by what the listing says already; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


@lru_cache(maxsize=32)
def _packs(labs: tuple[tuple[str, int], ...]) -> dict[str, Path]:
    """The packs in these folders as they were at these times."""
    paths = [Path(entry.path) for lab, _ in labs for entry in os.scandir(lab) if entry.name.endswith(SUFFIX)]
    return {path.stem: path for path in paths if KEY.fullmatch(path.stem)}
