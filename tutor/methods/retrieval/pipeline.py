"""From a question to K vectors in front of it: a query encoder, a dense store, a curator that reads what was found, a projection."""

from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.core.types import Tokens
from tutor.methods.retrieval.document_store import MAX_SENTENCE, WIDTH, DenseStore
from tutor.predictors.prompt_inputs import AbstractContext
from tutor.sources.language.words import ID

Stage = Literal["encoder", "curator", "projection"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""What is trained of a pipeline, in the order of a question's way through it."""
HIDDEN = 128
"""Width inside the query encoder."""

Weights, Contents = Float[Tensor, "B M"], Float[Tensor, "M L D"]


class QuestionEncoder(nn.Module):
    """The question's words added up and changed by an MLP, as a vector of length 1."""

    def __init__(self, words: Float[Tensor, "V E"], *, scratch: bool):
        super().__init__()
        self.words = nn.Parameter(torch.randn_like(words) if scratch else words.clone())
        self.mlp = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH))
        if not scratch:                                      # at first it searches just as the store was embedded
            nn.init.zeros_(self.mlp[2].weight)
            nn.init.zeros_(self.mlp[2].bias)

    def forward(self, tokens: Tokens) -> Float[Tensor, "B E"]:
        summed = (F.embedding(tokens, self.words) * question_mask(tokens)[..., None]).sum(1)
        plain = F.layer_norm(summed, (WIDTH,))
        return F.normalize(plain + self.mlp(plain), dim=1)


class Curator(nn.Module):
    """K learned queries that attend over the words of what was found (after the perceiver resampler, Alayrac et al. 2022)."""

    def __init__(self, count: int, width: int):
        super().__init__()
        self.latents = nn.Parameter(torch.randn(count, width))
        self.places = nn.Parameter(torch.randn(MAX_SENTENCE, width))
        self.keys, self.values = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)

    def forward(self, words: Float[Tensor, "B L D"]) -> Float[Tensor, "B K D"]:
        placed = words + self.places
        return F.scaled_dot_product_attention(self.latents.expand(len(words), -1, -1), self.keys(placed), self.values(placed))


class ContextProjection(nn.Module):
    """Into the network's space, beside K vectors that are always there."""

    def __init__(self, count: int, width: int, scale: float):
        super().__init__()
        self.always = nn.Parameter(torch.randn(count, width))
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.scale = scale

    def forward(self, read: Float[Tensor, "B K D"]) -> Float[Tensor, "B K D"]:
        turned = self.out(read)
        return self.scale * (self.always + turned + self.mlp(turned))


class Pipeline(AbstractContext):
    """K vectors of what a store says about a question; its words up to the first "?" are read, so that an answer may be scored.

    vocabulary: the network's embeddings [V, D], in which the store's sentences are read. k: how many entries are found. temperature:
    cosines are divided by it. `contents` can be replaced to see what depends on them. Like the store, it is no buffer: all of that
    is of the method, nothing is learned.
    """

    def __init__(self, store: DenseStore, vocabulary: Float[Tensor, "V D"], *,  # noqa: PLR0913 - every dial of a pipeline
                 count: int, k: int, temperature: float, scratch: bool):
        super().__init__()
        self.store, self.k, self.temperature, self._count = store, min(k, len(store.keys)), temperature, count
        self.spread = float(vocabulary.std())
        self.contents: Contents = embed_sentences(store.sentences, vocabulary) / self.spread
        self.encoder = QuestionEncoder(store.words, scratch=scratch)
        self.curator, self.projection = Curator(count, vocabulary.shape[1]), ContextProjection(count, vocabulary.shape[1], self.spread)

    @property
    def count(self) -> int:
        return self._count

    def forward(self, tokens: Tokens) -> Float[Tensor, "B K D"]:
        return self.projection(self.curator(self.found(self.search(self.encoder(tokens)))))

    def search(self, queries: Float[Tensor, "B E"]) -> tuple[Weights, Int[Tensor, "B k"]]:
        """Weights of the k nearest entries, which sum to 1, and their numbers, the nearest first."""
        best = (queries @ self.store.keys.T).topk(self.k, dim=1)
        return (best.values / self.temperature).softmax(1), best.indices

    def found(self, hits: tuple[Weights, Int[Tensor, "B k"]]) -> Float[Tensor, "B L D"]:
        """The sentences that were found, word by word, mixed by their weights."""
        weights, numbers = hits
        spread = torch.zeros(len(weights), len(self.contents)).scatter(1, numbers, weights)
        return (spread @ self.contents.flatten(1)).unflatten(1, self.contents.shape[1:])

    def weights_of(self, stage: Stage) -> list[nn.Parameter]:
        """What is trained of a stage."""
        return list(getattr(self, stage).parameters())


def question_mask(tokens: Tokens) -> Bool[Tensor, "B T"]:
    """Which tokens stand up to and including the first "?"; all of them where there is none."""
    ends = tokens == ID["?"]
    return ends.cumsum(1) - ends.long() == 0


def embed_sentences(sentences: Int[Tensor, "M L"], vocabulary: Float[Tensor, "V D"]) -> Contents:
    """Sentences as the network's own vectors of their words; what pads them is zero."""
    return F.embedding(sentences, vocabulary) * (sentences != ID["end"])[..., None]
