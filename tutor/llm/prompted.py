"""A frozen model behind a prompt of PEFT: vectors in the space of the embeddings, or keys and values in every layer."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tutor.llm.model import OwnModel
from tutor.llm.places import Refused
from tutor.rng import torch_seeded


class AbstractPrompted(ABC):
    """A model and K prompt vectors in front of whatever it reads; only they are trained, the model is shared and stays as it is."""

    label: ClassVar[str]

    def __init__(self, model: OwnModel, start: Float[Tensor, "K D"]):
        """Refused where this model takes no prompt of this kind."""
        from peft import get_peft_model  # noqa: PLC0415 - the extra `llm`

        self.model, self.length = model, start.shape[0]
        try:
            with torch_seeded(0, "prompt"):                     # PEFT draws a start, which is replaced
                self.peft = get_peft_model(model.network, self._config()).eval()
            self.peft.word_embeddings = model.network.get_input_embeddings()     # PEFT takes the first matrix of that height
            with torch.no_grad():
                self.weight.copy_(self._rows(start))
            with torch.inference_mode():
                self.logits(torch.zeros(1, 2, dtype=torch.int64))
        except Exception as error:                # each architecture fails in its own way where PEFT does not know it
            said = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
            raise Refused(f"{self.label} does not work on {model.name}, a {model.config.model_type} ({said})") from error

    @property
    def weight(self) -> Tensor:
        """The numbers that are trained, one row for each prompt vector."""
        return self.peft.prompt_encoder["default"].embedding.weight

    def logits(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Log-odds of the token that follows each, behind the prompt."""
        return self.peft(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, -ids.shape[1]:]

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
    def _config(self) -> Any:
        """PEFT's own description of the prompt."""

    @abstractmethod
    def _rows(self, start: Float[Tensor, "K D"]) -> Tensor:
        """What is trained, where the prompt starts at these vectors."""


class SoftPrompt(AbstractPrompted):
    """SoftPT: vectors in front of the embeddings (Lester et al. 2021)."""

    label = "SoftPT"

    def vectors(self):
        return self.weight.detach().clone()

    @torch.no_grad()
    def memory(self):
        return remembered(self.model, self.weight)

    def _config(self):
        from peft import PromptTuningConfig  # noqa: PLC0415

        return PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=self.length, token_dim=self.model.width)

    def _rows(self, start):
        return start


class Prefix(AbstractPrompted):
    """PrefixPT: keys and values in every layer (Li & Liang 2021). It starts as what the model remembers of the start vectors."""

    label = "PrefixPT"

    def vectors(self):
        return None

    @torch.no_grad()
    def memory(self):
        return self.peft.get_prompt(1)

    def _config(self):
        from peft import PrefixTuningConfig  # noqa: PLC0415

        return PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=self.length)

    def _rows(self, start):
        layers = [part for layer in remembered(self.model, start).layers for part in (layer.keys, layer.values)]
        return torch.cat([part[0].transpose(0, 1).flatten(1) for part in layers], dim=1)           # (K, 2 L H dh), as PEFT lays them out


PROMPTS = {prompt.label: prompt for prompt in (SoftPrompt, Prefix)}


@torch.no_grad()
def remembered(model: OwnModel, vectors: Float[Tensor, "K D"]) -> Any:
    """The keys and values that every layer keeps of these vectors, read first."""
    return model.network(inputs_embeds=vectors[None].detach(), use_cache=True).past_key_values
