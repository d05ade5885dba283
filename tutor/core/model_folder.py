"""Models from elsewhere, each kept once in a folder that is named by the hash of its contents.

A folder holds config.json, tokenizer.json and the weights as safetensors, and nothing else is read of it.
"""

import hashlib
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from tutor.core.parsing import parse_json, read_bytes

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "*.safetensors"
MOST_CONFIG = 2**20
"""Bytes of a configuration."""
SHOWN = 12
"""Digits of a hash in a sentence."""


class ModelMissing(ValueError):
    """A model that is not on this machine, or not as it was: one sentence with its hash and the remedy."""


def models_root() -> Path:
    """Folder of the models: $TUTOR_MODELS, or `models` in the platform's folder for user data."""
    given = os.environ.get("TUTOR_MODELS")
    return Path(given) if given else platformdirs.user_data_path("prompt-tutor", appauthor=False) / "models"


def list_models() -> list[str]:
    """Hashes of the models that are kept here, in order."""
    root = models_root()
    return sorted(one.name for one in root.iterdir() if len(one.name) == 64) if root.is_dir() else []


def is_kept(weights: str) -> bool:
    """Whether the model with this hash is on this machine."""
    return (models_root() / weights / CONFIG).is_file()


def model_folder(weights: str) -> Path:
    """The folder of the model with this hash.

    Raises
    ------
    ModelMissing
        Where it is not on this machine.
    """
    if not is_kept(weights):
        raise ModelMissing(f"the model {weights[:SHOWN]} is not on this machine; keep it with prompt-tutor model add FOLDER")
    return models_root() / weights


def read_config(weights: str) -> dict[str, Any]:
    """What the model says of itself. Raises ModelMissing where it is not on this machine."""
    return _config(model_folder(weights) / CONFIG)


def read_folder(folder: Path) -> dict[str, Any]:
    """What the model in a folder says of itself. Raises ModelMissing where there is none, or it cannot be read."""
    return parse_json(CONFIG, read_bytes(folder / CONFIG, MOST_CONFIG, ModelMissing, name=f"the file {CONFIG}"), ModelMissing)


@lru_cache(maxsize=16)
def _config(path: Path) -> dict[str, Any]:
    return read_folder(path.parent)


def hash_model(folder: Path) -> str:
    """The SHA-256 of a model's configuration, tokenizer and weights, 64 hexadecimal digits.

    Neither the folder's name nor other files count.

    Raises
    ------
    ModelMissing
        Where one of the three is not there.
    """
    total = hashlib.sha256()
    for path in _parts(folder):
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def keep_model(folder: Path) -> str:
    """Copy a model among those of this machine, once its weights have been looked through.

    Parameters
    ----------
    folder
        With config.json, tokenizer.json and *.safetensors.

    Returns
    -------
    str
        Its hash, which is its name from now on.

    Raises
    ------
    ModelMissing
        Where a file is not there, cannot be read, or holds a value that is not finite.
    """
    for path in folder.glob(WEIGHTS):
        _require_sound(path)
    weights, root = hash_model(folder), models_root()
    if is_kept(weights):
        return weights
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".adding-") as near:
        fresh = Path(near) / weights
        fresh.mkdir()
        for path in _parts(folder):
            shutil.copyfile(path, fresh / path.name)
        fresh.rename(root / weights)
    return weights


def remove_model(weights: str) -> None:
    """Delete the model with this hash from this machine. Raises ModelMissing where it is not there."""
    shutil.rmtree(model_folder(weights))


def count_numbers(folder: Path) -> int:
    """How many numbers the tensors of a model have together, from the heads of its files. Raises ModelMissing where one is damaged."""
    total = 0
    for path in folder.glob(WEIGHTS):
        with _opened(path) as file:
            total += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118 - no dictionary
    return total


def load_tensors(weights: str) -> dict[str, Tensor]:
    """Every tensor of a model by name, in single precision.

    Raises
    ------
    ModelMissing
        Where the model is not on this machine, or its files have changed since it was kept.
    """
    folder = model_folder(weights)
    if (found := hash_model(folder)) != weights:
        raise ModelMissing(f"the model {weights[:SHOWN]} has changed on the disk, its hash is {found[:SHOWN]}; remove it and add it again")
    tensors = {}
    for path in sorted(folder.glob(WEIGHTS)):
        with _opened(path) as file:
            tensors |= {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - no dictionary
    return tensors


def _parts(folder: Path) -> list[Path]:
    """The files that make a model, in the order of their names."""
    found = [*(folder / name for name in (CONFIG, TOKENIZER)), *sorted(folder.glob(WEIGHTS))]
    missing = next((path.name for path in found if not path.is_file()), None if len(found) > 2 else WEIGHTS)
    if missing:
        raise ModelMissing(f"the folder {folder.name} holds no whole model: {missing} is missing")
    return sorted(found)


def _require_sound(path: Path) -> None:
    with _opened(path) as file:
        wrong = next((name for name in file.keys() if not torch.isfinite(file.get_tensor(name)).all()), None)  # noqa: SIM118
    if wrong:
        raise ModelMissing(f"the tensor {wrong} in {path.name} holds values that are not finite")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A file of weights. Raises ModelMissing where it is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise ModelMissing(f"the file {path.name} is cut off or damaged: {str(error).splitlines()[0]}") from error
