"""What can be said of a predictor in numbers: regret, accuracy, hidden states, probes, order; and of a pipeline in front of one.

What every finished run is measured in stands in MEASURES: a new measure is one file here and one entry there.
"""

from tutor.measure.accuracy import accuracy, exact_matches
from tutor.measure.attention_bias import LayerAttention, PrefixEffect, attention, prefix_effect, spread_over_prefix
from tutor.measure.belief_map import BeliefScores, believe, fit_map, score_beliefs
from tutor.measure.belief_readings import BeliefReadings, believe_histories, list_layers, read_layers, score_readings
from tutor.measure.completions import continuations_of_vectors, continuations_of_words, count_different, draw_vectors_like
from tutor.measure.diagnosis import diagnose
from tutor.measure.diagnosis_report import Report
from tutor.measure.evidence import Evidence, EvidenceError
from tutor.measure.generation import GeneratedTexts, bleu, generate_texts, slots
from tutor.measure.loss import held_out_loss
from tutor.measure.measure import AbstractMeasure, AskedSource, Quantity, by_name
from tutor.measure.order_sensitivity import OrderSensitivity, order_sensitivity
from tutor.measure.probes import Probe, probe
from tutor.measure.projection import Projected, Projection, fit_projection
from tutor.measure.prompt_geometry import Neighbours, cosines, draw_random_like, effective_rank, keeps_its_start, nearest_cosine, neighbours
from tutor.measure.pseudo_counts import PseudoCounts, fit_pseudo_counts, nearest_pseudo_counts
from tutor.measure.regret import Regret, evaluate
from tutor.measure.run_measures import ExactMatch, HeldOutLoss, RegretCurves, SentenceScores
from tutor.measure.states import States, capture

MEASURES = by_name(RegretCurves(), ExactMatch(), SentenceScores(), HeldOutLoss())

SCORES: dict[str, Quantity] = {name: score for measure in MEASURES.values() for name, score in measure.scores.items()}
"""Every single number that a repetition of a run is kept for, in the order of tables."""

__all__ = [
           "MEASURES",
           "SCORES",
           "AbstractMeasure",
           "AskedSource",
           "BeliefReadings",
           "BeliefScores",
           "Evidence",
           "EvidenceError",
           "GeneratedTexts",
           "LayerAttention",
           "Neighbours",
           "OrderSensitivity",
           "PrefixEffect",
           "Probe",
           "Projected",
           "Projection",
           "PseudoCounts",
           "Quantity",
           "Regret",
           "Report",
           "States",
           "accuracy",
           "attention",
           "believe",
           "believe_histories",
           "bleu",
           "capture",
           "continuations_of_vectors",
           "continuations_of_words",
           "cosines",
           "count_different",
           "diagnose",
           "draw_random_like",
           "draw_vectors_like",
           "effective_rank",
           "evaluate",
           "exact_matches",
           "fit_map",
           "fit_projection",
           "fit_pseudo_counts",
           "generate_texts",
           "held_out_loss",
           "keeps_its_start",
           "list_layers",
           "nearest_cosine",
           "nearest_pseudo_counts",
           "neighbours",
           "order_sensitivity",
           "prefix_effect",
           "probe",
           "read_layers",
           "score_beliefs",
           "score_readings",
           "slots",
           "spread_over_prefix",
]
