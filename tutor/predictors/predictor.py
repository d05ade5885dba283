"""A predictor is embed -> body -> unembed, with seams where a method attaches; every architecture writes only its body."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.core.losses import log_loss, mean_log_loss
from tutor.core.types import LogProbs, Mask, Tokens
from tutor.predictors.inputs import Inputs
from tutor.predictors.prompt_inputs import EnteringRows, NoContext, NoPrompt
from tutor.predictors.prompt_placement import Placement, data_positions, splice_rows
from tutor.predictors.token_table import AffineEmbedding

LARGE_VOCABULARY = 4096
"""Symbols from which on predictions are made only where they are asked for; with fewer it saves little, and old numbers keep their bits."""


class Predictor(nn.Module):
    """Sequence predictor with five seams: token prompt, embedding prompt, context, the body's memories, and placement.

    Final class: a method changes what hangs on the seams, never this class. `embed` and `unembed` are affine, BOS is the
    zero vector in token space (Genewein et al. 2025, appendix on architectures).
    """

    def __init__(self, body: nn.Module, *, vocab: int, embedding: int, width: int):
        super().__init__()
        self.vocab, self.embedding, self.width = vocab, embedding, width
        self.embed, self.body, self.unembed = AffineEmbedding(vocab, embedding), body, nn.Linear(width, vocab)
        self.token_prompt: nn.Module = NoPrompt(vocab)
        self.embedding_prompt: nn.Module = NoPrompt(embedding)
        self.context: nn.Module = NoContext(embedding)
        self.placement = Placement()

    def __repr__(self) -> str:
        many, prompt = sum(p.numel() for p in self.parameters()), len(self.prompt())
        said = f", a prompt of {prompt} vector{'s' * (prompt > 1)}" if prompt else ""
        return f"Predictor({type(self.body).__name__}, {self.vocab} symbols: {many:,} numbers, {self.trainable:,} of them free{said})"

    def forward(self, tokens: Tokens) -> LogProbs:
        """Predict every token from those before it, behind the prompt.

        Parameters
        ----------
        tokens
            [B, T].

        Returns
        -------
        [B, T, V]
            log p(x_t | prompt, x_<t) in nats; `[:, 0]` is made before any data.
        """
        return self.unembed(self._hidden(tokens)).log_softmax(-1)

    def mean_loss(self, tokens: Tokens, mask: Mask) -> Float[Tensor, ""]:
        """Mean of  - log p(x_t)  over the positions that are asked (nats per token); zero where none is."""
        if self.vocab < LARGE_VOCABULARY:
            return mean_log_loss(tokens, self(tokens), mask)
        return self.losses(tokens, mask).sum() / mask.sum().clamp(min=1)

    def losses(self, tokens: Tokens, mask: Mask) -> Float[Tensor, "B T"]:
        """- log p(x_t) at the positions that are asked (nats), zero elsewhere."""
        if self.vocab < LARGE_VOCABULARY:
            return torch.where(mask, log_loss(tokens, self(tokens)), 0.0)
        asked = F.cross_entropy(self.unembed(self._hidden(tokens)[mask]), tokens[mask], reduction="none")
        return torch.zeros(tokens.shape, dtype=asked.dtype).masked_scatter(mask, asked)

    def likeliest(self, tokens: Tokens, mask: Mask) -> Tokens:
        """The token [B, T] that is likeliest at each position that is asked; elsewhere any token may stand."""
        if self.vocab < LARGE_VOCABULARY:
            return self(tokens).argmax(-1)
        return torch.zeros_like(tokens).masked_scatter(mask, self.unembed(self._hidden(tokens)[mask]).argmax(-1))

    def entering(self, tokens: Tokens, layer: int) -> Float[Tensor, "B KT D"]:
        """What enters a layer above the first (1 is the lowest of these), row by row; the last token is never read."""
        prompt = self.prompt()
        return self.body.entering(self._inputs(tokens, prompt, self._pieces(prompt, tokens.shape[1])), layer)

    def prompt(self) -> Float[Tensor, "K E"]:
        """The prompt's vectors in embedding space: token-space rows embedded, then embedding-space rows; K may be zero."""
        return torch.cat([self.embed(self.token_prompt()), self.embedding_prompt()])

    def prompt_rows(self) -> dict[int, Float[Tensor, "K D"]]:
        """The free vectors of a soft or deep prompt, by the layer that they enter: 0 stands for the embeddings."""
        above = {i: layer.entry.rows for i, layer in enumerate(self.body.upper, start=1) if isinstance(layer.entry, EnteringRows)}
        rows = self.embedding_prompt()
        return ({0: rows} if len(rows) else {}) | above

    def penalty(self) -> Float[Tensor, ""]:
        """What training adds to the loss of the predictions (nats)."""
        return self.embedding_prompt.penalty()

    def prompt_end(self, length: int) -> int:
        """Row of the last prompt vector among the K+T rows of the body (without a prompt: the row before the first data token)."""
        return self.placement.offset(length) + len(self.prompt()) + self.context.count

    def trainable_tensors(self) -> dict[str, Tensor]:
        """What a method added or set free: with the base run, enough to rebuild this predictor."""
        free = {name: p.detach() for name, p in self.named_parameters() if p.requires_grad}
        return free | {name: b for name, b in self.named_buffers()}

    @property
    def trainable(self) -> int:
        """How many numbers an optimiser would change."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def frozen_copy(self) -> "Predictor":
        """A deep copy in which nothing requires grad; the original is untouched."""
        return copy.deepcopy(self).requires_grad_(False)

    def _hidden(self, tokens: Tokens) -> Float[Tensor, "B T D"]:
        """The last state before every token."""
        prompt = self.prompt()
        pieces = self._pieces(prompt, tokens.shape[1])
        hidden = self.body(self._inputs(tokens, prompt, pieces))                                     # (B, K+T, D)
        # The row before a part of the prompt is superseded by the part's last row: both would predict the same token.
        return hidden[:, data_positions(tokens.shape[1], pieces)]

    def _pieces(self, prompt: Float[Tensor, "K E"], length: int) -> list[tuple[int, int]]:
        return self.placement.pieces(len(prompt) + self.context.count, length)

    def _inputs(self, tokens: Tokens, prompt: Float[Tensor, "K E"], pieces: list[tuple[int, int]]) -> Inputs:
        # The one place of the alignment rule: row t holds the token before x_t, and row 0 is BOS.
        symbols, past = self.embed.look_up(F.pad(tokens[:, :-1], (1, 0), value=self.vocab))
        context = self.context(tokens)                                                       # rows of each, beside the prompt's for all
        shared = torch.arange(len(prompt)).expand(len(tokens), -1)
        own = len(prompt) + torch.arange(context.shape[0] * context.shape[1]).view(context.shape[:2])
        inserted = len(symbols) + torch.cat([shared, own], dim=1)
        rows = torch.cat([symbols, prompt, context.flatten(0, 1)])
        return Inputs(rows, splice_rows(past, inserted, [(at + 1, count) for at, count in pieces]))
