"""A pretrained GPT-2 as a body: its weights in our GPT-2, with the positions that it learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from tutor.predictors.body import Product
from tutor.predictors.decoder import Attention, Block, DecoderBody, feed_forward
from tutor.predictors.gpt2 import LearnedPositions
from tutor.predictors.pretrained import AbstractPretrained, NotHeld, find_opening, refuse_incomplete

FAMILY = ("gpt2",)
APPROXIMATE = {"gelu_new": "tanh", "gelu_pytorch_tanh": "tanh", "gelu_fast": "tanh", "gelu": "none"}
"""How the activation of a configuration is computed."""
OURS = {"ln_1": ("attn_norm",), "attn.c_attn": ("attn.q", "attn.k", "attn.v"), "attn.c_proj": ("attn.o",), "ln_2": ("mlp_norm",),
        "mlp.c_fc": ("mlp.0",), "mlp.c_proj": ("mlp.2",)}
"""Parts of a layer by their names in the files; queries, keys and values lie there side by side."""
OUTSIDE = {"wte.weight": "embed.table", "wpe.weight": "body.positions.rows", "ln_f.weight": "body.norm.weight",
           "ln_f.bias": "body.norm.bias", "lm_head.weight": "unembed.weight"}
MASKS = ("attn.bias", "attn.masked_bias")
"""What old files hold beside the weights: which positions are seen."""


@dataclass(frozen=True)
class GPT2Shape:
    """Sizes and settings of a GPT-2: widths, numbers of layers and heads, symbols V, positions."""

    width: int
    layers: int
    heads: int
    hidden: int
    vocab: int
    longest: int
    eps: float
    approximate: str
    tied: bool
    opening: int
    scale: float = 1.0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "GPT2Shape":
        """Read a configuration.

        Raises
        ------
        NotHeld
            Where it is no GPT-2, or has something that the decoder lacks.
        """
        if config.get("model_type") not in FAMILY:
            raise NotHeld(f"the architecture is {str(config.get('model_type'))[:40]}; this decoder holds gpt2")
        act = str(config.get("activation_function", "gelu_new"))
        if act not in APPROXIMATE:
            raise NotHeld(f"the activation is {act[:40]}; the decoder has {', '.join(APPROXIMATE)}")
        if not config.get("scale_attn_weights", True) or config.get("scale_attn_by_inverse_layer_idx"):
            raise NotHeld("its attention is scaled in a way of its own, which the decoder does not do")
        with refuse_incomplete():
            width, vocab = int(config["n_embd"]), int(config["vocab_size"])
            return cls(
                width=width, layers=int(config["n_layer"]), heads=int(config["n_head"]), hidden=int(config.get("n_inner") or 4 * width),
                vocab=vocab, longest=int(config["n_positions"]), eps=float(config.get("layer_norm_epsilon", 1e-5)),
                approximate=APPROXIMATE[act], tied=bool(config.get("tie_word_embeddings", True)), opening=find_opening(config, vocab))


class PretrainedGPT2(AbstractPretrained):
    """A pretrained GPT-2, such as the one that Li & Liang 2021 tuned; it reads no more positions than it learned."""

    label: ClassVar[str] = "pretrained GPT-2"
    architectures: ClassVar[tuple[str, ...]] = FAMILY
    kind: Literal["pretrained_gpt2"] = "pretrained_gpt2"

    @classmethod
    def read_shape(cls, config: Mapping[str, Any]) -> GPT2Shape:
        return GPT2Shape.of(config)

    @classmethod
    def rename_tensors(cls, tensors: Mapping[str, Tensor], shape: GPT2Shape) -> dict[str, Tensor]:
        found = {}
        for full, tensor in tensors.items():
            path = full.removeprefix("transformer.")
            number, _, inner = path.removeprefix("h.").partition(".") if path.startswith("h.") else ("", "", "")
            part, _, kind = inner.rpartition(".")
            if inner in MASKS or (path == "lm_head.weight" and shape.tied):
                continue
            if part not in OURS and path not in OUTSIDE:
                raise NotHeld(f"the model has a part {full[:60]}, which the decoder lacks")
            if part not in OURS:
                found[OUTSIDE[path]] = tensor
                continue
            turned = tensor.T.contiguous() if tensor.dim() == 2 else tensor      # the files hold weights the other way round
            found |= {f"body.blocks.{number}.{name}.{kind}": piece
                      for name, piece in zip(OURS[part], turned.chunk(len(OURS[part])), strict=True)}
        return found

    @classmethod
    def build_decoder(cls, shape: GPT2Shape, names) -> DecoderBody:
        positions, norm = LearnedPositions(shape.longest, shape.width), nn.LayerNorm(shape.width, shape.eps)
        return DecoderBody(nn.Identity(), positions, (_build_block(shape) for _ in range(shape.layers)), norm)

    def products_of_mlp(self, tokens: int) -> list[Product]:
        return [Product(tokens, self.width, self.hidden), Product(tokens, self.hidden, self.width)]


def _build_block(shape: GPT2Shape) -> Block:
    attn = Attention(shape.width, shape.heads, bias=True, q_norm=nn.Identity(), k_norm=nn.Identity())
    mlp = feed_forward(shape.width, shape.hidden, bias=True, approximate=shape.approximate)
    return Block(shape.width, attn, mlp, nn.Identity(), partial(nn.LayerNorm, eps=shape.eps))
