"""Claims on words: which runs one replication reads, on which language model, and the gates before a verdict."""

import numpy as np
import pytest

from tutor import studies
from tutor.studies import FAST, belongs, depth, distilled_demonstrations, reparametrisation, single_tasks, smaller_prefix
from tutor.studies.gates import check_scale, check_settled, late_fall
from tutor.studies.language_presets import MODEL, MODELS, model_spec, replicate_spec
from tutor.studies.measured_rows import Band, Row

NAMES = ("tiny-language", "first-token", "depth", "reparametrisation", "placement", "initialisation", "low-data", "length",
         "priors-move-positions-not-quality", "embedding-collapse", "posteriors-as-starting-points", "task-clusters", "localisation",
         "waywardness", "prompts-belong-to-their-network", "retriever-or-prompt")
PLANNED = {study.name: study for study in (smaller_prefix.SmallerPrefix(), single_tasks.SingleTasks(),
                                           distilled_demonstrations.DistilledDemonstrations())}
"""Studies with a plan that join the registry once what they show is computed."""
STUDIES = studies.STUDIES | PLANNED
each_study = pytest.mark.parametrize("name", (*NAMES, *PLANNED))


@each_study
def test_what_a_study_shows_stays_on_the_language_model_of_seed_zero(name):
    other = {belongs.THERE.seeds.pretrain} if name == "prompts-belong-to-their-network" else set()
    assert {spec.seeds.pretrain for spec in STUDIES[name].specs(FAST)} == {0} | other


@each_study
def test_a_replication_tunes_each_condition_once_from_the_seed_of_its_model(name):
    seed = MODELS[2]
    specs = STUDIES[name].specs(FAST.on_base(seed))
    models = {seed, belongs.next_model(seed)} if name == "prompts-belong-to-their-network" else {seed}
    assert {spec.seeds.pretrain for spec in specs} == models
    assert all(spec.seeds.tune == spec.seeds.pretrain and spec.seeds.repetitions == 1 for spec in specs if spec.is_tuning)
    assert {spec.base() for spec in specs} == {model_spec(FAST.on_base(one)) for one in models}
    assert len({spec.key() for spec in specs}) == len(specs)


@each_study
def test_six_models_decide_and_none_of_them_was_looked_at_before(name):
    plan = STUDIES[name].plan
    assert list(plan.seeds(len(plan.looks) - 1)) == list(MODELS) and plan.level == 0.95 and "core minutes" in plan.budget


def test_the_model_of_seed_zero_is_the_one_that_is_shown():
    assert model_spec(FAST) == MODEL == model_spec(FAST.on_base(0))
    assert replicate_spec(belongs.HERE, FAST) is belongs.HERE


def test_every_model_of_the_family_is_the_other_one_of_exactly_one():
    assert sorted(map(belongs.next_model, MODELS)) == list(MODELS) and all(belongs.next_model(seed) != seed for seed in MODELS)
    assert belongs.next_model(MODEL.seeds.pretrain) == belongs.OTHER.seeds.pretrain


def row(value: float, **fields) -> Row:
    return Row("a label", "Transformer", "tables", (Band.exactly(value),), metric=fields.pop("metric", "bleu"), fields=fields)


def test_a_gate_closes_where_any_tuning_still_learns():
    assert check_settled([row(0.01, metric="fall"), row(0.2, metric="fall"), row(90.0)]).value == 0.2
    assert check_settled([row(0.2, metric="fall")]).high < 0.2


def test_gates_of_the_scale_ask_the_reference_for_room_and_the_rest_for_a_beginning():
    ceiling, floor = check_scale(95.0, 10.0)
    assert ceiling.value > ceiling.high and floor.value < floor.low
    assert all(gate.low <= gate.value <= gate.high for gate in check_scale(60.0, 70.0))


def test_what_the_loss_still_falls_is_the_difference_of_its_last_two_quarters():
    assert late_fall(np.stack([np.linspace(10.0, 0.1, 100), np.ones(100)])) == pytest.approx([2.5, 0.0])


def test_every_way_that_replications_tune_is_held_against_the_claim_of_depth():
    def values(bleu: dict[int, float]) -> list[float]:
        rows = [row(value, layers=layers, task="table") for layers, value in bleu.items()] + [row(0.0, metric="fall")]
        return [check.value for check in STUDIES["depth"].checks(rows) if check.role != "gate"]

    level = dict.fromkeys(depth.CHECKED, 50.0)
    assert set(values(level)) == {0.0} and all(set(values(level | {layers: 60.0})) != {0.0} for layers in depth.CHECKED)


def test_a_rate_that_fails_costs_its_share_and_the_ends_of_a_grid_are_held_against_the_best():
    assert reparametrisation.share_kept([0.0, 80.0, 80.0, 0.0]) == 0.5 and reparametrisation.share_kept([40.0, 40.0]) == 1.0
    assert reparametrisation.share_at_ends([20.0, 80.0, 40.0]) == 0.5


def test_the_layer_in_which_a_story_steps_least_decides_whether_it_is_localised():
    def outcomes(generated: list[float], untrained: float = 0.3) -> list[float]:
        steps = {"generated": generated, "given": [0.8, 0.9, 0.7], "given, untrained": [untrained] * 3}
        return [check.value for check in STUDIES["localisation"].checks([
            row(value, metric="jump", states=states, layer=layer)
            for states, values in steps.items() for layer, value in enumerate(values, 1)])]

    assert outcomes([0.8, 0.4, 0.9]) == pytest.approx([0.4, 0.7, 0.4]) and outcomes([0.6, 0.6, 0.6], 0.75)[2] == pytest.approx(-0.05)
    primary = STUDIES["localisation"].checks([row(0.4, metric="jump", states=states, layer=layer)
                                              for states in ("generated", "given", "given, untrained") for layer in (1, 2, 3)])[0]
    assert primary.role == "primary" and primary.value < primary.low


def test_the_smaller_prefix_is_trained_in_half_as_many_numbers_and_both_ways_are_judged_at_their_best_rate():
    network = MODEL.body.build(MODEL.source.vocab, 0)
    trained = {way: method.attach(network, 0).trainable for way, method in smaller_prefix.WAYS.items()}
    assert trained == {"direct": 3 * 2 * 10 * 128, "smaller": 10 * 4 + (4 + 1) * 4 + 3 * (4 + 1) * 2 * 128}
    scores = {"direct": [(0.0125, 40.0, 0.5), (0.05, 60.0, 0.4), (0.2, 10.0, 0.9)],
              "smaller": [(2.5e-3, 59.0, 0.45), (0.01, 50.0, 0.3), (0.04, 2.0, 2.0)]}
    rows = [row(value, metric=metric, way=way, rate=rate) for way, tried in scores.items() for rate, bleu, loss in tried
            for metric, value in (("bleu", bleu), ("loss", loss), ("fall", 0.01 if bleu > 55 else 1.0))]
    bleu, loss, settled, ceiling, floor = STUDIES["smaller-prefix"].checks(rows)
    assert (bleu.value, ceiling.value, floor.value, settled.value) == (-1.0, 60.0, 59.0, 0.01) and loss.value == pytest.approx(0.05)
    assert bleu.role == "primary" and bleu.value > bleu.low and loss.value > loss.high


def test_a_mixture_of_two_ways_is_drawn_anew_for_every_table_and_what_a_prefix_loses_on_it_is_held_against_one_way():
    ways = {name: set(task.sample(64, task.natural_length, 0).latent[:, 1].tolist()) for name, task in single_tasks.TASKS.items()}
    assert ways == {single_tasks.ONE: {0}, single_tasks.TWO: {0, 1}}
    losses = {("prefix", "one way"): 0.02, ("full", "one way"): 0.02, ("prefix", "two ways"): 0.09, ("full", "two ways"): 0.06}
    rows = [row(value, metric="loss", method=method, ways=ways) for (method, ways), value in losses.items()] + [row(0.0, metric="fall")]
    more, one, two, settled = STUDIES["single-tasks"].checks(rows)
    assert [check.value for check in (more, one, two)] == pytest.approx([0.03, 0.0, 0.03]) and settled.value == 0.0
    assert more.role == "primary" and more.value > more.low


def test_a_distilled_prefix_is_held_against_the_network_with_a_demonstration_and_a_demonstration_against_none():
    bleu = {("distilled", 0): 80.0, ("pretrained", 0): 30.0, ("pretrained", 1): 81.5}
    rows = [row(value, method=method, shown=shown) for (method, shown), value in bleu.items()] + [row(0.0, metric="fall")]
    as_good, better, helps, settled = STUDIES["distilled-demonstrations"].checks(rows)
    assert [check.value for check in (as_good, better, helps, settled)] == [-1.5, 50.0, 51.5, 0.0]
    assert (as_good.role, helps.role) == ("primary", "gate") and as_good.low < as_good.value
    assert distilled_demonstrations.METHOD.length < 10
