"""A list network of two layers that was never trained, and prefixes of it: what they do inside attention needs no skill."""

import torch

from tutor import predictors
from tutor.methods import PrefixPT
from tutor.predictors import Predictor
from tutor.sources import Lists

SOURCE = Lists(items=4, digits=5)


def network() -> Predictor:
    base = predictors.GPT2(width=16, layers=2, context=16).build(SOURCE.vocab, 0).requires_grad_(False)
    for name, p in base.named_parameters():
        if p.dim() == 2:
            torch.nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(len(name)))
    return base


def prefix(base: Predictor, seed: int, **fields) -> Predictor:
    return PrefixPT(**{"length": 1, "init": "normal"} | fields).attach(base, seed).requires_grad_(False)
