"""What all models from elsewhere share: a hash names one, its sizes follow from it, and its weights fill a decoder of ours."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from tutor.core.free_memory import format_bytes, free_bytes
from tutor.core.model_folder import SHOWN, count_numbers, is_kept, load_tensors, model_folder, read_config
from tutor.predictors.body import AbstractBody, Product
from tutor.predictors.decoder import DecoderBody
from tutor.predictors.predictor import Predictor
from tutor.predictors.shared_weight import SharedWeight
from tutor.predictors.token_table import TokenTable

BYTES = 4
"""Of a number: every model is computed in single precision, whatever its files have."""
STEP_TOKENS = 64
"""Tokens of a small step, such as two texts of 32."""


class NotHeld(ValueError):
    """A model that no decoder here, or not this machine, holds; one sentence."""


@contextmanager
def refuse_incomplete() -> Iterator[None]:
    """Raise NotHeld where a configuration lacks a size, or has one that is no number."""
    try:
        yield
    except NotHeld:
        raise
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise NotHeld(f"the configuration is not complete: {str(error)[:80]}") from error


@runtime_checkable
class PretrainedShape(Protocol):
    """What a configuration says, as far as every decoder needs it; `scale` is what the rows of the token table are multiplied by."""

    width: int
    layers: int
    heads: int
    hidden: int
    vocab: int
    longest: int
    tied: bool
    opening: int
    scale: float


class AbstractPretrained(AbstractBody):
    """A pretrained model that is kept on this machine, named by the hash of its contents.

    The sizes follow from the model and are filled in; with them a specification can be read where the model is not.
    """

    prefix_has_length: ClassVar[bool] = True
    pretrained: ClassVar[bool] = True
    architectures: ClassVar[tuple[str, ...]]
    """`model_type` of the models that it holds."""
    weights: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of configuration, tokenizer and weights")
    width: int = Field(ge=4, le=16_384, description="width D of the hidden states; that of the model")
    layers: int = Field(ge=1, le=256, description="number of layers L; that of the model")
    embedding: int = Field(ge=4, le=16_384, description="width of the embedding, which is D")
    heads: int = Field(ge=1, le=256, description="query heads H; those of the model")
    hidden: int = Field(ge=4, le=131_072, description="width of the hidden layer of each MLP; that of the model")
    context: int = Field(ge=8, description="most positions that it can read; those of the model")
    opening: int | None = Field(None, ge=0, description="token before every text; the model's own when not given")

    @model_validator(mode="before")
    @classmethod
    def _sizes_follow_model(cls, values: Any) -> Any:
        weights = values.get("weights") if isinstance(values, dict) else None
        if not isinstance(weights, str) or not is_kept(weights):
            return values
        shape = cls.read_shape(read_config(weights))
        own = {"width": shape.width, "embedding": shape.width, "layers": shape.layers, "heads": shape.heads, "hidden": shape.hidden,
               "context": shape.longest}
        for name, size in own.items():
            if values.get(name, size) != size:
                raise ValueError(f"{name} is {values[name]}; that of this model is {size}")
        return own | values

    @classmethod
    @abstractmethod
    def read_shape(cls, config: Mapping[str, Any]) -> PretrainedShape:
        """What a configuration says. Raises NotHeld where the decoder lacks something of it."""

    @classmethod
    @abstractmethod
    def rename_tensors(cls, tensors: Mapping[str, Tensor], shape: PretrainedShape) -> dict[str, Tensor]:
        """The tensors of a model's files by their names in our decoder. Raises NotHeld for one that has no place there."""

    @classmethod
    @abstractmethod
    def build_decoder(cls, shape: PretrainedShape, names) -> DecoderBody:
        """The decoder of these sizes, with the optional parts for which there are tensors of these names."""

    @property
    def longest(self) -> int:
        return self.context

    @property
    def name(self) -> str:
        return f"{self.label} {self.weights[:8]}"

    def products(self, batch: int, length: int) -> list[Product]:
        tokens, D, each = batch * length, self.width, self.width // self.heads
        attention = [Product(length, each, length, batch * self.heads, weights=False),
                     Product(length, length, each, batch * self.heads, weights=False)]
        return [*[Product(tokens, D, D)] * 4, *attention, *self.products_of_mlp(tokens)] * self.layers

    @abstractmethod
    def products_of_mlp(self, tokens: int) -> list[Product]:
        """The matrix products of one MLP."""

    def build_body(self) -> DecoderBody:
        return self.build(self.read_shape(read_config(self.weights)).vocab, 0).body

    def build(self, vocab: int, seed: int) -> Predictor:
        """The model as it was published, frozen, its weights shared by all copies; the seed changes nothing.

        Raises
        ------
        ModelMissing
            Where it is not on this machine, or has changed there.
        NotHeld
            Where it has parts that the decoder lacks, or is too large for this machine.
        """
        shape = self.read_shape(read_config(self.weights))
        if vocab != shape.vocab:
            raise ValueError(f"the source has {vocab} symbols and the model {shape.vocab}; the texts are cut by another tokenizer")
        require_room(f"the model {self.weights[:SHOWN]}", count_numbers(model_folder(self.weights)), shape)
        tensors = self.rename_tensors(load_tensors(self.weights), shape)
        with torch.device("meta"):
            predictor = Predictor(self.build_decoder(shape, tensors.keys()), vocab=vocab, embedding=shape.width, width=shape.width)
            opening = shape.opening if self.opening is None else self.opening
            predictor.embed = TokenTable(vocab, shape.width, opening, shape.scale)
            predictor.unembed = nn.Linear(shape.width, vocab, bias=False)
        _fill(predictor.requires_grad_(False), tensors, tied=shape.tied)
        return predictor


def estimate_bytes(numbers: int, shape: PretrainedShape) -> int:
    """Bytes of so many weights in single precision, and roughly of what one small step of a prompt keeps of every layer."""
    logits, layers = 4 * shape.vocab, shape.layers * (16 * shape.width + 3 * shape.hidden)
    return BYTES * (numbers + STEP_TOKENS * (logits + layers))


def require_room(name: str, numbers: int, shape: PretrainedShape) -> None:
    """Raise NotHeld where a model with so many weights needs more memory than is free."""
    needed, free = estimate_bytes(numbers, shape), free_bytes()
    if needed > free:
        raise NotHeld(f"{name} is too large for this machine: it needs about {format_bytes(needed)} of memory and {format_bytes(free)} "
                      "are free")


def find_opening(config: Mapping[str, Any], vocab: int) -> int:
    """The token before every text: the model's own beginning, else its end of a text, else its first token."""
    said = [config.get("bos_token_id"), config.get("eos_token_id")]
    flat = [one[0] if isinstance(one, list) and one else one for one in said]
    return next((one for one in flat if isinstance(one, int) and 0 <= one < vocab), 0)


def _fill(predictor: Predictor, tensors: dict[str, Tensor], *, tied: bool) -> None:
    if tied:
        predictor.unembed.weight = predictor.embed.table
    own = dict(predictor.named_parameters())
    if missing := sorted(own.keys() - tensors.keys()):
        raise NotHeld(f"the weights are not complete: {missing[0]} is missing")
    if wrong := next((name for name, p in own.items() if p.shape != tensors[name].shape), None):
        raise NotHeld(f"the weights do not fit the configuration: {wrong} is {list(tensors[wrong].shape)}, not {list(own[wrong].shape)}")
    shared = {name: SharedWeight(tensors[name], requires_grad=False) for name in own}
    predictor.load_state_dict(shared, strict=False, assign=True)
    if tied:
        predictor.unembed.weight = predictor.embed.table
