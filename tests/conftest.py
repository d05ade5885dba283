"""What the tests share: one thread, reproducible property tests, tiny networks and models, an empty store, and an exact Bayes predictor.

`tutor` is imported inside the fixtures: a conftest is read before pytest installs the shape checks of jaxtyping.
"""

import functools
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import hypothesis
import order
import pytest
import shape_checks
import torch
from filelock import FileLock
from quick import is_quick
from safetensors.torch import load_file, save_file
from torch import nn

torch.set_num_threads(1)
os.environ["TUTOR_THREADS"] = "1"
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("house")
shape_checks.install()


def pytest_ignore_collect(collection_path, config):
    """Where quick tests alone are asked for, the other files are not even imported."""
    asked = config.getoption("markexpr") == "quick"
    is_test = collection_path.name.startswith("test_") or collection_path.name == "browser"
    return True if asked and is_test and not is_quick(collection_path) else None


def pytest_collection_modifyitems(items):
    for item in items:
        if is_quick(item.path):
            item.add_marker("quick")
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: order.place(item.path, many[item.path]))


def pytest_collection_finish():
    """Every visitor of AppTest reads the metadata of all installed packages, which takes longer than most pages: here it is read once."""
    if "streamlit.testing.v1" in sys.modules:
        from streamlit.components.v2 import manifest_scanner  # noqa: PLC0415

        manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def same_main_module(monkeypatch):
    """AppTest puts the app's script in the place of `__main__`, which a process that is spawned later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def bugs(request, caplog):
    """What sections of pages have logged as bugs, which fails the test; a test marked `breaks_sections` looks at them itself."""
    def found() -> list:
        return [record for record in caplog.get_records("call") if record.name == "tutor.ui.shell.sections"]

    yield found
    if not request.node.get_closest_marker("breaks_sections"):
        assert not [record.exc_info for record in found()]


@pytest.fixture(scope="session")
def every_sequence():
    """(vocab, length) -> all sequences [V^T, T], in lexicographic order."""
    return lambda vocab, length: torch.cartesian_prod(*[torch.arange(vocab)] * length).reshape(-1, length)


@pytest.fixture(scope="session")
def tiny():
    """Body class -> a specification of it that builds in a millisecond."""
    return lambda body, **fields: body(**{"width": 8} | fields)


@pytest.fixture(scope="session")
def ideal_network():
    """source -> a real Predictor whose body counts what it reads and answers with the source's exact posterior predictive."""
    from tutor.predictors import Predictor  # noqa: PLC0415
    from tutor.predictors.taps import Tap  # noqa: PLC0415

    class Counting(nn.Module):
        state_taps = "body.counts"

        def __init__(self, source):
            super().__init__()
            self.source, self.counts = source, Tap()

        def forward(self, inputs):
            counts = self.counts(inputs.placed(inputs.rows).cumsum(1))
            return self.source.log_predictive(counts.double()).float()

    def build(source):
        network = Predictor(Counting(source), vocab=source.vocab, embedding=source.vocab, width=source.vocab)
        with torch.no_grad():
            for linear in (network.embed, network.unembed):
                linear.weight.copy_(torch.eye(source.vocab))
                linear.bias.zero_()
        return network.requires_grad_(False)

    return build


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, request):
    """(name, make) -> the folder of this name, which `make(folder)` has filled for all workers of this test session. Read-only."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own

    def made(name: str, make) -> Path:
        folder, unfinished = shared / name, shared / f"{name}.unfinished"
        with FileLock(shared / f"{name}.lock"):
            if not folder.exists():
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def pretrained(made_once):
    """Body kind -> a width-16 network pretrained on random coins in about two seconds. Read-only."""
    from tutor import Recipe, fit, sources  # noqa: PLC0415
    from tutor.predictors import BODIES  # noqa: PLC0415

    recipe = Recipe(steps=200, batch=16, length=50, learning_rate=1e-2, warmup=0.05, cosine=True, beta2=0.98, targets="bayes")

    def make(folder: Path) -> None:
        for kind, body in BODIES.items():
            network = body(width=16).build(2, 0)
            fit(network, sources.DirichletCategorical(), recipe, 0)
            save_file(network.state_dict(), folder / kind)

    folder, networks = made_once("pretrained", make), {kind: body(width=16).build(2, 0) for kind, body in BODIES.items()}
    for kind, network in networks.items():
        network.load_state_dict(load_file(folder / kind))
    return networks


@pytest.fixture(scope="session")
def folders(made_once):
    """Kind -> a folder with a tiny model from elsewhere. Read-only."""
    from own_models import KINDS, saved  # noqa: PLC0415

    names = {kind: kind.replace(" ", "-") for kind in KINDS}
    root = made_once("models", lambda root: [saved(root / name, kind) for kind, name in names.items()])
    return {kind: root / name for kind, name in names.items()}


@pytest.fixture(scope="session")
def models(folders):
    """Kind -> that model, loaded. Read-only."""
    from tutor import llm  # noqa: PLC0415

    return {kind: llm.load_model(llm.locate_model(str(folder))) for kind, folder in folders.items()}


@pytest.fixture
def store(tmp_path):
    """An empty store without the shipped runs."""
    from tutor.runs.store import RunStore  # noqa: PLC0415

    return RunStore(tmp_path / "runs", shipped=Path("/nowhere"))


@pytest.fixture
def users_store(tmp_path, monkeypatch):
    """An empty store beside the shipped runs, which every command uses."""
    from tutor.runs.store import RunStore  # noqa: PLC0415

    monkeypatch.setenv("TUTOR_STORE", str(tmp_path / "runs"))
    return RunStore(tmp_path / "runs")


@pytest.fixture
def spec_file(tmp_path):
    """The smallest specification, as a file."""
    from smallest import pretraining  # noqa: PLC0415

    path = tmp_path / "spec.toml"
    path.write_text(pretraining().to_toml())
    return path


@pytest.fixture
def command(capsys):
    """arguments -> (exit code, stdout, stderr) of the command line."""
    from tutor import cli  # noqa: PLC0415

    def run(*arguments: object):
        code = cli.answer_command([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def computed(tmp_path_factory, made_once):
    """A store with a pretraining and five tunings of it, two of them of its weights; and a list network with two prefixes."""
    from smallest import list_prefix, tuning  # noqa: PLC0415

    from tutor import methods  # noqa: PLC0415
    from tutor.runs.engine.runner import pretrain  # noqa: PLC0415
    from tutor.runs.store import RunStore  # noqa: PLC0415

    tried = (methods.NoTuning(), methods.HardPT(length=2, sequences=16), methods.SoftPT(length=2), methods.FullWT(), methods.LoRAWT(rank=1))
    specs = *(tuning(method=method) for method in tried), *map(list_prefix, ("ascending", "descending"))

    def make(folder: Path) -> None:
        for spec in specs:
            pretrain(spec, RunStore(folder, shipped=Path("/nowhere")))

    own = tmp_path_factory.mktemp("computed") / "runs"          # pages write results of studies into their store
    shutil.copytree(made_once("computed", make), own)
    return RunStore(own, shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture
def small(monkeypatch, computed):
    """Pages see that store alone."""
    from visiting import with_store  # noqa: PLC0415

    return with_store(monkeypatch, computed)


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """Pages see a store without a run."""
    from visiting import with_store  # noqa: PLC0415

    from tutor.runs.store import RunStore  # noqa: PLC0415

    return with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))


@pytest.fixture
def restless(monkeypatch):
    """Runs that look, beat and save all the time, so that short ones go through every moment of a long one."""
    from tutor.runs.engine import heartbeat  # noqa: PLC0415

    for name, value in {"POLL_SECONDS": 0.0, "BEAT_EVERY": 0.0, "SAVE_EVERY": 0.0, "SAVE_SHARE": 1.0}.items():
        monkeypatch.setattr(heartbeat, name, value)


@pytest.fixture
def looks(monkeypatch):
    """A block that counts how often files are opened and looked at (stat), by whatever runs inside."""
    from looking import counting  # noqa: PLC0415

    return lambda: counting(monkeypatch)
