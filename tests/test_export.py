"""What leaves the store: a zip that reproduces itself, and shipped copies that are small and whole."""

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
from smallest import pretraining, tuning

from tutor.runs.engine.runner import advance_run, pretrain
from tutor.runs.export import ship_runs, write_zip
from tutor.runs.io.formats import StoreError
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with one finished pretraining and one finished tuning. Read-only."""
    found = RunStore(tmp_path_factory.mktemp("store"), shipped=Path("/nowhere"))
    pretrain(tuning(), found)
    return found


@pytest.fixture(scope="module")
def archive(store):
    packed = io.BytesIO()
    write_zip(store, tuning().key(), packed)
    return zipfile.ZipFile(packed)


def text(archive, name: str) -> str:
    return archive.read(f"run-{tuning().key()}/{name}").decode()


def test_the_zip_holds_the_specification_twice_and_both_are_the_run(archive):
    assert RunSpec.from_text(text(archive, "spec.toml")) == tuning()
    assert RunSpec.from_text(text(archive, "spec.json"), toml=False) == tuning()


def test_the_tables_hold_what_the_arrays_hold(archive, store):
    rows = list(csv.DictReader(io.StringIO(text(archive, "regret.csv"))))
    mine = [float(r["nats"]) for r in rows if (r["on"], r["measure"], r["repetition"]) == ("Single coin 0.2", "cumulative", "1")]
    assert np.array_equal(mine, store.load(tuning().key()).arrays["regret/0/cumulative"][1])
    events = list(csv.DictReader(io.StringIO(text(archive, "events.csv"))))
    assert [int(e["step"]) for e in events] == [*range(1, 9)] * 2


def test_the_zip_carries_the_base_that_a_tuning_stands_on(archive):
    weights = safetensors.torch.load(archive.read(f"run-{tuning().key()}/base/weights.safetensors"))
    assert "body.layers.0.input.weight" in weights
    assert RunSpec.from_text(text(archive, "base/spec.json"), toml=False) == pretraining()


def test_the_script_in_the_zip_computes_the_same_run_again(archive, tmp_path):
    archive.extractall(tmp_path)
    script = tmp_path / f"run-{tuning().key()}" / "reproduce.py"
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, f"run {tuning().key()}: largest difference 0 nats\n"), ended.stderr


def test_an_unfinished_run_is_not_exported(tmp_path):
    store = RunStore(tmp_path, shipped=Path("/nowhere"))
    key = store.create(pretraining()).key
    advance_run(store.root, key, 3)
    with pytest.raises(StoreError, match="is paused; only a finished run can be exported"):
        write_zip(store, key, io.BytesIO())


def test_a_shipped_copy_is_small_whole_and_first_in_line(store, tmp_path):
    keys = [pretraining().key(), tuning().key()]
    copies = ship_runs(store, keys, tmp_path / "shipped", budget_bytes=30_000)
    assert all(copy.size() <= 30_000 and find_faults(copy) == [] and copy.status().state == "done" for copy in copies)
    found = RunStore(tmp_path / "own", shipped=tmp_path / "shipped")
    assert [info.shipped for info in found.list()] == [True, True]
    original = store.load(tuning().key())
    assert np.array_equal(found.load(tuning().key()).arrays["regret/0/excess"], original.arrays["regret/0/excess"])


def test_a_shipped_film_keeps_both_ends_and_the_first_sequences(store, tmp_path):
    (copy,) = ship_runs(store, [pretraining().key()], tmp_path, budget_bytes=30_000)
    steps, original = copy.film.steps(), store.get(pretraining().key())
    assert (steps[0], steps[-1]) == (0, 12)
    small, whole = copy.frame(12), original.frame(12)
    kept = len(small.tokens)
    assert 2 <= kept < 16 and np.array_equal(small.states, whole.states[:kept]) and np.array_equal(small.probs, whole.probs[:kept])


def test_a_shipped_tuning_keeps_the_weights_of_repetition_0_alone(store, tmp_path):
    ship_runs(store, [pretraining().key(), tuning().key()], tmp_path, budget_bytes=30_000)
    run = RunStore(tmp_path / "own", shipped=tmp_path).load(tuning().key())
    assert run.predictor.prompt().shape[0] == 2
    with pytest.raises(StoreError, match="does not keep these weights"):
        run.predictor_of(1)


def test_a_run_that_cannot_be_made_small_enough_is_refused_and_leaves_nothing(store, tmp_path):
    with pytest.raises(StoreError, match="at most 9,000 are shipped"):
        ship_runs(store, [tuning().key()], tmp_path, budget_bytes=9_000)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_run_is_not_shipped(store, tmp_path):
    broken = RunStore(tmp_path / "broken", shipped=Path("/nowhere"))
    pretrain(pretraining(), broken)
    broken.get(pretraining().key()).file("arrays.npz").write_bytes(b"")
    with pytest.raises(StoreError, match="only whole finished runs are shipped"):
        ship_runs(broken, [pretraining().key()], tmp_path / "shipped")
