"""What the command line promises: results on stdout, one sentence for every mistake, and the exit code that says how it ended."""

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from smallest import pretraining, tuning

from tutor import cli, studies
from tutor.cli import studying
from tutor.cli.answers import number
from tutor.places import ASSETS
from tutor.runner import pretrain
from tutor.spec import Evaluation
from tutor.store import RunStore
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, regret_row


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store that every command uses."""
    monkeypatch.setenv("TUTOR_STORE", str(tmp_path / "runs"))
    return RunStore(tmp_path / "runs")


@pytest.fixture
def spec_file(tmp_path):
    path = tmp_path / "spec.toml"
    path.write_text(pretraining().to_toml())
    return path


@pytest.fixture
def command(capsys):
    """arguments -> (exit code, stdout, stderr)"""
    def run(*arguments: object):
        code = cli.answer([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_run_prints_its_key_and_one_json_document(command, store, spec_file):
    code, out, _ = command("run", spec_file, "--json")
    found = orjson.loads(out)
    assert (code, found["key"], found["state"]) == (0, pretraining().key(), "done")
    assert found["summary"]["evaluated_on"][0]["kind"] == "dirichlet"


def test_a_run_for_people_shows_every_source_it_was_measured_on(command, store, spec_file):
    code, out, _ = command("run", spec_file)
    assert code == 0 and pretraining().key() in out
    assert all(label in out for label in ("Random coins (pretrained on)", "Single coin 0.2", "Two coins 0.2 / 0.8"))


def test_a_table_begins_with_the_target_however_the_summary_is_ordered(command, store):
    folder = pretrain(tuning(), store).folder
    summary = folder.summary()
    summary["regret"] = dict(reversed(summary["regret"].items()))
    folder.file("summary.json").write_bytes(orjson.dumps(summary))
    sums = orjson.loads(folder.file("checksums.json").read_bytes())
    sums["summary.json"] = hashlib.sha256(folder.file("summary.json").read_bytes()).hexdigest()
    folder.file("checksums.json").write_bytes(orjson.dumps(sums))
    out = command("runs", "show", tuning().key())[1]
    places = [out.index(f"│ {label} ") for label in ("Single coin 0.2 (target)", "Random coins", "Two coins 0.2 / 0.8")]
    assert places == sorted(places)


@pytest.mark.parametrize(("value", "said"), [(0.0, "0.000"), (1.23456, "1.235"), (0.1, "0.100"), (-0.0340, "-0.0340"),
                                             (0.00011949, "0.000119"), (3.5e-05, "3.50e-05"), (45.6789, "45.679")])
def test_a_number_of_a_table_has_three_digits_that_say_something(value, said):
    assert number(value) == said


def test_the_store_option_decides_where_a_run_is_kept(command, store, spec_file, tmp_path):
    command("run", spec_file, "--store", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / pretraining().key()).is_dir() and not store.root.exists()


GOOD = pretraining().to_toml()
COINS = "probs = [[0.2, 0.8], [0.8, 0.2]]"
WRONG = {
    "source.probs: probs holds 1.5; every probability must lie between 0 and 1": 'kind = "categorical"\nprobs = [1.5, -0.5]',
    "source: weights sums to 0.9; it must sum to 1": f'kind = "mixture"\n{COINS}\nweights = [0.4, 0.5]',
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_source_that_cannot_be_is_one_sentence(command, store, spec_file, sentence):
    spec_file.write_text("[source]\n" + WRONG[sentence] + GOOD[GOOD.index("\n[body]"):])
    assert command("run", spec_file) == (2, "", sentence + "\n")


MISTAKES = {
    "recipe.stepz is not a field; did you mean steps?": ("steps = 12", "stepz = 12"),
    "width is 10 and heads is 4; the width must be divisible by the heads": ('width = 4\nlayers = 1\nembedding = 4\nkind = "lstm"',
                                                                            'width = 10\nheads = 4\nkind = "transformer"'),
    "the specification is not valid TOML: Invalid value (at line 12": ("steps = 12", "steps = "),
    "seeds.repetitions is 0; input should be greater than or equal to 1": ("repetitions = 1", "repetitions = 0"),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_in_a_specification_is_one_sentence_that_names_it(command, store, spec_file, sentence):
    assert MISTAKES[sentence][0] in GOOD
    spec_file.write_text(GOOD.replace(*MISTAKES[sentence]))
    code, out, err = command("run", spec_file)
    assert (code, out) == (2, "") and sentence in err and err.count("\n") == 1


@pytest.mark.parametrize("length", [-1, 10**9])
def test_a_prompt_length_that_cannot_be_is_one_sentence(command, store, spec_file, length):
    spec_file.write_text(re.sub("length = 2", f"length = {length}", tuning().to_toml()))
    code, _, err = command("run", spec_file)
    assert code == 2 and err.startswith(f"method.length is {length}; ") and err.count("\n") == 1


@pytest.mark.parametrize(("arguments", "said"), [
    (["run", "missing.toml"], "missing.toml cannot be read"),
    (["run", "spec.txt"], "must end in .toml or .json"),
    (["run"], "Missing argument 'SPEC'"),
    (["study", "random-to-singel"], "did you mean random-to-single?"),
    (["study"], "no study is named; there are random-to-single, random-to-mixture"),
    (["runs", "show", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["runs", "show", "../../etc"], "is not a run key"),
    (["runs", "show", "01234"], "'01234' is not a run key; a key has 16 hexadecimal digits, of which the first six may do"),
    (["runs", "list", "--last", "0"], "Invalid value for '--last'"),
    (["runs", "export", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["runs", "delete", "0123456789abcdef"], "there is no run 0123456789abcdef"),
    (["bench", "speed"], "speed is not a bench; there are "),
    (["frobnicate"], "No such command 'frobnicate'"),
    (["--prot", "3"], "No such option: --prot"),
    (["app", "--port", "99999"], "--port is 99999; it must lie between 1 and 65535"),
    (["app", "--host", "nowhere.invalid"], "--host is nowhere.invalid; it must be an address of this computer"),
    (["app", "--lessons", "nowhere"], "--lessons is nowhere; it must be a folder"),
    (["app", "--scheduler", "somewhere"], "--scheduler is somewhere; it must look like tcp://host:8786"),
    (["app", "--scheduler", "tcp://127.0.0.1:9"], "no scheduler answers at tcp://127.0.0.1:9"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bad_input_is_exit_2_and_one_sentence(command, store, arguments, said):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["run", "{spec}"], ["app", "--no-browser"], ["study", "small"]])
def test_a_store_that_cannot_be_written_is_one_sentence(command, spec_file, tmp_path, monkeypatch, arguments):
    monkeypatch.setitem(studies.STUDIES, "small", SmallStudy())
    (tmp_path / "file").write_bytes(b"")
    named = [argument.format(spec=spec_file) for argument in arguments]
    code, _, err = command(*named, "--store", tmp_path / "file" / "runs")
    assert code == 2 and err.splitlines()[-1].startswith("cannot write to the store")


def test_a_port_that_is_in_use_is_one_sentence(command, store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = command("app", "--port", taken.getsockname()[1], "--no-browser")
    assert code == 2 and re.fullmatch(r"port \d+ of 127\.0\.0\.1 is in use \(.*\); choose another with --port or --host\n", err)


def test_a_run_that_fails_is_exit_1_with_its_reason(command, store, spec_file):
    bad = pretraining(steps=60, batch=1, length=12, learning_rate=1.0, clip=1000.0).to_toml()
    two_coins = '[source]\nkind = "mixture"\nprobs = [[0.01, 0.99], [0.99, 0.01]]\nweights = [0.5, 0.5]\n'
    spec_file.write_text(two_coins + bad[bad.index("\n[body]"):])
    code, out, err = command("run", spec_file)
    assert (code, out) == (1, "") and "is diverged: diverged at step" in err


def test_the_list_of_runs_is_for_people_and_for_programs(command, store):
    pretrain(pretraining(), store)
    assert pretraining().key() in command("runs", "list")[1]
    own = [entry for entry in orjson.loads(command("runs", "list", "--json")[1]) if not entry["shipped"]]
    assert [(entry["key"], entry["status"]["state"]) for entry in own] == [(pretraining().key(), "done")]


def test_the_beginning_of_a_key_will_do_where_it_is_one_run_alone(command, store, tmp_path):
    key = pretrain(pretraining(), store).key
    (store.root / f"{key[:7]}{'0' * 9}").mkdir()
    assert orjson.loads(command("runs", "show", key[:8], "--json")[1])["key"] == key
    assert command("runs", "export", key[:8], "--out", tmp_path / "x.zip")[0] == command("runs", "verify", key[:8])[0] == 0
    code, _, err = command("runs", "show", key[:6])
    assert code == 2 and err == f"{key[:6]} is the beginning of 2 runs, {', '.join(sorted([key, key[:7] + '0' * 9]))}; give more digits\n"
    assert command("runs", "delete", key[:8])[2] == f"run {key} is deleted\n" and store.find(key) is None


def test_the_list_of_runs_can_be_ones_own_or_the_newest(command, store):
    for seed in (0, 1, 2):
        store.create(pretraining(seed=seed))

    def listed(*options: object) -> list[str]:
        return [entry["key"] for entry in orjson.loads(command("runs", "list", *options, "--json")[1])]

    assert sorted(listed("--own")) == sorted(pretraining(seed=seed).key() for seed in (0, 1, 2))
    assert listed("--last", 2) == listed("--own")[:2] and len(listed()) > 100


def test_the_specification_that_is_shown_is_one_to_start_from(command, store, spec_file):
    pretrain(tuning(), store)
    spec_file.write_text(command("runs", "show", tuning().key(), "--spec")[1])
    assert orjson.loads(command("run", spec_file, "--json")[1])["key"] == tuning().key()


def test_an_unfinished_run_is_shown_with_its_state(command, store):
    store.create(pretraining())
    assert "queued at step 0 of 12" in command("runs", "show", pretraining().key())[1]


def test_a_run_is_exported_where_it_was_asked_for(command, store, tmp_path):
    pretrain(pretraining(), store)
    code, out, _ = command("runs", "export", pretraining().key(), "--out", tmp_path / "x.zip")
    assert (code, out) == (0, f"{tmp_path / 'x.zip'}\n") and (tmp_path / "x.zip").stat().st_size > 0
    assert command("runs", "export", pretraining().key(), "--out", tmp_path / "no" / "x.zip")[0] == 2


def test_verifying_names_the_file_that_is_wrong_and_exits_1(command, store):
    folder = pretrain(pretraining(), store).folder
    assert command("runs", "verify", folder.key)[0] == 0
    folder.file("weights.safetensors").write_bytes(b"broken")
    code, out, err = command("runs", "verify", folder.key)
    assert code == 1 and "weights.safetensors" in out and err == "1 files are wrong in 1 of 1 runs\n"
    (found,) = orjson.loads(command("runs", "verify", folder.key, "--json")[1])
    assert [fault["file"] for fault in found["faults"]] == ["weights.safetensors"]


def test_a_deleted_run_is_gone(command, store):
    store.create(pretraining())
    assert command("runs", "delete", pretraining().key())[0] == 0
    assert store.find(pretraining().key()) is None


class SmallStudy(AbstractStudy):
    """A study of one tuning."""

    name, title, claim, source = "small", "A small study", "tuning helps", "this test"

    def specs(self, preset):
        evaluation = Evaluation(length=200, sequences=16)
        return [tuning(steps=8 if preset.name == "fast" else 9).model_copy(update={"evaluation": evaluation})]

    def rows(self, preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows):
        return [Check("regret is finite", rows[0].after(200), Band.exactly(1e6), "below", "arithmetic")]


@pytest.fixture
def small_study(monkeypatch, store):
    """The small study among the others, its runs finished."""
    monkeypatch.setitem(studies.STUDIES, "small", SmallStudy())
    for spec in SmallStudy().specs(studies.FAST):
        pretrain(spec, store)


def test_a_study_prints_the_one_json_object_that_scripts_rely_on(command, small_study):
    code, out, _ = command("study", "small", "--json")
    found = orjson.loads(out)
    assert code == 0 and {"study", "claim", "source", "preset", "verdict", "rows"} <= found.keys()
    assert (found["verdict"], found["preset"]) == ("reproduced", "fast")
    assert {"method", "body", "on", "n", "regret", "q25", "q75", "repetitions", "trainable", "seconds"} <= found["rows"][0].keys()


def test_a_study_for_people_ends_with_its_verdict(command, small_study):
    code, out, _ = command("study", "small")
    assert code == 0 and "Claim: tuning helps" in out and out.endswith("Verdict: reproduced\n")


def test_the_paper_preset_says_its_hours_before_it_starts(command, small_study, monkeypatch):
    from tutor import batch  # noqa: PLC0415

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "compute", interrupted)
    code, out, err = command("study", "small", "--paper")
    assert (code, out) == (130, "") and re.search(r"1 run to compute, estimated \d+\.\d\d h", err)
    assert err.endswith("stopped; continue with `prompt-tutor study small --paper`\n")


def test_a_study_begins_with_its_longest_runs(command, store, monkeypatch):
    from tutor import batch  # noqa: PLC0415

    lengths = []

    def asked(specs, *_, **__):
        lengths.extend(spec.tuning.steps for spec in specs if spec.is_tuning)
        raise KeyboardInterrupt

    class Growing(SmallStudy):
        def specs(self, preset):
            return [tuning(steps=steps) for steps in (3, 20, 8)]

    monkeypatch.setitem(studies.STUDIES, "small", Growing())
    monkeypatch.setattr(batch, "compute", asked)
    assert command("study", "small")[0] == 130 and lengths == [20, 8, 3]


def test_the_list_of_studies_is_an_array_with_names_claims_sources_and_cost(command):
    found = orjson.loads(command("study", "--list", "--json")[1])
    assert [entry["study"] for entry in found] == list(studies.STUDIES)
    assert all(entry["claim"] and entry["source"] and entry["cost"]["paper"]["seconds"] > 0 for entry in found)
    results = [orjson.loads(path.read_bytes()) for path in (ASSETS / "studies").glob("*-fast.json")]
    shipped = {result["study"]: result["verdict"] for result in results}
    verdicts = {entry["study"]: entry["verdict"]["fast"] for entry in found}
    assert {name: verdict for name, verdict in verdicts.items() if verdict}.items() <= shipped.items()
    assert verdicts["random-to-single"] == "reproduced"


def test_the_list_for_people_says_verdict_and_cost_and_counts_what_is_shared_once(command, small_study, monkeypatch):
    class Twin(SmallStudy):
        name = "twin"

    monkeypatch.setattr(studying, "STUDIES", {one.name: one for one in (SmallStudy(), Twin())})
    assert command("study", "small")[0] == 0
    small, twin = (re.sub(r"\s+", " ", line) for line in command("study", "--list")[1].splitlines() if re.match("│ (small|twin) ", line))
    assert "│ reproduced │" in small and "tuning helps (this test) │ fast: at once (2 runs, " in small
    assert "│ not computed │" in twin and "│ fast: 2 runs, " in twin
    assert "All with --fast, what they share counted once: 2 runs, " in command("study", "--list")[1]


def test_help_and_version_come_without_torch():
    code = "import sys; from tutor.cli import answer; assert answer(['--help']) == answer(['--version']) == 0; print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'typer'" in out and not any(f"'{heavy}'" in out for heavy in ("torch", "distributed", "streamlit", "pandas"))


def test_ctrl_c_stops_a_run_with_130_and_it_resumes(store, tmp_path):
    path = tmp_path / "spec.toml"
    path.write_text(pretraining(steps=100_000).to_toml())
    program = subprocess.Popen([sys.executable, "-c", "from tutor.cli import main; main()", "run", str(path)],
                               stderr=subprocess.PIPE, text=True, env=os.environ)
    key = pretraining(steps=100_000).key()
    deadline = time.monotonic() + 300
    while store.find(key) is None or store.get(key).status().step == 0:
        assert program.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    program.send_signal(signal.SIGINT)
    assert program.wait(60) == 130
    assert f"stopped; continue with `prompt-tutor run {path}`" in program.stderr.read()
    assert store.get(key).status().state == "paused"


def test_a_command_line_without_command_opens_the_app(monkeypatch):
    from tutor.cli import opening  # noqa: PLC0415

    asked = []
    monkeypatch.setattr(opening, "open_app", lambda *place, **how: asked.append((*place, how["browser"], how["store"])))
    assert cli.answer(["--port", "8600", "--no-browser"]) == cli.answer([]) == cli.answer(["app", "--store", "x"]) == 0
    assert asked == [("127.0.0.1", 8600, False, None), ("127.0.0.1", None, True, None), ("127.0.0.1", None, True, Path("x"))]
