"""A store that holds damaged and foreign files: such a run is listed as damaged, and every other run is there."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smallest import pretraining

from tutor.runs.folder import RunFolder
from tutor.runs.frames import Film, Frame, pack_frame, parse_frame
from tutor.runs.io.checksums import RESULTS
from tutor.runs.io.formats import StoreError, pack_arrays, write_bytes
from tutor.runs.lock import read_holder
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults
from tutor.studies import PRESETS, STUDIES, read_kept_result

KEY = "0123456789abcdef"
DEEP = b"[" * 100_000


@pytest.fixture
def store(tmp_path):
    """A store with one run that nobody has begun."""
    found = RunStore(tmp_path / "runs", shipped=tmp_path / "shipped")
    found.create(pretraining())
    return found


@pytest.mark.parametrize("spec", [b"", DEEP, b'{"source":' * 5_000, b"9" * 5_000, b"\xff\xfe\0", b'{"source": [1]}', b"{}", b"[]",
                                  b" " * (2**20 + 1),
                                  b'{"a": 1, "a": 2}'])
def test_a_damaged_specification_is_a_damaged_run_among_the_others(store, spec):
    (store.root / KEY).mkdir()
    (store.root / KEY / "spec.json").write_bytes(spec)
    states = {info.key: info.status.state for info in store.list()}
    assert states == {KEY: "corrupt", pretraining().key(): "queued"}


@pytest.mark.parametrize("status", [
    '{"state": "running", "step": 1000000000000000000000000000000}', '{"state": "running", "heartbeat": 1e300}', '{"state": "banana"}',
    '{"state": "running", "heartbeat": -1}', '{"state": []}', '{"state": "queued", "pid": -1}', '{"state": "queued", "pid": 1000000000000}',
    '{"state": "done", "step": "x"}', '{"state": "queued", "seconds": "long"}', '{"state": "queued", "message": {"a": 1}}',
    '{"state": "queued", "repetitions": 1e400}', "[]", "null",
])
def test_a_status_of_wrong_types_or_huge_numbers_reads_as_corrupt(store, status):
    folder = store.get(pretraining().key())
    folder.file("status.json").write_text(status)
    assert folder.status().state == "corrupt" and [info.status.state for info in store.list()] == ["corrupt"]


def test_what_is_only_called_like_a_run_is_passed_over(store):
    (store.root / KEY).write_bytes(b"no folder")
    (store.root / KEY[::-1]).symlink_to(store.root / KEY[::-1])
    (store.root / ("0" * 16)).symlink_to(store.root / "absent")
    os.mkfifo(store.root / ("1" * 16))
    assert store.keys() == [pretraining().key()]


def test_files_of_a_run_that_are_folders_or_pipes_are_one_sentence(store):
    folder = store.get(pretraining().key())
    folder.file("summary.json").mkdir()
    os.mkfifo(folder.file("events.jsonl"))
    for read in (folder.summary, folder.events):
        with pytest.raises(StoreError, match=r"it is (a folder|no ordinary file)"):
            read()


@pytest.mark.parametrize("claim", [
    b"", DEEP, b"{}", b"[]", b'{"pid": -1, "host": "a", "born": "1"}', b'{"pid": "../self", "host": "a", "born": "1"}',
    b'{"pid": 1e300, "host": "a", "born": "1"}', b'{"pid": 1, "host": [], "born": "1"}', b'{"pid": true, "host": "", "born": ""}',
])
def test_a_claim_of_nobody_is_none(store, claim):
    path = store.get(pretraining().key()).file("claim.json")
    path.write_bytes(claim)
    assert read_holder(path) is None


@pytest.mark.parametrize("line", [b'{"step": "1", "repetition": 0}', b'{"step": 1}', b"[]", b'{"step": 1e400, "repetition": 0}',
                                  b'{"step": [], "repetition": {}}', DEEP])
def test_an_event_without_its_step_is_damage(store, line):
    folder = store.get(pretraining().key())
    folder.file("events.jsonl").write_bytes(line + b"\n")
    with pytest.raises(StoreError, match="is damaged"):
        folder.events()


def test_frames_of_foreign_names_are_no_frames_and_other_arrays_are_refused(tmp_path):
    frame = Frame(3, 0, np.zeros((2, 4, 5), np.float16), np.zeros((2, 4, 2), np.float16), np.zeros((2, 4), np.uint8), "body")
    film = Film(tmp_path / "frames")
    film.write(frame)
    for name in ("²", "x", "-1"):
        (tmp_path / "frames" / f"{name}.npz").write_bytes(b"")
    assert film.steps() == [3] and parse_frame(film.path(3), film.path(3).read_bytes()).states.shape == (2, 4, 5)
    plain = np.load(film.path(3))
    wrong = {"states": np.zeros((2, 4)), "probs": np.zeros((3, 4, 2)), "tokens": np.zeros((2, 4), "U1"), "step": np.zeros(3), "tap": None}
    for name, array in wrong.items():
        changed = {key: value for key, value in (dict(plain) | {name: array}).items() if value is not None}
        with pytest.raises(StoreError, match="is damaged"):
            parse_frame(film.path(3), pack_arrays(changed))
    assert parse_frame(film.path(3), pack_frame(frame)).tap == "body"


@pytest.mark.parametrize("found", [b"", DEEP, b"[]", b"{}", b'{"keys": []}', b"\xff"])
def test_a_kept_result_that_is_none_is_computed_again(store, found):
    study, preset = next(iter(STUDIES.values())), PRESETS["fast"]
    for layer in (store.root, store.shipped.parent):
        (layer / "studies").mkdir(parents=True, exist_ok=True)
        (layer / "studies" / f"{study.name}-fast.json").write_bytes(found)
    assert read_kept_result(study, preset, store) is None


@settings(max_examples=100)
@given(st.sampled_from(["status.json", "claim.json", "checksums.json", *RESULTS]),
       st.binary(max_size=60) | st.sampled_from([b"null", b"3", b'"x"', b"[[]]", b'{"state": "done"}', b'{"state": "running", "pid": 3}']))
def test_a_run_folder_with_any_file_is_read_or_refused_in_one_line(tmp_path_factory, name, data):
    folder = RunFolder(tmp_path_factory.getbasetemp() / KEY)
    folder.path.mkdir(exist_ok=True)
    folder.file(name).write_bytes(data)
    assert folder.status().state
    for read in (folder.spec, folder.summary, folder.arrays, folder.weights, folder.events, lambda: find_faults(folder)):
        try:
            read()
        except StoreError as refused:
            assert "\n" not in str(refused)
    folder.file(name).unlink()


def test_nothing_is_written_over_a_device(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="it is no ordinary file"):
        write_bytes(tmp_path / "pipe", b"")
