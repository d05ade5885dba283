"""`prompt-tutor runs`: finished and unfinished runs are listed, shown, verified, exported and deleted."""

import orjson
from smallest import pretraining, tuning

from tutor.cli.run_commands import order_by_source
from tutor.runs.engine.runner import pretrain


def test_a_table_begins_with_the_target_however_the_summary_is_ordered(command, users_store):
    pretrain(tuning(), users_store)
    assert order_by_source({"10": {"a": 1}, "9": {"b": 2}, "0": {}}) == [(0, {}), (9, {"b": 2}), (10, {"a": 1})]
    out = command("runs", "show", tuning().key())[1]
    places = [out.index(f"│ {label} ") for label in ("Single coin 0.2 (target)", "Random coins", "Two coins 0.2 / 0.8")]
    assert places == sorted(places)


def test_the_list_of_runs_is_for_people_and_for_programs(command, users_store):
    pretrain(pretraining(), users_store)
    assert pretraining().key() in command("runs", "list")[1]
    own = [entry for entry in orjson.loads(command("runs", "list", "--json")[1]) if not entry["shipped"]]
    assert [(entry["key"], entry["status"]["state"]) for entry in own] == [(pretraining().key(), "done")]


def test_the_beginning_of_a_key_will_do_where_it_is_one_run_alone(command, users_store, tmp_path):
    key = pretrain(pretraining(), users_store).key
    (users_store.root / f"{key[:7]}{'0' * 9}").mkdir()
    assert orjson.loads(command("runs", "show", key[:8], "--json")[1])["key"] == key
    assert command("runs", "export", key[:8], "--out", tmp_path / "x.zip")[0] == command("runs", "verify", key[:8])[0] == 0
    code, _, err = command("runs", "show", key[:6])
    assert code == 2 and err == f"{key[:6]} is the beginning of 2 runs, {', '.join(sorted([key, key[:7] + '0' * 9]))}; give more digits\n"
    assert command("runs", "delete", key[:8])[2] == f"run {key} is deleted\n" and users_store.find(key) is None


def test_the_list_of_runs_can_be_ones_own_or_the_newest(command, users_store):
    for seed in (0, 1, 2):
        users_store.create(pretraining(seed=seed))

    def listed(*options: object) -> list[str]:
        return [entry["key"] for entry in orjson.loads(command("runs", "list", *options, "--json")[1])]

    assert sorted(listed("--own")) == sorted(pretraining(seed=seed).key() for seed in (0, 1, 2))
    assert listed("--last", 2) == listed("--own")[:2] and len(listed()) > 100


def test_the_specification_that_is_shown_is_one_to_start_from(command, users_store, spec_file):
    pretrain(tuning(), users_store)
    spec_file.write_text(command("runs", "show", tuning().key(), "--spec")[1])
    assert orjson.loads(command("run", spec_file, "--json")[1])["key"] == tuning().key()


def test_an_unfinished_run_is_shown_with_its_state(command, users_store):
    users_store.create(pretraining())
    assert "queued at step 0 of 12" in command("runs", "show", pretraining().key())[1]


def test_a_run_is_exported_where_it_was_asked_for(command, users_store, tmp_path):
    pretrain(pretraining(), users_store)
    code, out, _ = command("runs", "export", pretraining().key(), "--out", tmp_path / "x.zip")
    assert (code, out) == (0, f"{tmp_path / 'x.zip'}\n") and (tmp_path / "x.zip").stat().st_size > 0
    assert command("runs", "export", pretraining().key(), "--out", tmp_path / "no" / "x.zip")[0] == 2


def test_verifying_names_the_file_that_is_wrong_and_exits_1(command, users_store):
    folder = pretrain(pretraining(), users_store).folder
    assert command("runs", "verify", folder.key)[0] == 0
    folder.file("weights.safetensors").write_bytes(b"broken")
    code, out, err = command("runs", "verify", folder.key)
    assert code == 1 and "weights.safetensors" in out and err == "1 files are wrong in 1 of 1 runs\n"
    (found,) = orjson.loads(command("runs", "verify", folder.key, "--json")[1])
    assert [fault["file"] for fault in found["faults"]] == ["weights.safetensors"]


def test_a_deleted_run_is_gone(command, users_store):
    users_store.create(pretraining())
    assert command("runs", "delete", pretraining().key())[0] == 0
    assert users_store.find(pretraining().key()) is None


