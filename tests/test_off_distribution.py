"""States behind a prompt beside those that flips reach: shares off a plane and off a span, and the study of them."""

import numpy as np
import pytest
import torch

from tutor.measure.off_distribution import StateSpan, fit_state_span, measure_off_distribution
from tutor.methods import HardPT, RandomPF, SoftPT
from tutor.predictors import LSTM, Transformer
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import Evaluation
from tutor.runs.store import RunStore
from tutor.studies import FAST, STUDIES, Preset, off_distribution
from tutor.studies.checks import Check
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import COINS, NETWORKS, SINGLE
from tutor.studies.row_fields import find
from tutor.training.recipe import Recipe

QUICK = Preset("quick", Recipe(steps=2, batch=4, length=10), Recipe(steps=2, batch=4, length=10), repetitions=2,
               evaluation=Evaluation(sequences=16), hard=HardPT(sequences=16, length=2), aside=1, looks=(2,))


def test_a_share_is_of_the_squared_distance_from_the_middle():
    span = StateSpan(mean=np.array([1.0, 0.0, 0.0, 0.0]), directions=np.eye(4)[:3], carrying=3)
    states = np.array([[[1.0 + 1.0, 1.0, 1.0, 1.0]], [[1.0, 0.0, 2.0, 0.0]]])       # squares 1, 1, 1, 1 and 0, 0, 4, 0 in all: 8
    shares = span.shares(states)
    assert (shares.plane, shares.span) == pytest.approx((6 / 8, 1 / 8))


def test_a_span_holds_all_but_a_hundredth_of_the_variance_of_its_own_states_and_no_fewer_components_would():
    span = fit_state_span(LSTM(width=8).build(2, 0), COINS, length=20)
    fewer = StateSpan(span.mean, span.directions, span.carrying - 1)
    states = np.random.default_rng(0).standard_normal((5, 8))
    assert 1 <= span.carrying <= 8 and np.allclose(span.directions @ span.directions.T, np.eye(8), atol=1e-9)
    assert 0 <= span.shares(states).span < fewer.shares(states).span <= 1


@pytest.mark.parametrize("body", [LSTM(width=16), Transformer(width=16)], ids=lambda body: body.kind)
def test_tokens_leave_a_network_within_its_span_and_far_vectors_do_not(body):
    network = body.build(2, 0)
    span = fit_state_span(network, COINS, length=14)
    tokens, vectors = RandomPF(length=4).attach(network, 0), SoftPT(length=4).attach(network, 0)
    with torch.no_grad():
        vectors.embedding_prompt.rows.mul_(30.0)
    hard, soft = (measure_off_distribution(span, one, SINGLE, length=10).span for one in (tokens, vectors))
    assert hard < 0.1 < soft


def test_the_study_reads_the_runs_of_the_first_main_study_and_trains_none():
    for preset in (FAST, FAST.on_base(104)):
        main = {spec.key() for spec in STUDIES["random-to-single"].specs(preset)}
        assert {spec.key() for spec in STUDIES["off-distribution"].specs(preset)} < main


def test_rows_of_stand_in_runs_have_both_shares_of_hard_and_soft_prompts_on_either_network(tmp_path):
    store, study = RunStore(tmp_path, shipped=tmp_path / "none"), STUDIES["off-distribution"]
    there = QUICK.on_base(1)
    for spec in study.specs(there):
        pretrain(spec, store)
    rows = study.rows(there, store.run)
    assert len(rows) == 8 and all(0 <= row.value <= 1 for row in rows)
    soft = find(rows, network="lstm", method="soft", off="span")
    assert soft.trainable == SoftPT().length * 128 and soft.key in {spec.key() for spec in study.specs(there)}
    for body in NETWORKS:
        for kind in ("hard", "soft"):
            plane, span = (find(rows, network=body.kind, method=kind, off=off).value for off in off_distribution.WORDS)
            assert span <= plane
    assert [check.role for check in study.checks(rows)].count("primary") == 1


def checks_of(soft: float, hard: float) -> list[Check]:
    shares = {"soft": soft, "hard": hard}
    return STUDIES["off-distribution"].checks([
        Row("a label", body.label, "a coin", (Band.exactly(value),), metric="share",
            fields={"network": body.kind, "method": kind, "off": off})
        for body in NETWORKS for kind, value in shares.items() for off in off_distribution.WORDS])


def test_the_claim_is_about_the_transformer_and_what_a_picture_shows_of_the_lstm_is_held_against_it():
    first, _, seen, *_ = checks_of(0.5, 0.02)
    assert (first.value, first.role) == (pytest.approx(0.48), "primary") and "Transformer" in first.text and first.value > first.low
    assert not seen.low <= seen.value <= seen.high
    level, _, seen, *_ = checks_of(0.02, 0.02)
    assert level.value < level.low and seen.low <= seen.value <= seen.high
