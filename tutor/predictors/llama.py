"""A pretrained model of the Llama family as a body: its weights in our decoder, so that taps, memories and placement come along."""

from functools import partial
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.core.model_folder import is_kept, load_tensors, read_config
from tutor.predictors.body import AbstractBody, Product
from tutor.predictors.decoder import Block
from tutor.predictors.llama_shape import LlamaShape, NotHeld
from tutor.predictors.predictor import Predictor
from tutor.predictors.rotary import GatedMLP, NoPositions, RotaryAttention, RotaryBody
from tutor.predictors.token_table import TokenTable

OURS = {"self_attn.q_proj": "attn.q", "self_attn.k_proj": "attn.k", "self_attn.v_proj": "attn.v", "self_attn.o_proj": "attn.o",
        "self_attn.q_norm": "attn.q_norm", "self_attn.k_norm": "attn.k_norm", "mlp.gate_proj": "mlp.gate", "mlp.up_proj": "mlp.up",
        "mlp.down_proj": "mlp.down", "input_layernorm": "attn_norm", "post_attention_layernorm": "mlp_norm"}
"""Parts of a layer by their names in the files."""
OUTSIDE = {"embed_tokens.weight": "embed.table", "norm.weight": "body.norm.weight", "lm_head.weight": "unembed.weight"}
ACTS = {"silu": F.silu, "gelu": F.gelu, "gelu_pytorch_tanh": partial(F.gelu, approximate="tanh")}
FOLLOWS = {"json_schema_extra": {"empty": "that of the model"}}


class Llama(AbstractBody):
    """A pretrained model (Llama, SmolLM2, Mistral, Qwen2, Qwen3, Gemma) that is kept on this machine, named by the hash of its contents.

    The sizes follow from the model and are filled in; with them a specification can be read where the model is not.
    """

    label: ClassVar[str] = "Llama"
    prefix_has_length: ClassVar[bool] = True
    pretrained: ClassVar[bool] = True
    kind: Literal["llama"] = "llama"
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
        shape = LlamaShape.of(read_config(weights))
        own = {"width": shape.width, "embedding": shape.width, "layers": shape.layers, "heads": shape.heads, "hidden": shape.hidden,
               "context": shape.longest}
        for name, size in own.items():
            if values.get(name, size) != size:
                raise ValueError(f"{name} is {values[name]}; that of this model is {size}")
        return own | values

    @property
    def longest(self) -> int:
        return self.context

    @property
    def name(self) -> str:
        return f"{self.label} {self.weights[:8]}"

    def products(self, batch: int, length: int) -> list[Product]:
        tokens, D, M, each = batch * length, self.width, self.hidden, self.width // self.heads
        attention = [Product(length, each, length, batch * self.heads, weights=False),
                     Product(length, length, each, batch * self.heads, weights=False)]
        return [*[Product(tokens, D, D)] * 4, *attention, *[Product(tokens, D, M)] * 2, Product(tokens, M, D)] * self.layers

    def build_body(self) -> RotaryBody:
        return self.build(LlamaShape.of(read_config(self.weights)).vocab, 0).body

    def build(self, vocab: int, seed: int) -> Predictor:
        """The model as it was published; the seed changes nothing.

        Raises
        ------
        ModelMissing
            Where it is not on this machine, or has changed there.
        NotHeld
            Where it has parts that the decoder lacks.
        """
        shape = LlamaShape.of(read_config(self.weights))
        if vocab != shape.vocab:
            raise ValueError(f"the source has {vocab} symbols and the model {shape.vocab}; the texts are cut by another tokenizer")
        tensors = rename_tensors(load_tensors(self.weights), shape)
        with torch.device("meta"):
            predictor = Predictor(build_decoder(shape, tensors.keys()), vocab=vocab, embedding=shape.width, width=shape.width)
            scale = shape.width**0.5 if shape.kind == "gemma" else 1.0
            opening = shape.opening if self.opening is None else self.opening
            predictor.embed, predictor.unembed = TokenTable(vocab, shape.width, opening, scale), nn.Linear(shape.width, vocab, bias=False)
        _fill(predictor, tensors, tied=shape.tied)
        return predictor


def rename_tensors(tensors: dict[str, Tensor], shape: LlamaShape) -> dict[str, Tensor]:
    """The tensors of a model's files by their names in our decoder. Raises NotHeld for one that has no place there."""
    found = {}
    for full, tensor in tensors.items():
        path = full.removeprefix("model.")
        if path.endswith("rotary_emb.inv_freq") or (path == "lm_head.weight" and shape.tied):
            continue
        number, _, inner = path.removeprefix("layers.").partition(".") if path.startswith("layers.") else ("", "", "")
        part, _, kind = inner.rpartition(".")
        ours = f"body.blocks.{number}.{OURS[part]}.{kind}" if part in OURS else OUTSIDE.get(path)
        if ours is None:
            raise NotHeld(f"the model has a part {full[:60]}, which the decoder lacks")
        found[ours] = tensor + 1 if shape.kind == "gemma" and "norm" in ours else tensor     # Gemma's norms store what is added to one
    return found


def build_decoder(shape: LlamaShape, names) -> RotaryBody:
    """The decoder of these sizes; biases and norms of heads where there are tensors of their names."""
    def linear(path: str, inner: int, outer: int) -> nn.Linear:
        return nn.Linear(inner, outer, bias=f"{path}.bias" in names)

    def norm(path: str) -> nn.Module:
        return nn.RMSNorm(shape.each, shape.eps) if f"{path}.weight" in names else nn.Identity()

    def block(i: int) -> Block:
        at, D, M = f"body.blocks.{i}", shape.width, shape.hidden
        wide, narrow = shape.heads * shape.each, shape.key_heads * shape.each
        maps = {name: linear(f"{at}.attn.{name}", D, size) for name, size in (("q", wide), ("k", narrow), ("v", narrow))}
        maps |= {"o": linear(f"{at}.attn.o", wide, D)} | {name: norm(f"{at}.attn.{name}") for name in ("q_norm", "k_norm")}
        attn = RotaryAttention(maps, heads=shape.heads, rotation=shape.rotation, window=shape.windows[i])
        mlp = GatedMLP(linear(f"{at}.mlp.gate", D, M), linear(f"{at}.mlp.up", D, M), linear(f"{at}.mlp.down", M, D), ACTS[shape.act])
        return Block(D, attn, mlp, nn.Identity(), partial(nn.RMSNorm, eps=shape.eps))

    return RotaryBody(nn.Identity(), NoPositions(), (block(i) for i in range(shape.layers)), nn.RMSNorm(shape.width, shape.eps))


def _fill(predictor: Predictor, tensors: dict[str, Tensor], *, tied: bool) -> None:
    if tied:
        predictor.unembed.weight = predictor.embed.table
    own = dict(predictor.named_parameters())
    if missing := sorted(own.keys() - tensors.keys()):
        raise NotHeld(f"the weights are not complete: {missing[0]} is missing")
    if wrong := next((name for name, p in own.items() if p.shape != tensors[name].shape), None):
        raise NotHeld(f"the weights do not fit the configuration: {wrong} is {list(tensors[wrong].shape)}, not {list(own[wrong].shape)}")
    predictor.load_state_dict(tensors, strict=False, assign=True)
    if tied:
        predictor.unembed.weight = predictor.embed.table
