"""The list of runs: right after whatever happens to the folders, without reading them all again."""

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from many_runs import many_runs
from smallest import pretraining

from tutor.runs import run_index, run_list
from tutor.runs.engine.runner import pretrain
from tutor.runs.export import write_pack
from tutor.runs.folder import RunFolder
from tutor.runs.io.processes import ClaimHolder
from tutor.runs.run_info import RunFilter, info_of
from tutor.runs.store import RunStore

MANY, RESTING = 240, 12
NOBODY = 2**22 + 1                                 # above every process number of this host


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A store of many finished runs and some that are paused, of which a list has been made. Read-only."""
    found = RunStore(tmp_path_factory.mktemp("crowded") / "runs", shipped=Path("/nowhere"))
    many_runs(found.root, MANY, resting=RESTING)
    found.list()
    return found


@pytest.fixture
def few(tmp_path):
    """Five runs, the last of them paused; of which a list has been made."""
    found = RunStore(tmp_path / "runs", shipped=tmp_path / "shipped")
    many_runs(found.root, 5, resting=1)
    found.list()
    return found


def states(store: RunStore) -> dict[str, str]:
    return {info.key: info.status.state for info in store.list()}


def truth(store: RunStore) -> dict[str, str]:
    """The states by the folders alone."""
    return {key: store.get(key).status().state for key in store.keys()}  # noqa: SIM118 - a store is no dictionary


def test_a_page_of_a_long_list_opens_nothing_and_looks_at_what_it_shows_and_at_what_rests(crowded, looks):
    with looks() as seen:
        page = crowded.list(limit=20, offset=40)
    assert len(page) == 20 and [info.status.seconds for info in page] == [float(MANY - 41 - i) for i in range(20)]
    assert seen.opened == 0 and seen.looked <= 2 * (20 + RESTING) + 10


def test_a_list_longer_than_what_is_checked_looks_at_no_finished_run(crowded, looks, monkeypatch):
    monkeypatch.setattr(run_index, "CHECKED", 100)
    with looks() as seen:
        assert len(crowded.list()) == MANY
    assert seen.opened == 0 and seen.looked <= 2 * RESTING + 10


def test_another_process_finds_the_table_made(crowded, looks):
    crowded.list()
    with looks() as seen:
        assert RunStore(crowded.root, shipped=Path("/nowhere")).count() == MANY
    assert seen.opened == 0


def test_the_base_of_a_run_is_found_without_reading_the_others(crowded, looks):
    of_a_tuning = next(info for info in crowded.list() if info.kind == "tuning").spec.base()
    with looks() as seen:
        assert all(info.spec.base() == of_a_tuning for info in crowded.list(RunFilter(base=of_a_tuning.key())))
    assert seen.opened == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.sampled_from(["", "softpt", "SoftPT lstm", "random coins", "nothing", "%", "_"]), st.sampled_from(["", "tuning", "pretraining"]),
       st.sampled_from(["", "SoftPT", "LoRAWT"]), st.sampled_from(["", "done", "paused"]),
       st.sampled_from([(), (("method.length", 2),), (("seeds.pretrain", 7),), (("recipe.steps", 4), ("method.kind", "soft"))]))
def test_filters_mean_what_they_mean_in_python(crowded, text, kind, method, state, where):
    def fits(info) -> bool:
        values = info.spec.model_dump(mode="json")
        said = f"{info.key} {info.status.state} {info.kind} {info.label} {info.spec.body.label} {method_of(info)}".lower()
        return (all(word in said for word in text.lower().split()) and kind in ("", info.kind) and method in ("", method_of(info))
                and state in ("", info.status.state)
                and all((values[a] or {}).get(b) == value for (a, b), value in ((name.split("."), value) for name, value in where)))

    wanted = RunFilter(text=text, kind=kind, method=method, state=state, where=where)
    expected = [info.key for info in crowded.list() if fits(info)]
    assert [info.key for info in crowded.list(wanted)] == expected and crowded.count(wanted) == len(expected)
    assert [info.key for info in crowded.list(wanted, limit=3, offset=2)] == expected[2:5]


def method_of(info) -> str:
    return info.spec.method.label if info.spec.is_tuning else ""


def test_columns_say_what_occurs_and_how_often(crowded):
    assert crowded.tally("method") == {"SoftPT": 180} and crowded.tally("state") == {"done": MANY - RESTING, "paused": RESTING}
    assert crowded.tally("state", RunFilter(method="SoftPT", where=(("seeds.pretrain", 5),))) == {"done": 1}
    assert sum(crowded.tally("base").values()) == 180


def test_the_size_on_the_disk_is_that_of_the_files(few):
    assert few.size() == sum(few.get(key).size() for key in few.keys()) > 5000  # noqa: SIM118
    assert few.size(RunFilter(kept="shipped")) == 0


def test_a_run_that_comes_goes_on_and_goes_is_seen_at_once(few):
    folder = few.create(pretraining(seed=99))
    assert states(few)[folder.key] == "queued"
    for state in ("paused", "diverged"):
        folder.write_status(folder.status().but(state=state))
        assert states(few)[folder.key] == state and states(few) == truth(few)
    few.delete(folder.key)
    assert folder.key not in states(few) and states(few) == truth(few)


def test_a_run_that_was_deleted_and_asked_for_again_is_a_new_one(few):
    folder = few.create(pretraining(seed=99))
    folder.write_status(folder.status().but(state="diverged"))
    few.list()
    few.delete(folder.key)
    few.create(pretraining(seed=99))
    assert states(few)[folder.key] == "queued"


def test_a_run_whose_program_is_gone_is_interrupted_although_no_file_changed(few, monkeypatch):
    folder = few.create(pretraining(seed=99))
    folder.write_status(folder.status().but(pid=NOBODY, host=ClaimHolder.here().host))
    monkeypatch.setattr("tutor.runs.folder.has_ended", lambda pid, host: False)
    monkeypatch.setattr("tutor.runs.run_index.has_ended", lambda pid, host: False)
    assert states(few)[folder.key] == "queued"
    monkeypatch.undo()
    assert states(few)[folder.key] == "interrupted"


def test_a_finished_run_that_is_damaged_later_is_seen_where_it_is_shown(few):
    key = next(key for key, state in states(few).items() if state == "done")
    few.get(key).file("summary.json").unlink()
    assert states(few)[key] == "corrupt"
    (few.root / key / "spec.json").write_text("{")
    assert next(info for info in few.list() if info.key == key).spec is None


def test_folders_that_are_copied_in_or_taken_out_by_hand_are_seen(few, tmp_path):
    key = few.keys()[0]
    shutil.move(few.root / key, tmp_path / key)
    assert key not in states(few)
    shutil.move(tmp_path / key, few.root / key)
    assert states(few) == truth(few) and len(states(few)) == 5


@pytest.mark.parametrize("damage", [b"no table at all " * 400, b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_table_is_made_anew(few, damage):
    path, expected = few.root / "index" / "runs.sqlite", states(few)
    again = RunStore(few.root, shipped=few.shipped)
    path.write_bytes(damage)
    assert states(again) == expected
    assert sqlite3.connect(path).execute("SELECT count(*) FROM runs").fetchone() == (5,)


def test_a_table_that_lost_its_columns_or_is_of_another_version_is_made_anew(few):
    path, expected = few.root / "index" / "runs.sqlite", states(few)
    with sqlite3.connect(path) as table:
        table.execute("PRAGMA user_version = 1")
        table.execute("DELETE FROM runs")
    assert states(RunStore(few.root, shipped=few.shipped)) == expected


def test_a_store_that_cannot_be_written_is_listed_all_the_same(few):
    expected = states(few)
    shutil.rmtree(few.root / "index")
    (few.root / "index").touch()
    again = RunStore(few.root, shipped=few.shipped)
    assert states(again) == expected
    again.create(pretraining(seed=99))
    assert len(states(again)) == 6 and (few.root / "index").is_file()


def test_looking_at_a_store_that_is_not_there_does_not_make_it(tmp_path):
    store = RunStore(tmp_path / "later", shipped=tmp_path / "none")
    assert store.list() == [] and store.count() == 0 and not store.root.exists()
    store.create(pretraining())
    assert [info.key for info in store.list()] == [pretraining().key()]


def test_a_shipped_run_is_listed_once_and_first_of_all(few, tmp_path):
    key = few.create(pretraining()).key
    assert [info.shipped for info in few.list() if info.key == key] == [False]
    shutil.copytree(few.root / key, few.shipped / key)
    assert [info.shipped for info in few.list() if info.key == key] == [True] and few.count() == 6
    assert few.count(RunFilter(kept="own")) == 5
    shutil.rmtree(few.shipped / key)
    assert [info.shipped for info in few.list() if info.key == key] == [False]


def test_a_pack_that_comes_or_is_replaced_is_seen(few, tmp_path):
    pack = write_pack(pretrain(pretraining(), RunStore(tmp_path / "other", shipped=few.shipped)).folder, few.shipped)
    assert states(few)[pack.key] == "done" and few.count() == 6
    pack.path.write_bytes(b"PK")
    assert states(few)[pack.key] == "corrupt"
    pack.path.unlink()
    assert pack.key not in states(few)


def test_many_at_once_make_one_table(tmp_path):
    keys = many_runs(tmp_path / "runs", 60)
    stores = [RunStore(tmp_path / "runs", shipped=tmp_path / "none") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda store: sorted(info.key for info in store.list()), stores))
    assert found == [sorted(keys)] * 6


def test_a_line_says_what_the_folder_says(few):
    for info in few.list():
        folder = RunFolder(few.root / info.key)
        assert (info.spec, info.status, info.label) == (folder.spec(), folder.status(), folder.spec().label)
        assert (info.kind, info.shipped) == (info_of(folder).kind, False)


def test_a_long_list_reads_its_lines_page_by_page_and_leaves_out_what_was_deleted(few, monkeypatch):
    whole = [info.key for info in few.list()]
    monkeypatch.setattr(run_index, "CHECKED", 2)
    monkeypatch.setattr(run_list, "PAGE", 2)
    long = few.list()
    assert isinstance(long, run_list.RunList) and [info.key for info in long] == whole
    assert [info.key for info in long[2:4]] == whole[2:4] and long[-1].key == whole[-1] and long[3] == few.list()[3]
    few.delete(whole[4])
    assert few.count() == len(whole) - 1                # the table knows
    assert [info.key for info in long] == whole[:4] + whole[5:] and len(long) == len(whole)
    with pytest.raises(IndexError, match=f"run {whole[4]} has been deleted"):
        long[4]
