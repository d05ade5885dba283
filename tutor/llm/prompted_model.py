"""A frozen model behind a prompt: vectors in the space of the embeddings, or keys and values in every layer."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tutor.llm.causal_model import OwnModel
from tutor.llm.checked_outputs import Kept, ModelOutput
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError


class AbstractPrompted(ABC):
    """A model and K prompt vectors in front of whatever it reads; only they are trained, the model is shared and stays as it is."""

    label: ClassVar[str]

    def __init__(self, model: OwnModel, start: Float[Tensor, "K D"]):
        """ModelError where this model takes no prompt of this kind, or does not read it as what it is."""
        self.model, self.length = model, start.shape[0]
        with refuse_errors(f"{self.label} does not work on {model.name}"):
            self.weight = nn.Parameter(self._rows(start))
            self._require_read()

    def logits(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Log-odds of the token that follows each, behind the prompt."""
        with refuse_errors(f"the model {self.model.name} cannot read behind {self.label}"):
            return self._answered(ids).logits()[:, -ids.shape[1]:]

    @abstractmethod
    def vectors(self) -> Float[Tensor, "K D"] | None:
        """The prompt in the space of the token embeddings; None where it does not stand there."""

    def changed(self, began: Float[Tensor, "K _"]) -> float:
        """How far the trained numbers are from these, which they began as, as a share of the length of these; mean over the vectors."""
        return ((self.weight.detach() - began).norm(dim=1) / began.norm(dim=1).clamp(min=1e-12)).mean().item()

    @abstractmethod
    def memory(self) -> Any:
        """Keys and values of the prompt in every layer, as a cache of transformers that nobody else holds."""

    @abstractmethod
    def _rows(self, start: Float[Tensor, "K D"]) -> Tensor:
        """What is trained, where the prompt starts at these vectors."""

    @abstractmethod
    def _answered(self, ids: Int[Tensor, "B T"]) -> ModelOutput:
        """The model's answer behind the prompt."""

    @abstractmethod
    def _require_read(self) -> None:
        """ModelError where the model reads the prompt otherwise than what it starts as."""


class SoftPrompt(AbstractPrompted):
    """SoftPT: vectors in front of the embeddings (Lester et al. 2021). Asks for no attention."""

    label = "SoftPT"

    def vectors(self):
        return self.weight.detach().clone()

    @torch.no_grad()
    def memory(self):
        return read_vectors(self.model, self.weight).memory

    def _rows(self, start):
        return start.detach().clone()

    def _answered(self, ids):
        words = self.model.network.get_input_embeddings()(ids)
        whole = torch.cat([self.weight.expand(len(ids), -1, -1).to(words), words], dim=1)
        return self.model.answered(inputs_embeds=whole, attention_mask=torch.ones(whole.shape[:2], dtype=torch.int64), use_cache=False)

    @torch.inference_mode()
    def _require_read(self):
        """A model that looks at the numbers of its tokens elsewhere as well reads vectors as something else."""
        ids = torch.arange(2)[None].clamp(max=len(self.model.vocabulary) - 1)
        words = self.model.network.get_input_embeddings()(ids)
        there = self.model.answered(inputs_embeds=words, use_cache=False).logits()
        if not _same(there, self.model.logits(ids)):
            raise ModelError(f"{self.label} does not work on {self.model.name}: {self.model.config.model_type} reads vectors otherwise "
                          "than tokens")
        self.logits(ids)


class Prefix(AbstractPrompted):
    """PrefixPT: keys and values in every layer (Li & Liang 2021). It starts as what the model remembers of the start vectors."""

    label = "PrefixPT"

    def __init__(self, model, start):
        if not model.anatomy.attention_alone:
            raise ModelError(f"{self.label} does not work on {model.name}: it needs keys and values in every layer, and "
                          f"{model.anatomy.other(model.config.model_type)}; choose {SoftPrompt.label}")
        self._start = start
        super().__init__(model, start)

    def vectors(self):
        return None

    @torch.no_grad()
    def memory(self):
        return self._cache(1)

    def pairs(self, batch: int = 1) -> list[Kept]:
        """Keys [B, H, K, d] and values of every layer, from the rows that are trained: layer by layer, keys first, head by head."""
        parts = self.weight.split([heads * width for heads, width in self.shapes], dim=1)
        shaped = [part.reshape(self.length, *shape).transpose(0, 1).expand(batch, -1, -1, -1)
                  for part, shape in zip(parts, self.shapes, strict=True)]
        return list(zip(shaped[::2], shaped[1::2], strict=True))

    def _cache(self, batch: int) -> Any:
        from transformers import DynamicCache  # noqa: PLC0415 - the extra `llm`

        cache = DynamicCache(config=self.model.config)
        for layer, (keys, values) in enumerate(self.pairs(batch)):
            cache.update(keys, values, layer)
        return cache

    def _rows(self, start):
        kept = [part for pair in read_vectors(self.model, start).kept() for part in pair]
        self.shapes = [(part.shape[1], part.shape[3]) for part in kept]
        return torch.cat([part[0].transpose(0, 1).flatten(1) for part in kept], dim=1)

    def _answered(self, ids):
        batch, T = ids.shape
        seen = torch.ones(batch, self.length + T, dtype=torch.int64)
        return self.model.answered(self._cache(batch), input_ids=ids, attention_mask=seen, use_cache=True)

    @torch.inference_mode()
    def _require_read(self):
        """What a prefix starts as must act as the vectors that it stands for; else the model looks for it at other places."""
        ids = torch.arange(2)[None].clamp(max=len(self.model.vocabulary) - 1)
        if not _same(self.logits(ids), SoftPrompt(self.model, self._start).logits(ids)):
            raise ModelError(f"{self.label} does not work on {self.model.name}: {self.model.config.model_type} does not read keys and "
                          f"values as the vectors that they were made of; choose {SoftPrompt.label}")


PROMPTS = {prompt.label: prompt for prompt in (SoftPrompt, Prefix)}


@torch.no_grad()
def read_vectors(model: OwnModel, vectors: Float[Tensor, "K D"]) -> ModelOutput:
    """The output of a model that reads vectors [K, D], with the keys and values that every layer keeps of them."""
    return model.answered(inputs_embeds=vectors[None].detach(), use_cache=True)


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-3, atol=1e-3 * float(other.abs().amax().clamp(min=1e-3)))
