"""Where a model comes from: a folder of this machine, or a name on the hub, which becomes a folder when it is downloaded."""

import re
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tutor.core.parsing import shorten_line

MAX_CHARACTERS = 300                                     # characters
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
DESCRIBING = ("*.json", "*.txt", "*.model")
"""Files of a model on the hub that are fetched beside its weights: nothing that holds code or a pickle."""
SMALLEST = 1024                                   # bytes; a file of weights that is no larger holds something else, and is looked at
TIMEOUT_S = 5.0                                    # seconds until a hub that does not answer is given up


class ModelError(ValueError):
    """What cannot be done with a model from elsewhere; the message is one sentence that says what would be allowed."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder of this machine that holds a model."""

    path: Path

    @property
    def name(self) -> str:
        return shorten_line(self.path.name or self.path, 80)

    def described(self) -> Path:
        """A folder with the files that describe the model."""
        return self.path

    def files(self) -> list[str]:
        """The names of its files."""
        return [path.name for path in self.path.iterdir() if path.is_file()]

    def brought(self, weights: Collection[str], cancelled: Callable[[], bool]) -> Path:
        """A folder with all of the model."""
        return self.path


@dataclass(frozen=True)
class HubName:
    """A model on the Hugging Face hub, or on the one that $HF_ENDPOINT names; downloads draw their progress where `shown`."""

    name: str
    shown: bool = False

    def described(self) -> Path:
        """A folder with the files that describe the model, downloaded if need be.

        ModelError where the hub has no such model, or is not reached.
        """
        return self._downloaded((), lambda: False)

    def files(self) -> list[str]:
        """The names of its files, without downloading any; Refused as above."""
        known = self._known()
        return [path.name for path in known.iterdir()] if isinstance(known, Path) else [file.rfilename for file in known.siblings or ()]

    def brought(self, weights: Collection[str], cancelled: Callable[[], bool]) -> Path:
        """A folder with these weights and what belongs to them, downloaded if need be.

        Refused as above, and when `cancelled` says so meanwhile.
        """
        return self._downloaded(weights, cancelled)

    def checksums(self) -> dict[str, str]:
        """The SHA-256 of its large files by name, as the hub says it; none where the hub is not reached."""
        known = self._known()
        return {} if isinstance(known, Path) else {file.rfilename: file.lfs.sha256 for file in known.siblings or () if file.lfs}

    def _known(self) -> Any:
        """What the hub knows of it, or the folder that an earlier download left where the hub is not reached."""
        from huggingface_hub import HfApi, errors  # noqa: PLC0415 - the extra `llm`

        try:
            return HfApi().model_info(self.name, timeout=TIMEOUT_S, files_metadata=True)
        except errors.GatedRepoError as error:
            raise ModelError(f"the model {self.name} is only given to people who asked for it; run `hf auth login` on this machine "
                          "first") from error
        except errors.RepositoryNotFoundError as error:
            raise ModelError(f"the hub has no model {self.name}, or it is private") from error
        except Exception as error:                # whichever of its libraries fails to reach it
            return self._kept(error)

    def _downloaded(self, weights: Collection[str], cancelled: Callable[[], bool]) -> Path:
        from huggingface_hub import snapshot_download  # noqa: PLC0415

        known = self._known()
        if isinstance(known, Path):
            return known
        sizes = {file.rfilename: file.size or 0 for file in known.siblings or ()}
        _require_room(self.name, sum(sizes.get(file, 0) for file in weights))
        tiny = [file for file, size in sizes.items() if file.endswith(".safetensors") and 0 < size <= SMALLEST]
        try:
            return Path(snapshot_download(self.name, allow_patterns=[*DESCRIBING, *weights, *tiny], etag_timeout=TIMEOUT_S,
                                          tqdm_class=_stopping(cancelled, shown=self.shown)))
        except Exception as error:
            if cancelled():
                raise ModelError("the download was cancelled; what was fetched is kept") from error
            raise ModelError(f"the download of {self.name} broke off ({_first(error)}); start it again to go on from there") from error

    def _kept(self, error: Exception) -> Path:
        """What an earlier download left, for a machine that is offline now."""
        from huggingface_hub import snapshot_download  # noqa: PLC0415

        try:
            folder = Path(snapshot_download(self.name, local_files_only=True, allow_patterns=[*DESCRIBING, "*.safetensors"]))
        except Exception:
            folder = None
        if folder is None or not any(folder.glob("*.safetensors")):
            raise ModelError(f"the hub was not reached for {self.name}; check the network, or give a folder of this machine") from error
        return folder


def locate_model(text: str) -> ModelFolder | HubName:
    """The folder or the hub name that somebody typed: a folder where one is there, or where it reads like a path. Refused else."""
    said = text.strip()
    if not said or len(said) > MAX_CHARACTERS or not said.isprintable():
        raise ModelError(f"the model is {said[:60]!r}; give a folder of this machine or a name on the hub, such as openai-community/gpt2")
    try:
        path = Path(said).expanduser()
        there, file = path.is_dir(), path.is_file()
    except (OSError, RuntimeError) as error:
        raise ModelError(f"the place {said[:60]} cannot be looked at ({_first(error)})") from error
    if there:
        return ModelFolder(path.resolve())
    if file:
        raise ModelError(f"{said[:200]} is a file; give the folder that holds the model")
    if HUB_NAME.fullmatch(said):
        return HubName(said)
    raise ModelError(f"there is no folder {said[:200]} on this machine")


def is_installed() -> bool:
    """Whether the extra `llm` is there."""
    return all(find_spec(name) for name in ("transformers", "peft"))


def _require_room(name: str, size: int) -> None:
    from huggingface_hub import constants  # noqa: PLC0415

    where = next(path for path in (Path(constants.HF_HUB_CACHE), *Path(constants.HF_HUB_CACHE).parents) if path.exists())
    free = shutil.disk_usage(where).free
    if size > free:
        raise ModelError(f"the model {name} takes {size / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free")


def _stopping(cancelled: Callable[[], bool], *, shown: bool) -> type:
    """A progress bar of a download, drawn or silent, at which it can be stopped."""
    from tqdm.auto import tqdm  # noqa: PLC0415

    class Stopping(tqdm):
        def __init__(self, *args, **options):
            super().__init__(*args, **options | {"disable": not shown})

        def update(self, n=1):
            if cancelled():
                raise InterruptedError("cancelled")
            return super().update(n)

    return Stopping


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
