"""GPT-2 body (Radford et al. 2019): learned positions, biases everywhere, norms before each part and one at the end.

The architecture of minGPT, in which Petrov et al. 2024 measured what a prefix can do, and of the networks that Li & Liang 2021
tuned. With the weights of a GPT-2 from elsewhere it gives that network's logits, which is tested.
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from tutor.predictors.decoder import AbstractDecoder, Attention, Block, DecoderBody, feed_forward
from tutor.predictors.predictor import Predictor

SPREAD = 0.02
"""Standard deviation of every initial weight."""


class GPT2(AbstractDecoder):
    """GPT-2: learned positions, so it reads no more than `context` tokens; the network of Petrov et al. 2024 and Li & Liang 2021."""

    label: ClassVar[str] = "GPT-2"
    kind: Literal["gpt2"] = "gpt2"
    context: int = Field(256, ge=8, le=2048, description="positions that it knows: most tokens of a sequence, with its prompt")

    @property
    def longest(self) -> int:
        return self.context

    def build_body(self) -> nn.Module:
        positions = LearnedPositions(self.context, self.width)
        return DecoderBody(self.build_lift(), positions, (self._block() for _ in range(self.layers)), nn.LayerNorm(self.width))

    def initialise(self, predictor: Predictor) -> None:
        """Every weight normal, every bias zero; what adds to the residual stream is smaller, the deeper the network (section 2.3)."""
        for module in predictor.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=SPREAD)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for block in predictor.body.blocks:
            for linear in (block.attn.o, block.mlp[-1]):
                nn.init.normal_(linear.weight, std=SPREAD / (2 * self.layers) ** 0.5)

    def _block(self) -> Block:
        attn = Attention(self.width, self.heads, bias=True, q_norm=nn.Identity(), k_norm=nn.Identity())
        return Block(self.width, attn, feed_forward(self.width, self.hidden, bias=True, approximate="tanh"), nn.Identity())


class LearnedPositions(nn.Module):
    """One free vector per position."""

    def __init__(self, context: int, width: int):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(context, width) * SPREAD)

    def forward(self, length: int) -> Float[Tensor, "T D"]:
        """ValueError where the sequence is longer than the network has positions."""
        if length > len(self.rows):
            raise ValueError(f"the sequence has {length} positions with its prompt; this network knows {len(self.rows)}")
        return self.rows[:length]
