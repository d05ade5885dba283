"""Models from elsewhere: any causal language model that transformers can load, in views like those of our own networks.

This package alone knows transformers and peft, and imports them when somebody asks (the extra `llm`). Nothing is ever unpickled,
and no code that comes with a model is run.
"""

from tutor.llm.adapter_export import losses_csv, pack_adapter
from tutor.llm.causal_model import OwnModel
from tutor.llm.foreign_attention import AttentionEffect, check_first_layer
from tutor.llm.initial_vectors import STARTS, TEXTS, choose_words, draw_vectors, measure_shrinkage
from tutor.llm.known_models import KNOWN_MODELS
from tutor.llm.label_separation import LabelledGroups, read_groups
from tutor.llm.layers import list_limits
from tutor.llm.loaded_model import ModelSlot, TuningOrder
from tutor.llm.loading import inspect_model, load_model
from tutor.llm.memory_need import MemoryEstimate
from tutor.llm.model_download import describe_model, download_model
from tutor.llm.model_location import ModelError, is_installed, locate_model
from tutor.llm.model_maps import trace_sentences
from tutor.llm.prompt_tuning import PromptRecipe, PromptTuner
from tutor.llm.text_generation import write_continuation
from tutor.llm.tuning_text import TextWindows, cut_windows, read_text

__all__ = [
           "KNOWN_MODELS",
           "STARTS",
           "TEXTS",
           "AttentionEffect",
           "LabelledGroups",
           "MemoryEstimate",
           "ModelError",
           "ModelSlot",
           "OwnModel",
           "PromptRecipe",
           "PromptTuner",
           "TextWindows",
           "TuningOrder",
           "check_first_layer",
           "choose_words",
           "cut_windows",
           "describe_model",
           "download_model",
           "draw_vectors",
           "inspect_model",
           "is_installed",
           "list_limits",
           "load_model",
           "locate_model",
           "losses_csv",
           "measure_shrinkage",
           "pack_adapter",
           "read_groups",
           "read_text",
           "trace_sentences",
           "write_continuation",
]
