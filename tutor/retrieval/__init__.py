"""Retrieval pipelines in front of a frozen network, trained end to end. A new pipeline is one file here and one entry in PIPELINES."""

from tutor.conventions import by_kind
from tutor.retrieval.examining import ABLATIONS, examined, losses
from tutor.retrieval.method import RetrieverPT
from tutor.retrieval.pipeline import STAGES, Pipeline
from tutor.retrieval.store import DenseStore, embedded

PIPELINES = by_kind(RetrieverPT)
"""Methods that need a network of the tiny language, because what they retrieve are its sentences."""

__all__ = ["ABLATIONS", "PIPELINES", "STAGES", "DenseStore", "Pipeline", "RetrieverPT", "embedded", "examined", "losses"]
