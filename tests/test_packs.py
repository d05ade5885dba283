"""Finished runs in packs: every bit comes back, nothing is read twice, and nothing of a damaged or foreign one is believed."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from smallest import pretraining, tuning

from tutor.runs import pack
from tutor.runs.engine.runner import pretrain
from tutor.runs.export import write_pack
from tutor.runs.export.packing import pack_folder
from tutor.runs.folder import RunFolder
from tutor.runs.io.byte_planes import from_planes, to_planes
from tutor.runs.io.formats import StoreError, pack_arrays, parse_arrays
from tutor.runs.pack import pack_archive
from tutor.runs.pack_columns import event_columns, events_of
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(st.none(), st.integers(-2**63, 2**64 - 1), FINITE, st.text(max_size=5), st.booleans())
"""Whatever a line of JSON may hold: numbers that are not finite are written as null."""
EVENTS = st.lists(st.dictionaries(st.sampled_from(["loss", "kl", "threads", "a/b", "ü"]), VALUES).map(
    lambda fields: {"repetition": 0, "step": 1} | fields), max_size=8)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A store with one finished pretraining and one finished tuning. Read-only."""
    store = RunStore(tmp_path_factory.mktemp("own"), shipped=Path("/nowhere"))
    pretrain(tuning(), store)
    return store


@pytest.fixture(scope="module")
def sealed(own, tmp_path_factory):
    """The same runs as packs in front of an empty store."""
    shipped = tmp_path_factory.mktemp("shipped")
    for key in own.keys():  # noqa: SIM118 - a store is no dictionary
        write_pack(own.get(key), shipped)
    return RunStore(tmp_path_factory.mktemp("empty"), shipped=shipped)


@pytest.fixture
def forged(sealed, tmp_path):
    """members -> a pack of the pretraining with these changed, and a checksum that is right all the same."""
    key = pretraining().key()
    whole = {name: sealed.get(key).read(name) for name in sealed.get(key).names()}

    def forge(**members: bytes | None) -> RunFolder:
        changed = {name: data for name, data in (whole | {name.replace("_", "."): data for name, data in members.items()}).items() if data}
        path = tmp_path / f"{key}.zip"
        path.write_bytes(pack_archive(changed))
        return RunFolder(path, shipped=True)

    return forge


@given(st.binary(max_size=100))
def test_byte_planes_give_back_every_byte(data):
    assert from_planes(to_planes(data)) == data and len(to_planes(data)) == len(data)


def test_byte_planes_put_the_same_byte_of_every_number_together():
    numbers = np.arange(3, dtype="<u8") + 0x0100
    assert to_planes(numbers.tobytes()) == bytes([0, 1, 2, 1, 1, 1] + [0] * 18)


@given(EVENTS)
def test_events_come_back_from_their_columns_with_their_kinds_and_gaps(events):
    columns = parse_arrays(Path("events.npz"), pack_arrays(event_columns(events)))
    assert [{name: (type(value), value) for name, value in event.items()} for event in events_of(columns, Path("events.npz"))] == [
        {name: (type(value), value) for name, value in event.items()} for event in events]


def test_columns_without_a_step_are_no_events():
    with pytest.raises(StoreError, match="lacks step or repetition"):
        events_of({"loss": np.zeros(2)}, Path("events.npz"))
    with pytest.raises(StoreError, match="no columns of events"):
        events_of({"step": np.zeros(2, int), "repetition": np.zeros(3, int)}, Path("events.npz"))


def test_a_pack_gives_what_its_folder_gave_bit_for_bit(own, sealed):
    for key in own.keys():  # noqa: SIM118
        before, after = own.load(key), sealed.load(key)
        assert after.folder.path.name == f"{key}.zip" and after.folder.path.parent.name == "coins"
        assert (after.spec, after.summary, after.status, after.events()) == (before.spec, before.summary, before.status, before.events())
        for name in ("arrays.npz", "weights.safetensors", "summary.json", "spec.json"):
            assert after.folder.read(name) == before.folder.read(name)
        for a, b in zip(after.frames(), before.frames(), strict=True):
            assert (a.step, a.prompt_end, a.tap) == (b.step, b.prompt_end, b.tap)
            assert a.states.tobytes() == b.states.tobytes() and a.probs.tobytes() == b.probs.tobytes()
        assert after.predictor.state_dict().keys() == before.predictor.state_dict().keys() and find_faults(after.folder) == []


def test_a_pack_is_found_first_listed_as_shipped_and_never_deleted(sealed):
    key = pretraining().key()
    assert sealed.done(key) and [info.shipped for info in sealed.list()] == [True, True] and sealed.complete(key[:6]) == key
    with pytest.raises(StoreError, match="shipped with the project"):
        sealed.delete(key)
    assert sealed.create(pretraining()).path == sealed.get(key).path


def test_the_same_run_gives_the_same_bytes_and_in_less_space(own):
    folder = own.get(tuning().key())
    assert pack_folder(folder) == pack_folder(RunFolder(folder.path)) and len(pack_folder(folder)) < folder.size()


def test_further_files_of_a_run_travel_with_it_and_what_only_a_computation_needs_does_not(own, tmp_path):
    copy = RunFolder(tmp_path / "runs" / pretraining().key())
    shutil.copytree(own.get(pretraining().key()).path, copy.path)
    further = {"notes/0123456789abcdef.txt": b"why", "notes/.half.tmp": b"", "finished/000.safetensors": b"", "claim.json": b"{}"}
    for name, data in further.items():
        copy.file(name).parent.mkdir(exist_ok=True)
        copy.file(name).write_bytes(data)
    found = write_pack(copy, tmp_path)
    assert found.names("notes") == ["notes/0123456789abcdef.txt"] and found.read("notes/0123456789abcdef.txt") == b"why"
    assert found.names() == ["arrays.npz", "events.npz", "frames.npz", "spec.json", "status.json", "summary.json", "weights.safetensors"]


def test_an_unfinished_run_is_not_packed(tmp_path):
    folder = RunStore(tmp_path, shipped=Path("/nowhere")).create(pretraining())
    with pytest.raises(StoreError, match="is queued; only finished runs are packed"):
        pack_folder(folder)


def test_frames_of_a_pack_are_read_with_one_look_at_the_file(sealed, looks):
    folder = sealed.get(pretraining().key())
    steps = folder.film.steps()
    with looks() as first:
        assert [folder.frame(step).step for step in steps] == steps
    with looks() as again:
        folder.frame(steps[0])
    assert first.opened == again.opened == 0 and first.looked == len(steps)


def test_frames_of_a_folder_are_read_with_one_look_at_status_and_checksums(own, looks):
    folder = own.get(pretraining().key())
    steps = folder.film.steps()
    with looks() as seen:
        assert [folder.frame(step).step for step in steps] == steps
    assert seen.opened == len(steps) + 2


@pytest.mark.parametrize("at", [10, 500, -300, -1])
def test_a_changed_byte_anywhere_makes_the_pack_corrupt_and_names_it(sealed, tmp_path, at):
    before = sealed.get(pretraining().key()).path
    data = bytearray(before.read_bytes())
    data[at] ^= 1
    (tmp_path / before.name).write_bytes(data)
    folder = RunFolder(tmp_path / before.name, shipped=True)
    assert folder.status().state == "corrupt" and [fault.file for fault in find_faults(folder)] == [before.name]
    for read in (folder.spec, folder.summary, folder.arrays, folder.weights, folder.events, folder.film.steps):
        with pytest.raises(StoreError, match=r"damaged|cannot be read"):
            read()


def test_a_pack_that_was_cut_off_or_is_none_is_said_to_be_damaged(sealed, tmp_path):
    before = sealed.get(pretraining().key()).path
    for data in (b"", b"PK", before.read_bytes()[:-200]):
        (tmp_path / before.name).write_bytes(data)
        assert RunFolder(tmp_path / before.name).status().state == "corrupt"


def test_a_run_that_lies_under_the_key_of_another_is_refused(sealed, tmp_path):
    path = tmp_path / "0123456789abcdef.zip"
    path.write_bytes(sealed.get(pretraining().key()).path.read_bytes())
    with pytest.raises(StoreError, match=f"it describes run {pretraining().key()}, not 0123456789abcdef"):
        RunFolder(path).spec()


def test_a_pack_without_its_numbers_is_corrupt(forged):
    folder = forged(summary_json=None)
    assert folder.status().state == "corrupt" and "summary.json is missing" in folder.status().message


def test_events_and_film_of_other_shapes_are_refused(forged):
    folder = forged(frames_npz=pack_arrays({"step": np.array([1, 2]), "states": np.zeros((1, 2))}), events_npz=pack_arrays({}))
    with pytest.raises(StoreError, match="it is no film"):
        folder.frame(1)
    assert folder.events() == []
    with pytest.raises(StoreError, match="has no frame of step 3"):
        forged(frames_npz=pack_arrays({"step": np.array([1])})).frame(3)


@pytest.mark.parametrize("name", ["../spec.json", "/etc/passwd", "a/b/c.json", "run.py", ".hidden.json", "spec.json\0.txt", "folder/"])
def test_a_member_that_is_no_file_of_a_run_makes_the_pack_unreadable(tmp_path, name):
    with pytest.raises(StoreError, match="is no file of a run"):
        pack_archive({name: b""})
    folder = _foreign(tmp_path, [(name.replace("\0", ""), b"x", zipfile.ZIP_STORED)] if "\0" not in name else [("x.exe", b"", 0)])
    with pytest.raises(StoreError, match="is no pack of a run"):
        folder.read("spec.json")


def test_a_member_twice_or_in_another_compression_or_that_swells_is_refused(tmp_path, monkeypatch):
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = _foreign(tmp_path, [("spec.json", b"1", zipfile.ZIP_STORED), ("spec.json", b"2", zipfile.ZIP_STORED)])
    with pytest.raises(StoreError, match="one of them twice"):
        twice.read("spec.json")
    with pytest.raises(StoreError, match=r"spec\.json is no file of one"):
        _foreign(tmp_path, [("spec.json", b"11", zipfile.ZIP_LZMA)]).read("spec.json")
    with pytest.raises(StoreError, match="too large"):
        _foreign(tmp_path, [("spec.json", b" " * (2**20 + 1), zipfile.ZIP_DEFLATED)]).read("spec.json")
    monkeypatch.setattr(pack, "MOST_BYTES", 100_000)
    with pytest.raises(StoreError, match="unpacks to 200,000 bytes"):
        _foreign(tmp_path, [("spec.json", b" " * 200_000, zipfile.ZIP_DEFLATED)]).read("spec.json")


def _foreign(folder: Path, members: list[tuple[str, bytes, int]]) -> RunFolder:
    """A zip with these members and the checksum of a pack."""
    path = folder / f"{len(list(folder.iterdir())):016x}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data, compression in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    before = path.read_bytes()[:-22]
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"sha256:" + hashlib.sha256(before).hexdigest().encode()
    return RunFolder(path, shipped=True)


def test_a_pack_that_replaces_another_is_read_anew(sealed, tmp_path):
    path = tmp_path / f"{pretraining().key()}.zip"
    path.write_bytes(sealed.get(tuning().key()).path.read_bytes())
    assert RunFolder(path).summary()["kind"] == "tuning"
    path.write_bytes(sealed.get(pretraining().key()).path.read_bytes())
    assert RunFolder(path).summary()["kind"] == "pretraining"
