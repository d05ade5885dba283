"""PrefixPT: free memory in every layer - keys and values in attention, the initial state in a recurrence."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch.nn import functional as F

from tutor.methods.base import MAX_PROMPT, AbstractGradientMethod, random_tokens
from tutor.predictors import AbstractBody, Predictor
from tutor.rng import stream


class PrefixPT(AbstractGradientMethod):
    """Per-layer prefix (prefix-tuning, Li & Liang 2021, section 4, without reparametrisation).

    In attention: K keys and values per layer, which take no position. In an LSTM: the initial hidden and cell state of
    every layer, the natural analogue, which has no length. The start is what the network itself would remember after
    a random hard prefix (`tokens`), normal numbers, or zeros; a zero key still draws attention, so it is not neutral.
    """

    label: ClassVar[str] = "PrefixPT"
    kind: Literal["prefix"] = "prefix"
    length: int | None = Field(
        None, ge=0, le=MAX_PROMPT, description="rows of keys and values per layer, 6 when not given; an LSTM has none"
    )
    init: Literal["tokens", "normal", "zeros"] = Field(
        "tokens", description="start of the prefix: the network's own memory of random tokens, normal, or zeros"
    )

    def check(self, body: AbstractBody, vocab: int) -> None:
        if self.length is not None and not body.prefix_has_length:
            raise ValueError(f"length is {self.length}; the per-layer prefix of an {body.label} is its initial state and has no length")

    def supports(self, base: Predictor) -> bool:
        return self.length is None or base.body.prefix_has_length

    def absent_fields(self, body: AbstractBody) -> frozenset[str]:
        return frozenset() if body.prefix_has_length else frozenset({"length"})

    def attach(self, base: Predictor, seed: int) -> Predictor:
        if not self.supports(base):
            raise ValueError(f"length is {self.length}; the per-layer prefix of a recurrent network is its initial state and has no length")
        tuned = base.frozen_copy()
        length = DEFAULT_LENGTH if self.length is None else self.length
        tokens = torch.tensor(random_tokens(length, base.vocab, seed), dtype=torch.int64)
        with torch.no_grad():
            remembered = tuned.body.memory_of(tuned.embed(F.one_hot(tokens, base.vocab).float())[None])
        tuned.body.attach_memory([STARTS[self.init](memory, stream(seed, "prefix", i)) for i, memory in enumerate(remembered)])
        return tuned


DEFAULT_LENGTH = 6
"""The paper's prompt length."""

STARTS = {
    "tokens": lambda memory, rng: memory,
    "normal": lambda memory, rng: torch.from_numpy(rng.standard_normal(memory.shape)).float(),
    "zeros": lambda memory, rng: torch.zeros_like(memory),
}
