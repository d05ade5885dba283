"""Retrieval pipelines in front of a frozen network, trained end to end. A new pipeline is one file here and one entry in PIPELINES."""

from tutor.core.types import by_kind
from tutor.methods.retrieval.document_store import DenseStore, embed_facts
from tutor.methods.retrieval.pipeline import STAGES, Pipeline
from tutor.methods.retrieval.retrieval_exam import ABLATIONS, answer_losses, examine_pipeline
from tutor.methods.retrieval.retriever_tuning import RetrieverPT

PIPELINES = by_kind(RetrieverPT)
"""Methods that need a network of the tiny language, because what they retrieve are its sentences."""

__all__ = ["ABLATIONS", "PIPELINES", "STAGES", "DenseStore", "Pipeline", "RetrieverPT", "answer_losses", "embed_facts", "examine_pipeline"]
