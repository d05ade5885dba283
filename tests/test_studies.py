"""Studies: rows and bands, what every study promises, how a result is made, and that shipped results follow from shipped runs."""

import functools
import json
import math
from pathlib import Path

import pytest
from smallest import SmallStudy

from tests.nearly import find_difference
from tutor import exact
from tutor.core.paths import ASSETS
from tutor.methods import HardPT, SoftPT
from tutor.predictors import LSTM
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import Evaluation
from tutor.runs.store import RunStore
from tutor.sources import TinyLanguage
from tutor.studies import (
    FAST,
    PAPER,
    STUDIES,
    Preset,
    belief_presets,
    belongs,
    estimate_seconds,
    first_token,
    list_missing,
    make_result,
    presets,
)
from tutor.studies.checks import Check, Plan, decide
from tutor.studies.measured_rows import Band, Row, baseline_rows, pool_rows, regret_row
from tutor.studies.order import one_flip_divergence
from tutor.studies.presets import COINS, SINGLE, TWO_COINS
from tutor.studies.row_fields import find, select
from tutor.studies.study_result import read_replications, replications_of
from tutor.training.recipe import Recipe

QUICK = Preset("quick", Recipe(steps=2, batch=4, length=10), Recipe(steps=2, batch=4, length=10), repetitions=2,
               evaluation=Evaluation(sequences=16), hard=HardPT(sequences=16), aside=1, looks=(2,))


def shipped(name: str) -> dict:
    return json.loads((ASSETS / "studies" / f"{name}-fast.json").read_text())


def test_counts_that_got_no_end_leave_lower_bounds():
    assert Band.counted([100.0, 200.0, 400.0], end=400) == Band(150.0, 200.0, 300.0)
    assert Band.counted([234.0, math.inf, math.inf], end=400) == Band(317.0, 400.0, 400.0, ("q25", "median", "q75"))
    assert Band.counted([100.0, 200.0, 300.0, 400.0, math.inf], end=400) == Band(200.0, 300.0, 400.0)


def test_lower_bounds_are_named_in_the_json_of_a_row_and_have_no_value_to_decide_on():
    band = Band.counted([100.0, math.inf, math.inf], end=400)
    row = Row("SoftPT", "LSTM", "a coin", (band,), metric="steps").as_json()
    assert (row["value"], row["q25"], row["at_least"]) == (400.0, 250.0, ["q25", "value", "q75"])
    assert Row("SoftPT", "LSTM", "a coin", (band,)).value == math.inf and Row("SoftPT", "LSTM", "a coin", (Band(1.0, 2.0, 3.0),)).value == 2


def test_several_runs_make_one_row_that_names_them_all_and_their_time():
    rows = [Row("SoftPT", "LSTM", "a coin", (Band.exactly(value),), seconds=value, key=f"{value:g}", trainable=4)
            for value in (1.0, 2.0, 6.0)]
    found = pool_rows(rows)
    assert (found.bands, found.repetitions, found.seconds, found.trainable) == ((Band(1.5, 2.0, 4.0),), 3, 9.0, 4)
    assert (found.as_json()["key"], found.as_json()["keys"]) == ("1", ["1", "2", "6"]) and "keys" not in rows[0].as_json()


def test_a_row_says_what_was_trained_for_it_and_by_which_run():
    result = shipped("prompts-belong-to-their-network")["rows"]
    rows = {prompt: select(result, prompt=prompt)[0] for prompt in {row["fields"]["prompt"] for row in result}}
    assert rows[belongs.OWN]["key"] == belongs.THERE.key() != rows[belongs.AT_HOME]["key"] == belongs.HERE.key()
    bare = [row for prompt in (belongs.NOTHING, belongs.RANDOM) for row in select(result, prompt=prompt)]
    assert len(bare) == 4 and {(row["trainable"], row["seconds"], row["key"]) for row in bare} == {(0, 0.0, "")}
    here = (belongs.AT_HOME, belongs.SHUFFLED, belongs.WITHOUT, belongs.ELSEWHERE)
    assert {rows[name]["key"] for name in here} == {belongs.HERE.key()} and all(rows[name]["trainable"] for name in here)


def test_the_width_of_virtual_tokens_is_not_picked_afterwards():
    def row(value: float, **fields) -> Row:
        return Row("a label", "Transformer", "words", (Band.exactly(value),), metric="continuations", fields=fields)

    study, best = STUDIES["first-token"], (first_token.VECTORS_TRIED[1], 10.0)
    rows = [row(240.0 if (n, spread) == best else 100.0, tokens=first_token.VIRTUAL, tried=n, spread=spread)
            for n in first_token.VECTORS_TRIED for spread in first_token.SPREADS]
    rows.append(row(211.0, tokens=first_token.REAL))
    assert study.checks(rows)[0].value < 1 and "wider than words" in study.claim


def test_a_band_is_the_median_and_the_quartiles():
    assert Band.over([1.0, 2.0, 3.0, 4.0, 5.0]) == Band(2.0, 3.0, 4.0)


def test_baselines_of_the_single_coin_are_the_exact_values():
    rows = baseline_rows(COINS, SINGLE)
    assert find(rows, reference="PreBayesPT").after(50) == pytest.approx(0.571095, abs=1e-6)
    assert find(rows, reference="PreBayes").after(200) == pytest.approx(2.152453, abs=1e-6)
    assert find(rows, reference="TargetBayes").after(100) == pytest.approx(0, abs=1e-9)
    assert find(baseline_rows(COINS, TWO_COINS), reference="TargetBayes").after(50) == pytest.approx(0.693144, abs=1e-6)


def test_one_changed_flip_matters_less_the_more_flips_there_are():
    assert 0 < one_flip_divergence(COINS, 100) < one_flip_divergence(COINS, 10)


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_every_study_names_valid_runs_a_source_for_its_claim_and_a_plan(study):
    for preset in study.presets:
        specs = study.specs(preset)
        assert specs and estimate_seconds(specs, 2) > 0
    assert study.claim.endswith((".", "?")) and study.source
    assert study.plan.primary and study.plan.scope and (study.plan.budget or study.plan.looks == (1,))


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_every_shipped_result_has_one_primary_check_and_says_why_its_bounds(study):
    found = shipped(study.name)
    assert [check["role"] for check in found["checks"]].count("primary") == bool(found["bases"])
    assert all(check["source"] and len(check["values"]) == len(found["bases"]) for check in found["checks"])
    assert found["plan"] == json.loads(json.dumps(study.plan.as_json()))
    assert found["ledger"] == [change.as_json() for change in study.ledger] and found["ledger"]


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_every_shipped_verdict_follows_from_the_shipped_values(study):
    found = shipped(study.name)
    decision = decide(study.plan, replications_of(found))
    assert (decision.verdict, decision.answer, decision.sentence) == (found["verdict"], found["answer"], found["sentence"])


def test_a_replication_is_another_network_with_one_tuning_per_method():
    study = STUDIES["random-to-single"]
    specs = study.specs(FAST.on_base(104))
    assert {(spec.seeds.pretrain, spec.seeds.tune, spec.seeds.repetitions) for spec in specs} == {(104, 104, 1)}
    assert {spec.method.label for spec in specs} == {"HardPT", "SimplexPT", "SoftPT", "FullWT", "LoRAWT"}        # what the checks read
    assert not {spec.key() for spec in specs} & {spec.key() for spec in study.specs(FAST)}


def test_a_run_that_draws_nothing_at_random_is_not_repeated():
    repeated = {spec.method.label: spec.seeds.repetitions for spec in STUDIES["random-to-single"].specs(FAST)}
    assert repeated["NoTuning"] == 1
    assert repeated["SoftPT"] == FAST.repetitions


def test_the_paper_preset_has_the_settings_of_the_paper():
    spec = next(s for s in STUDIES["random-to-single"].specs(PAPER) if s.method.label == "SoftPT")
    assert (spec.recipe.steps, spec.recipe.batch, spec.recipe.length, spec.recipe.learning_rate) == (1000, 256, 100, 1e-3)
    assert (spec.tuning.steps, spec.tuning.batch, spec.tuning.length, spec.tuning.learning_rate) == (1000, 256, 50, 5e-3)
    assert (spec.method.length, spec.evaluation.sequences) == (6, 2048)


def test_the_paper_preset_of_list_tasks_has_the_settings_of_the_authors_notebooks():
    low_rank = next(s for s in STUDIES["equal-parameters"].specs(PAPER) if s.is_tuning and s.method.label == "LoRAWT")
    assert (low_rank.body.width, low_rank.body.layers, low_rank.method.rank, low_rank.on.items) == (256, 4, 1, 10)
    assert (low_rank.recipe.steps, low_rank.tuning.steps, low_rank.tuning.learning_rate) == (40_000, 10_000, 5e-3)
    one_vector = STUDIES["elicit"].specs(PAPER)[1]
    assert (one_vector.recipe.steps, one_vector.tuning.steps, one_vector.tuning.learning_rate) == (20_000, 30_000, 5e-5)


def test_a_result_is_made_once_its_runs_are_there_and_says_which_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "SEEDS", (2,))                       # a third of the runs that are shown
    store, study = RunStore(tmp_path, shipped=tmp_path / "none"), STUDIES["order"]
    assert make_result(study, QUICK, store) is None
    missing = list_missing(study, QUICK, store)
    assert {spec.seeds.pretrain for spec in missing} == {0, 1, 2}                    # one is shown, two are replications
    for spec in missing:
        pretrain(spec, store)
    made = make_result(study, QUICK, store)
    assert made["keys"] == sorted(spec.key() for spec in study.specs(QUICK)) and made["bases"] == [0, 1]
    assert made["verdict"] == "undecided" and made["seconds"] > 0                    # two networks decide nothing
    assert {row["metric"] for row in made["rows"]} == {"divergence"}
    assert make_result(study, QUICK, store) == made


def test_a_measured_replication_is_kept_while_others_are_missing(tmp_path):
    store, study = RunStore(tmp_path, shipped=tmp_path / "none"), STUDIES["order"]
    for spec in study.specs(QUICK.on_base(1)):
        pretrain(spec, store)
    assert make_result(study, QUICK, store) is None
    assert list(read_replications(study, QUICK, store)) == [1]
    path = tmp_path / "studies" / "order-quick" / "1.json"
    path.write_text(path.read_text().replace('"value"', '"val"'))                   # damaged: measured again
    assert read_replications(study, QUICK, store) == {}


def test_a_second_look_is_taken_only_where_the_first_left_the_claim_undecided(tmp_path):
    class Wavering(SmallStudy):
        plan = Plan(primary="", scope="", looks=(6, 7))

        def checks(self, rows):
            return [Check("a sign", float(next(values)), "this test", low=0.0, role="primary")]

    store, values = RunStore(tmp_path, shipped=tmp_path / "none"), iter([1, -1, 1, -1, 1, -1, 1])
    for spec in Wavering().specs(FAST):
        pretrain(spec, store)
    assert len(make_result(Wavering(), FAST, store)["bases"]) == 7


def test_only_studies_with_settings_of_their_source_have_the_paper_preset():
    assert STUDIES["random-to-single"].presets == (FAST, PAPER) and STUDIES["tiny-language"].presets == (FAST,)


def test_a_row_reads_the_regret_of_the_asked_source_over_all_repetitions(tmp_path):
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    spec = QUICK.tuned(QUICK.base(LSTM(width=8)), SoftPT(length=2), SINGLE)
    run = pretrain(spec, store)
    row, elsewhere = regret_row(run), regret_row(run, TWO_COINS)
    assert (row.method, row.body, row.on, row.repetitions, row.trainable) == ("SoftPT", "LSTM", SINGLE.label, 2, 16)
    assert row.bands[0] == Band.over(run.arrays["regret/0/cumulative"][:, 49]) and row.after(50) == row.bands[0].median
    assert elsewhere.on == TWO_COINS.label
    assert elsewhere.after(50) != row.after(50)


def test_every_study_is_shipped():
    assert {path.stem for path in (ASSETS / "studies").glob("*-fast.json")} == {f"{name}-fast" for name in STUDIES}


def test_the_shipped_runs_are_those_that_studies_read_and_a_page_opens_on_and_all_of_them_are_done():
    read = {one.key() for study in STUDIES.values() for spec in study.specs(FAST) for one in (spec, spec.base())}
    read |= {spec.key() for spec in belief_presets.SHIPPED}
    shipped = RunStore(Path("/nowhere"), shipped=ASSETS / "runs")
    assert {path.stem for path in (ASSETS / "runs").glob("*/*.zip")} == read == {key for key in read if shipped.done(key)}


FROM_RUNS = [name for name, study in STUDIES.items()
             if study.metric in ("regret", "accuracy", "bleu", "excess", "loss", "cosine") and name != "prompts-belong-to-their-network"]
"""Studies whose rows are read off runs in seconds; the others measure networks for minutes."""


@pytest.fixture(scope="module")
def drawn_once():
    """The texts on which dozens of prompts are compared are the same for all of them, and here they are written once."""
    write = TinyLanguage.sample
    kept = functools.cache(write)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TinyLanguage, "sample", lambda self, n, length, rng: (kept if isinstance(rng, int) else write)(self, n, length, rng))
        yield


@pytest.mark.parametrize("name", FROM_RUNS)
def test_shipped_results_follow_from_shipped_runs(name, tmp_path, drawn_once):
    kept, study, store = shipped(name), STUDIES[name], RunStore(tmp_path)
    rows = study.rows(FAST, lambda spec: store.load(spec.key()))
    assert find_difference([row.as_json() for row in rows], kept["rows"]) == ""


def test_a_difference_beyond_rounding_is_named():
    kept = {"n": 3, "rows": [{"q25": 0.5, "text": "a"}]}
    assert find_difference({"n": 3, "rows": [{"q25": 0.50001, "text": "a"}]}, kept) == ""
    assert find_difference({"n": 3, "rows": [{"q25": 0.501, "text": "a"}]}, kept) == "/rows/0/q25: 0.501 and 0.5"
    assert find_difference({"n": 3, "rows": [{"q25": 0.5, "text": "b"}]}, kept) == "/rows/0/text: 'b' and 'a'"
    assert find_difference({"n": 3, "rows": []}, kept) == "/rows: [] and [{'q25': 0.5, 'text': 'a'}]"


def test_the_best_of_all_hard_prefixes_is_worse_than_none_on_two_coins():
    alone = exact.cumulative_regret(predictor=COINS, on=TWO_COINS, length=50)[-1]
    _, best = exact.best_hard_prefix(predictor=COINS, on=TWO_COINS, prompt_length=6, length=50)
    assert best[-1] > alone
