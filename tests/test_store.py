"""What a store promises: found by key, never half, never believed when damaged, and one sentence when something is wrong."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import orjson
import pytest
from smallest import pretraining, tuning

from tutor.runs.engine.runner import pretrain
from tutor.runs.io import disk
from tutor.runs.io.checksums import RESULTS
from tutor.runs.io.formats import StoreError, parse_arrays, read_bytes, read_tensors, write_bytes
from tutor.runs.io.processes import ClaimHolder
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults

NOBODY = {"pid": 2**22 + 1, "host": ClaimHolder.here().host, "born": "1"}     # above every process number of this host


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """A store with one finished pretraining and one finished tuning. Read-only."""
    store = RunStore(tmp_path_factory.mktemp("computed"), shipped=Path("/nowhere"))
    pretrain(tuning(), store)
    return store


@pytest.fixture
def store(computed, tmp_path):
    """A copy of that store to damage."""
    shutil.copytree(computed.root, tmp_path / "runs")
    return RunStore(tmp_path / "runs", shipped=tmp_path / "shipped")


def run_of(store: RunStore, spec):
    return store.get(spec.key())


def test_the_same_specification_has_one_folder(store):
    spec = pretraining(seed=5)
    assert store.create(spec).path == store.create(spec).path
    assert store.keys().count(spec.key()) == 1


def test_a_new_folder_is_queued_and_carries_its_specification(store):
    folder = store.create(pretraining(seed=5))
    assert folder.status().state == "queued"
    assert folder.spec() == pretraining(seed=5)


@pytest.mark.parametrize("key", ["..", "../../etc/passwd", "", "ABCDEF0123456789", "0123456789abcde", "0123456789abcdef/", "0" * 17])
def test_what_is_no_key_never_becomes_a_path(store, key):
    with pytest.raises(StoreError, match="is not a run key"):
        store.find(key)


def test_an_unknown_key_is_named_in_one_sentence(store):
    with pytest.raises(StoreError, match="there is no run 0123456789abcdef"):
        store.load("0123456789abcdef")


def test_a_finished_run_gives_numbers_events_film_and_predictors(store):
    run = store.load(tuning().key())
    assert run.arrays["regret/0/cumulative"].shape == (2, 20)
    assert [event["step"] for event in run.events() if event["repetition"] == 1] == list(range(1, 9))
    assert run.frames()[0].step == 0 and run.frames()[-1].step == 8
    assert run.summary["evaluated_on"][0] == tuning().on.model_dump(mode="json")
    assert set(run.predictor_of(1).trainable_tensors()) == {"embedding_prompt.rows"}


def test_a_loaded_predictor_measures_what_the_run_says(store):
    from tutor.runs.results import measure_network  # noqa: PLC0415

    run = store.load(tuning().key())
    again = measure_network(run.predictor_of(1), run.spec, lambda label: None)
    assert np.array_equal(again["regret/0/sampled"].numpy(), run.arrays["regret/0/sampled"][1])


def test_a_shipped_run_stands_before_an_own_one_and_is_not_deleted(store):
    store.shipped.mkdir()
    shutil.copytree(store.root / pretraining().key(), store.shipped / pretraining().key())
    assert run_of(store, pretraining()).shipped
    with pytest.raises(StoreError, match="shipped"):
        store.delete(pretraining().key())


def test_an_own_run_is_deleted_but_not_the_base_of_another(store):
    with pytest.raises(StoreError, match=f"base of run {tuning().key()}"):
        store.delete(pretraining().key())
    store.delete(tuning().key())
    store.delete(pretraining().key())
    assert store.keys() == []


@pytest.mark.parametrize("state", ["running", "measuring"])
def test_a_run_whose_process_is_gone_reads_as_interrupted(store, state):
    folder = run_of(store, pretraining())
    folder.write_status(folder.status().but(state=state, step=3))
    folder.file("claim.json").write_bytes(orjson.dumps(NOBODY))
    assert folder.status().state == "interrupted"


def test_a_run_without_claim_is_not_running(store):
    folder = run_of(store, pretraining())
    folder.write_status(folder.status().but(state="running"))
    assert folder.status().state == "interrupted"


def test_a_run_of_another_host_is_believed_as_long_as_its_heart_beats(store):
    folder = run_of(store, pretraining())
    folder.file("claim.json").write_bytes(orjson.dumps(NOBODY | {"host": "elsewhere"}))
    folder.write_status(folder.status().but(state="running"))
    assert folder.status().state == "running"
    status = orjson.loads(folder.file("status.json").read_bytes()) | {"heartbeat": 1.0}
    folder.file("status.json").write_bytes(orjson.dumps(status))
    assert folder.status().state == "interrupted"


def test_done_without_checksums_is_corrupt_and_still_listed(store):
    folder = run_of(store, pretraining())
    folder.file("checksums.json").unlink()
    assert folder.status().state == "corrupt"
    assert {info.key: info.status.state for info in store.list()}[folder.key] == "corrupt"


@pytest.mark.parametrize("name", [*RESULTS, "frames/000001.npz"])
def test_one_flipped_byte_is_found_and_its_file_is_named(store, name):
    folder = run_of(store, pretraining())
    data = bytearray(folder.file(name).read_bytes())
    data[len(data) // 2] ^= 1
    folder.file(name).write_bytes(data)
    assert [fault.file for fault in find_faults(folder)] == [name]


@pytest.mark.parametrize("name", ["weights.safetensors", "arrays.npz", "summary.json"])
def test_a_truncated_file_is_one_sentence_that_names_it(store, name):
    folder = run_of(store, pretraining())
    folder.file(name).write_bytes(folder.file(name).read_bytes()[:-7])
    with pytest.raises(StoreError, match=rf"{name} is damaged"):
        {"weights.safetensors": folder.weights, "arrays.npz": folder.arrays, "summary.json": folder.summary}[name]()


def test_a_stray_file_is_reported(store):
    folder = run_of(store, pretraining())
    folder.file("virus.pkl").write_bytes(b"")
    assert [fault.file for fault in find_faults(folder)] == ["virus.pkl"]


def test_a_whole_store_has_no_faults(store):
    assert [find_faults(store.get(key)) for key in store.keys()] == [[], []]  # noqa: SIM118


def test_a_specification_of_another_run_is_refused(store):
    folder = run_of(store, pretraining())
    folder.file("spec.json").write_text(pretraining(seed=9).to_json())
    with pytest.raises(StoreError, match="it describes run"):
        folder.spec()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"state": 3}', b"\xff\xfe"])
def test_a_damaged_status_reads_as_corrupt(store, data):
    folder = run_of(store, pretraining())
    folder.file("status.json").write_bytes(data)
    assert folder.status().state == "corrupt"


def test_a_torn_last_line_is_ignored_and_mended_by_the_next_writer(store):
    from tutor.runs.events import EventLog  # noqa: PLC0415

    path = store.create(pretraining(seed=5)).file("events.jsonl")
    path.write_bytes(b'{"step": 1, "repetition": 0}\n{"step": 2, "repet')
    folder = store.get(pretraining(seed=5).key())
    assert [event["step"] for event in folder.events()] == [1]
    log = EventLog(path)
    log.add({"step": 1, "repetition": 0})
    log.add({"step": 2, "repetition": 0})
    log.flush()
    assert [event["step"] for event in folder.events()] == [1, 2]


def test_an_array_file_with_objects_is_never_unpickled(tmp_path):
    np.savez(tmp_path / "evil.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(StoreError, match="pickles are not read"):
        parse_arrays(tmp_path / "evil.npz", (tmp_path / "evil.npz").read_bytes())


def test_a_file_larger_than_its_kind_may_be_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setitem(disk.LIMITS, ".json", 10)
    (tmp_path / "big.json").write_bytes(b" " * 11)
    with pytest.raises(StoreError, match="at most 10 are read"):
        read_bytes(tmp_path / "big.json")


def test_a_safetensors_file_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(StoreError, match="not a readable safetensors"):
        read_tensors(tmp_path / "x.safetensors")


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"cannot write to the store .*file/runs"):
        RunStore(tmp_path / "file" / "runs").create(pretraining())


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    write_bytes(tmp_path / "a.json", b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StoreError, match="no space is left on the disk"):
        write_bytes(tmp_path / "a.json", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 kilobytes, which only an administrator can make."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "mount") or libc.mount(b"none", str(place).encode(), b"tmpfs", 0, b"size=40k") != 0:
        pytest.skip("no small file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_one_sentence_and_never_a_finished_run(small_disk):
    store = RunStore(small_disk, shipped=Path("/nowhere"))
    with pytest.raises((StoreError, RuntimeError), match="no space is left on the disk"):
        pretrain(pretraining(steps=60), store)
    assert store.get(pretraining(steps=60).key()).status().state in ("failed", "interrupted", "corrupt")
