"""`prompt-tutor study`: verdicts for people and for scripts, and what a study costs before it starts."""

import re

import orjson
import pytest
from smallest import SmallStudy, tuning

from tutor import studies
from tutor.cli import study_commands
from tutor.core.paths import ASSETS
from tutor.runs.engine.runner import pretrain


@pytest.fixture
def small_study(monkeypatch, users_store):
    """The small study among the others, its runs finished."""
    monkeypatch.setitem(studies.STUDIES, "small", SmallStudy())
    for spec in SmallStudy().specs(studies.FAST):
        pretrain(spec, users_store)


def test_a_study_prints_the_one_json_object_that_scripts_rely_on(command, small_study):
    code, out, _ = command("study", "small", "--json")
    found = orjson.loads(out)
    assert code == 0 and {"study", "claim", "source", "preset", "verdict", "rows"} <= found.keys()
    assert (found["verdict"], found["preset"]) == ("reproduced", "fast")
    assert {"method", "body", "on", "n", "regret", "q25", "q75", "repetitions", "trainable", "seconds"} <= found["rows"][0].keys()


def test_a_study_for_people_ends_with_its_verdict(command, small_study):
    code, out, _ = command("study", "small")
    assert code == 0 and "Claim: tuning helps" in out and out.endswith("Verdict: reproduced\n")


def test_a_number_that_is_only_a_lower_bound_is_written_as_one():
    row = {"value": 400.0, "q25": 317.0, "q75": 400.0}
    assert study_commands.measured_cells(row) == ["400.000 (317.000 – 400.000)"]
    assert study_commands.measured_cells(row | {"at_least": ["value", "q75"]}) == ["over 400.000 (317.000 – over 400.000)"]
    assert study_commands.measured_cells({name: 400.0 for name in row} | {"at_least": list(row)}) == ["over 400.000"]


def test_the_paper_preset_says_its_hours_before_it_starts(command, small_study, monkeypatch):
    from tutor.runs.engine import batch  # noqa: PLC0415

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "compute_runs", interrupted)
    code, out, err = command("study", "small", "--paper")
    assert (code, out) == (130, "") and re.search(r"1 run to compute, estimated \d+\.\d\d h", err)
    assert err.endswith("stopped; continue with `prompt-tutor study small --paper --continue`\n")


def test_a_study_without_settings_of_its_source_refuses_the_paper_preset_in_a_sentence(command):
    code, out, err = command("study", "depth", "--paper")
    assert (code, out) == (2, "") and "depth has no settings of its source to run with; leave --paper out" in err


def test_the_cost_of_a_computed_study_is_what_it_took(command):
    found = {entry["study"]: entry["cost"]["fast"] for entry in orjson.loads(command("study", "--list", "--json")[1])}
    kept = orjson.loads((ASSETS / "studies" / "order-fast.json").read_bytes())
    assert found["order"]["seconds"] == pytest.approx(kept["seconds"], abs=0.5)
    specs = {one for spec in [*studies.STUDIES["order"].specs(studies.FAST),
                              *(spec for seed in kept["bases"] for spec in studies.STUDIES["order"].specs(studies.FAST.on_base(seed)))]
             for one in (spec, spec.base())}
    assert found["order"]["runs"] == len(specs)


def test_a_study_begins_with_its_longest_runs(command, users_store, monkeypatch):
    from tutor.runs.engine import batch  # noqa: PLC0415

    lengths = []

    def asked(specs, *_, **__):
        lengths.extend(spec.tuning.steps for spec in specs if spec.is_tuning)
        raise KeyboardInterrupt

    class Growing(SmallStudy):
        def specs(self, preset):
            return [tuning(steps=steps) for steps in (3, 20, 8)]

    monkeypatch.setitem(studies.STUDIES, "small", Growing())
    monkeypatch.setattr(batch, "compute_runs", asked)
    assert command("study", "small")[0] == 130 and lengths == [20, 8, 3]


def test_the_list_of_studies_is_an_array_with_names_claims_sources_and_cost(command):
    found = orjson.loads(command("study", "--list", "--json")[1])
    assert [entry["study"] for entry in found] == list(studies.STUDIES)
    assert all(entry["claim"] and entry["source"] for entry in found)
    costs = {entry["study"]: {preset: cost["seconds"] for preset, cost in entry["cost"].items()} for entry in found}
    assert all(min(cost.values()) > 0 for cost in costs.values())
    assert set(costs["random-to-single"]) == {"fast", "paper"} and set(costs["depth"]) == {"fast"}
    results = [orjson.loads(path.read_bytes()) for path in (ASSETS / "studies").glob("*-fast.json")]
    shipped = {result["study"]: result["verdict"] for result in results}
    verdicts = {entry["study"]: entry["verdict"]["fast"] for entry in found}
    assert {name: verdict for name, verdict in verdicts.items() if verdict}.items() <= shipped.items()
    assert verdicts["random-to-single"] == "reproduced"


def test_the_list_for_people_says_verdict_and_cost_and_counts_what_is_shared_once(command, small_study, monkeypatch):
    class Twin(SmallStudy):
        name = "twin"

    monkeypatch.setattr(study_commands, "STUDIES", {one.name: one for one in (SmallStudy(), Twin())})
    assert command("study", "small")[0] == 0
    small, twin = (re.sub(r"\s+", " ", line) for line in command("study", "--list")[1].splitlines() if re.match("│ (small|twin) ", line))
    assert "│ reproduced │" in small and "tuning helps (this test) │ fast: at once (2 runs, " in small
    assert "│ not computed │" in twin and "│ fast: 2 runs, " in twin
    assert "All with --fast, what they share counted once: 2 runs, " in command("study", "--list")[1]


