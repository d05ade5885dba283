"""Ways to tune a predictor. A new method is one file here and one entry in METHODS."""

from tutor.core.types import by_kind
from tutor.methods.anchored import WaywardPT
from tutor.methods.baselines import NoTuning, RandomPF
from tutor.methods.cell import CellPT
from tutor.methods.deep import DeepPT
from tutor.methods.distilled import DistilledPT
from tutor.methods.gcg import GCGPT
from tutor.methods.gumbel import GumbelPT
from tutor.methods.hard import HardPT
from tutor.methods.hotflip import HotFlipPT
from tutor.methods.lora import LoRAWT
from tutor.methods.method import AbstractMethod, Tuning
from tutor.methods.pez import PEZPT
from tutor.methods.prefix import PrefixPT
from tutor.methods.soft_prompts import RealPT, SimplexPT, SoftPT
from tutor.methods.transfer import TransferPT
from tutor.methods.weights import EmbedUnembedWT, EmbedWT, FullWT, UnembedWT

METHODS = by_kind(NoTuning, RandomPF, HardPT, SimplexPT, RealPT, SoftPT, DeepPT, WaywardPT, CellPT, TransferPT, PrefixPT,
                  DistilledPT, HotFlipPT, GCGPT, PEZPT, GumbelPT, EmbedWT, UnembedWT, EmbedUnembedWT, FullWT, LoRAWT)

__all__ = ["GCGPT", "METHODS", "PEZPT", "AbstractMethod", "CellPT", "DeepPT", "DistilledPT", "EmbedUnembedWT", "EmbedWT", "FullWT",
           "GumbelPT", "HardPT", "HotFlipPT", "LoRAWT", "NoTuning", "PrefixPT", "RandomPF", "RealPT", "SimplexPT", "SoftPT",
           "TransferPT", "Tuning", "UnembedWT", "WaywardPT"]
