"""A pretrained model of the Llama family as a body: its weights in our decoder, so that taps, memories and placement come along."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from torch import Tensor, nn
from torch.nn import functional as F

from tutor.predictors.body import Product
from tutor.predictors.decoder import Block
from tutor.predictors.llama_shape import FAMILY, LlamaShape
from tutor.predictors.pretrained import AbstractPretrained, NotHeld
from tutor.predictors.rotary import GatedMLP, NoPositions, RotaryAttention, RotaryBody

OURS = {"self_attn.q_proj": "attn.q", "self_attn.k_proj": "attn.k", "self_attn.v_proj": "attn.v", "self_attn.o_proj": "attn.o",
        "self_attn.q_norm": "attn.q_norm", "self_attn.k_norm": "attn.k_norm", "mlp.gate_proj": "mlp.gate", "mlp.up_proj": "mlp.up",
        "mlp.down_proj": "mlp.down", "input_layernorm": "attn_norm", "post_attention_layernorm": "mlp_norm"}
"""Parts of a layer by their names in the files."""
OUTSIDE = {"embed_tokens.weight": "embed.table", "norm.weight": "body.norm.weight", "lm_head.weight": "unembed.weight"}
ACTS = {"silu": F.silu, "gelu": F.gelu, "gelu_pytorch_tanh": partial(F.gelu, approximate="tanh")}


class Llama(AbstractPretrained):
    """A pretrained model of the Llama family: Llama, SmolLM2, Mistral, Qwen2, Qwen3, Gemma."""

    label: ClassVar[str] = "Llama"
    architectures: ClassVar[tuple[str, ...]] = FAMILY
    kind: Literal["llama"] = "llama"

    @classmethod
    def read_shape(cls, config: Mapping[str, Any]) -> LlamaShape:
        return LlamaShape.of(config)

    @classmethod
    def rename_tensors(cls, tensors: Mapping[str, Tensor], shape: LlamaShape) -> dict[str, Tensor]:
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
            found[ours] = tensor + 1 if shape.kind == "gemma" and "norm" in ours else tensor  # Gemma's norms store what is added to one
        return found

    @classmethod
    def build_decoder(cls, shape: LlamaShape, names) -> RotaryBody:
        """The decoder of these sizes; biases and norms of heads where there are tensors of their names."""
        blocks = (_build_block(shape, i, names) for i in range(shape.layers))
        return RotaryBody(nn.Identity(), NoPositions(), blocks, nn.RMSNorm(shape.width, shape.eps))

    def products_of_mlp(self, tokens: int) -> list[Product]:
        D, M = self.width, self.hidden
        return [*[Product(tokens, D, M)] * 2, Product(tokens, M, D)]


def _build_block(shape: LlamaShape, i: int, names) -> Block:
    at, D, M = f"body.blocks.{i}", shape.width, shape.hidden
    wide, narrow = shape.heads * shape.each, shape.key_heads * shape.each

    def linear(path: str, inner: int, outer: int) -> nn.Linear:
        return nn.Linear(inner, outer, bias=f"{at}.{path}.bias" in names)

    def norm(path: str) -> nn.Module:
        return nn.RMSNorm(shape.each, shape.eps) if f"{at}.{path}.weight" in names else nn.Identity()

    maps = {name: linear(f"attn.{name}", D, size) for name, size in (("q", wide), ("k", narrow), ("v", narrow))}
    maps |= {"o": linear("attn.o", wide, D)} | {name: norm(f"attn.{name}") for name in ("q_norm", "k_norm")}
    attn = RotaryAttention(maps, heads=shape.heads, rotation=shape.rotation, window=shape.windows[i])
    mlp = GatedMLP(linear("mlp.gate", D, M), linear("mlp.up", D, M), linear("mlp.down", M, D), ACTS[shape.act])
    return Block(D, attn, mlp, nn.Identity(), partial(nn.RMSNorm, eps=shape.eps))
