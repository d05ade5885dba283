"""A Transformer without norms on queries and keys and after its blocks."""

from typing import ClassVar, Literal

from torch import nn

from tutor.predictors.decoder import AbstractDecoder, Attention, Block, DecoderBody, feed_forward
from tutor.predictors.transformer import SineCosine


class BareTransformer(AbstractDecoder):
    """Decoder-only Transformer with sine-cosine positions and no norms but those before attention and MLP."""

    label: ClassVar[str] = "Bare Transformer"
    kind: Literal["bare"] = "bare"

    def build_body(self) -> nn.Module:
        return DecoderBody(self.build_lift(), SineCosine(self.width), (self._block() for _ in range(self.layers)), nn.Identity())

    def _block(self) -> Block:
        attn = Attention(self.width, self.heads, bias=False, q_norm=nn.Identity(), k_norm=nn.Identity())
        return Block(self.width, attn, feed_forward(self.width, self.hidden, bias=False, approximate="none"), nn.Identity())
