"""PrefixPT: free memory in every layer - keys and values in attention, the initial state in a recurrence."""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.core.rng import stream
from tutor.methods.method import MAX_PROMPT, AbstractGradientMethod, draw_random_tokens
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prefix_memory import MappedMemory
from tutor.predictors.prompt_placement import Placement

DEFAULT_LENGTH = 6
"""The paper's prompt length."""
ADVANCED = {"advanced": True}
OF_ATTENTION = frozenset({"length", "layers", "mlp", "columns", "placement"})
"""Fields that need rows of keys and values; the initial state of a recurrence is one row per layer, and always comes first."""


class PrefixPT(AbstractGradientMethod):
    """Per-layer prefix (prefix-tuning, Li & Liang 2021, section 4).

    In attention: K keys and values per layer, which take no position. In an LSTM: the initial hidden and cell state of
    every layer, the natural analogue, which has no length. The start is what the network itself would remember after
    `words` or a random hard prefix (`tokens`), normal numbers, or zeros; a zero key still draws attention, so it is not neutral.
    With `mlp` the rows are outputs of an MLP while they are trained (section 4.3), and it is folded away at the end. Its input is a
    matrix with a row per prefix row and `columns` columns; few of these and a narrow MLP train fewer numbers than the prefix has. Where
    the MLP is narrower than the prefix is long, the start is only as near to the one asked for as that allows.
    """

    label: ClassVar[str] = "PrefixPT"
    in_words: ClassVar[str] = "prefix in every layer"
    kind: Literal["prefix"] = "prefix"
    length: int | None = Field(
        None, ge=0, le=MAX_PROMPT, description="rows of keys and values per layer, 6 when not given; an LSTM has none"
    )
    init: Literal["tokens", "normal", "zeros"] = Field(
        "tokens", description="start of the prefix: the network's own memory of random tokens, normal, or zeros"
    )
    words: tuple[int, ...] = Field(
        (), max_length=MAX_PROMPT, description="tokens whose memory is the start, repeated to the length; random ones when not given",
        json_schema_extra=ADVANCED,
    )
    layers: int | None = Field(
        None, ge=1, le=32, description="how many of the last layers have a prefix; all when not given", json_schema_extra=ADVANCED
    )
    mlp: int | None = Field(
        None, ge=1, le=2048, description="hidden width of an MLP that makes the rows while they are trained; none when not given",
        json_schema_extra=ADVANCED,
    )
    columns: int | None = Field(
        None, ge=1, le=2048, description="columns of the matrix that the MLP reads; as many as the network is wide when not given",
        json_schema_extra=ADVANCED,
    )
    placement: Placement = Field(Placement(), description="from where on the rows are seen", json_schema_extra=ADVANCED)

    def check(self, body: AbstractBody, vocab: int) -> None:
        for name in sorted(self.absent_fields(body)):
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is {getattr(self, name)}; "
                                 f"the per-layer prefix of an {body.label} is its initial state and has no {name}")
        if body.longest is not None and self._rows > body.longest:
            raise ValueError(f"length is {self._rows}; the network reads at most {body.longest} tokens, and the prefix starts as what it "
                             "remembers of as many")
        if self.layers is not None and self.layers > body.layers:
            raise ValueError(f"layers is {self.layers}; the network has {body.layers}")
        if self.mlp is not None and not self._rows:
            raise ValueError(f"mlp is {self.mlp} and length is 0; an MLP makes the rows of a prefix, so the prefix needs at least one")
        if self.columns is not None and self.mlp is None:
            raise ValueError(f"columns is {self.columns} and mlp is not given; they are those of the matrix that an MLP reads")
        if self.words and (self.init != "tokens" or not all(0 <= word < vocab for word in self.words)):
            raise ValueError(f"words is {list(self.words)} and init {self.init}; they are tokens from 0 to {vocab - 1}, with init tokens")

    def supports(self, base: Predictor) -> bool:
        return self.length is None or base.body.prefix_has_length

    def absent_fields(self, body: AbstractBody) -> frozenset[str]:
        return frozenset() if body.prefix_has_length else OF_ATTENTION

    def attach(self, base: Predictor, seed: int) -> Predictor:
        if not self.supports(base):
            raise ValueError(f"length is {self.length}; the per-layer prefix of a recurrent network is its initial state and has no length")
        tuned = base.frozen_copy()
        memories = [STARTS[self.init](memory, stream(seed, "prefix", i)) for i, memory in enumerate(self._remembered(tuned, seed))]
        tuned.body.attach_memory(memories[-(self.layers or 0):], self.placement)
        if self.mlp is not None:
            self._map(tuned, seed)
        return tuned

    def finished(self, tuned: Predictor) -> Predictor:
        if self.mlp is None:
            return tuned
        folded = tuned.frozen_copy()
        folded.body.replace_memory(lambda memory: memory.folded())
        return folded

    @property
    def _rows(self) -> int:
        return DEFAULT_LENGTH if self.length is None else self.length

    @torch.no_grad()
    def _remembered(self, base: Predictor, seed: int) -> list[Tensor]:
        """What every layer would keep of the tokens at which the prefix starts."""
        again = -(-self._rows // max(1, len(self.words)))
        tokens = (self.words * again)[:self._rows] if self.words else draw_random_tokens(self._rows, base.vocab, seed)
        return base.body.memory_of(base.embed(F.one_hot(torch.tensor(tokens, dtype=torch.int64), base.vocab).float())[None])

    @torch.no_grad()
    def _map(self, tuned: Predictor, seed: int) -> None:
        """Put an MLP before every memory, so chosen that the rows at the start are the same, or as near as few hidden units come."""
        encoder = PrefixMLP(self._rows, self.columns or tuned.width, self.mlp, seed)

        def mapped(memory):
            target = torch.stack(memory.rows()).permute(2, 0, 1, 3).flatten(1)                 # (K, 2 D)
            out = nn.utils.skip_init(nn.Linear, self.mlp, target.shape[1])
            # Least squares in the place of the paper's 500 steps of Adam; exact where there are no more rows than hidden units.
            out.weight.copy_(torch.linalg.lstsq(encoder(), target - target.mean(0), driver="gelsd").solution.T)
            out.bias.copy_(target.mean(0))
            return MappedMemory(encoder, out, memory.keys.shape[0], memory.placement)

        tuned.body.replace_memory(mapped)


class PrefixMLP(nn.Module):
    """The smaller matrix and the hidden layer of the MLP: tanh(P' W + b), as in the authors' code."""

    def __init__(self, length: int, columns: int, hidden: int, seed: int):
        super().__init__()
        rng = stream(seed, "mlp")
        self.rows = nn.Parameter(torch.from_numpy(rng.standard_normal((length, columns))).float())
        self.hidden = nn.utils.skip_init(nn.Linear, columns, hidden)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.from_numpy(rng.standard_normal((hidden, columns)) / columns**0.5))
            self.hidden.bias.zero_()

    def forward(self) -> Float[Tensor, "K M"]:
        return self.hidden(self.rows).tanh()


STARTS = {
    "tokens": lambda memory, rng: memory,
    "normal": lambda memory, rng: torch.from_numpy(rng.standard_normal(memory.shape)).float(),
    "zeros": lambda memory, rng: torch.zeros_like(memory),
}
