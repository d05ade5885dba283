"""Models from elsewhere: any causal language model that transformers can load, in views like those of our own networks.

This package alone knows transformers and peft, and imports them when somebody asks (the extra `llm`). Nothing is ever unpickled,
and no code that comes with a model is run.
"""

from tutor.llm.attention import Effect, first_layer_check
from tutor.llm.clouds import paths
from tutor.llm.desk import Desk, Order
from tutor.llm.groups import Groups, grouped
from tutor.llm.loading import load, look
from tutor.llm.memory import Estimate
from tutor.llm.model import OwnModel
from tutor.llm.places import Refused, installed, place_of
from tutor.llm.saving import losses, packed
from tutor.llm.start import STARTS, TEXTS, chosen, drawn, shrunk
from tutor.llm.texts import Examples, examples, text_of
from tutor.llm.tuning import Tuner, Tuning
from tutor.llm.writing import written

__all__ = ["STARTS", "TEXTS", "Desk", "Effect", "Estimate", "Examples", "Groups", "Order", "OwnModel", "Refused", "Tuner", "Tuning",
           "chosen", "drawn", "examples", "first_layer_check", "grouped", "installed", "load", "look", "losses", "packed",
           "paths", "place_of", "shrunk", "text_of", "written"]
