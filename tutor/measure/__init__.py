"""What can be said of a predictor in numbers: regret, accuracy, hidden states, probes, order; and of a pipeline in front of one."""

from tutor.measure.accuracy import accuracy, exact_matches
from tutor.measure.attention import LayerAttention, PrefixEffect, attention, prefix_effect, spread_over_prefix
from tutor.measure.completions import continuations_of_vectors, continuations_of_words, different, vectors_like
from tutor.measure.diagnosis import diagnose
from tutor.measure.evidence import Evidence, EvidenceError
from tutor.measure.loss import held_out_loss
from tutor.measure.order import OrderSensitivity, order_sensitivity
from tutor.measure.posteriors import Neighbours, cosines, effective_rank, keeps_its_start, nearest_cosine, neighbours, random_like
from tutor.measure.probes import Probe, probe
from tutor.measure.projection import Projected, Projection, fit_projection
from tutor.measure.regret import Regret, evaluate
from tutor.measure.report import Report
from tutor.measure.states import States, capture
from tutor.measure.text import Written, bleu, slots, write
from tutor.measure.worth import Worth, nearest, worth

__all__ = ["Evidence", "EvidenceError", "LayerAttention", "Neighbours", "OrderSensitivity", "PrefixEffect", "Probe", "Projected",
           "Projection", "Regret", "Report", "States", "Worth", "Written", "accuracy", "attention", "bleu", "capture",
           "continuations_of_vectors", "continuations_of_words", "cosines", "diagnose", "different", "effective_rank",
           "evaluate", "exact_matches", "fit_projection", "held_out_loss", "keeps_its_start", "nearest", "nearest_cosine",
           "neighbours", "order_sensitivity", "prefix_effect", "probe", "random_like", "slots", "spread_over_prefix",
           "vectors_like", "worth", "write"]
