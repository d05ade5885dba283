"""Texts that somebody brings for a model from elsewhere, cut into tokens by that model's own tokenizer."""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from pydantic import Field, model_validator

from tutor.core.model_folder import TOKENIZER, is_kept, model_folder, read_config
from tutor.core.rng import Rng
from tutor.core.types import Mask, Tokens
from tutor.sources.source import AbstractSource, Batch

LETTERS = 10_000
"""Most letters of one example."""
FOURTH = 4
"""Every fourth example is held out."""

Example = tuple[str, str]
Cut = tuple[list[int], list[int]]


class Texts(AbstractSource):
    """Examples of an input and its answer, of which the answer alone is asked; without an input the whole text is.

    Every fourth example is held out. The latent is [B, 1]: the number of the example. Number of symbols and longest example follow from
    the tokenizer and are filled in; with them a specification can be read where the model is not.
    """

    kind: Literal["texts"] = "texts"
    lab = "texts"
    tokenizer: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the model whose tokenizer cuts the texts")
    examples: tuple[Example, ...] = Field(min_length=FOURTH, max_length=2000,
                                          description="pairs of an input, which may be empty, and its answer")
    split: Literal["train", "test"] = Field("train", description="examples to learn from, or those that are held out")
    symbols_known: int = Field(ge=2, description="number of symbols V; that of the model")
    longest: int = Field(ge=1, le=1000, description="tokens of the longest example")

    @model_validator(mode="before")
    @classmethod
    def _numbers_follow_tokenizer(cls, values: Any) -> Any:
        model, examples = (values.get(name) if isinstance(values, dict) else None for name in ("tokenizer", "examples"))
        if not isinstance(model, str) or not is_kept(model) or not _are_pairs(examples):
            return values
        lengths = [len(start) + len(end) for start, end in cut_examples(model, tuple(map(tuple, examples)))]
        own = {"symbols_known": int(read_config(model)["vocab_size"]), "longest": max(lengths, default=1)}
        for name, number in own.items():
            if values.get(name, number) != number:
                raise ValueError(f"{name} is {values[name]}; that of these texts is {number}")
        return own | values

    @model_validator(mode="after")
    def _answers_are_there(self):
        for i, (start, answer) in enumerate(self.examples, 1):
            if not answer.strip():
                raise ValueError(f"example {i} has no answer; nothing would be asked of it")
            if len(start) + len(answer) > LETTERS:
                raise ValueError(f"example {i} has {len(start) + len(answer):,} letters; at most {LETTERS:,} are read")
        return self

    @property
    def vocab(self) -> int:
        return self.symbols_known

    @property
    def label(self) -> str:
        return f"{len(self.examples)} texts" + (" (held out)" if self.split == "test" else "")

    @property
    def symbols(self) -> tuple[str, ...]:
        words = _load_tokenizer(self.tokenizer)
        return tuple(words.id_to_token(i) or f"[{i}]" for i in range(self.vocab))

    @property
    def natural_length(self) -> int:
        return self.longest

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        """Draw examples; what is longer than `length` is cut at its end, what is shorter is filled up and not asked there."""
        rows = cut_examples(self.tokenizer, self.examples)
        held = np.arange(len(rows)) % FOURTH == FOURTH - 1
        allowed = np.flatnonzero(held if self.split == "test" else ~held)
        drawn = allowed[np.random.default_rng(rng).integers(len(allowed), size=n)]
        tokens, mask = torch.zeros(n, length, dtype=torch.int64), torch.zeros(n, length, dtype=torch.bool)
        for row, i in enumerate(drawn):
            start, end = rows[i]
            ids = (start + end)[:length]
            tokens[row, :len(ids)] = torch.tensor(ids)
            mask[row, len(start):len(ids)] = True
        return Batch(tokens, torch.from_numpy(drawn[:, None]), mask)

    def written(self, tokens: Tokens) -> Mask:
        return tokens.flip(1).cumsum(1).flip(1) > 0                      # zeros fill up the end

    def held_out(self) -> "Texts":
        return self.model_copy(update={"split": "test"})


def _are_pairs(examples: Any) -> bool:
    return isinstance(examples, list | tuple) and all(
        isinstance(one, list | tuple) and len(one) == 2 and all(isinstance(text, str) for text in one) for one in examples
    )


@lru_cache(maxsize=16)
def cut_examples(model: str, examples: tuple[Example, ...]) -> tuple[Cut, ...]:
    """The tokens of every input and answer, nothing put before or behind them."""
    words = _load_tokenizer(model)
    return tuple(tuple(words.encode(text, add_special_tokens=False).ids for text in one) for one in examples)


@lru_cache(maxsize=4)
def _load_tokenizer(model: str) -> Any:
    from tokenizers import Tokenizer  # noqa: PLC0415 - the extra `llm`

    return Tokenizer.from_file(str(model_folder(model) / TOKENIZER))
