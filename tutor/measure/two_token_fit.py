"""What a prompt says that two tokens cannot: how far its vectors leave the embeddings of heads and tails."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from tutor.predictors import Predictor


@dataclass(frozen=True)
class TokenLineFit:
    """Where K vectors are, in distances between the embeddings of the two tokens.

    along: on the line through both, 0 at the first and 1 at the second; off: away from that line; beyond: away from everything that
    any amounts of both tokens embed to, which is a plane.
    """

    along: Float[Tensor, " K"]
    off: Float[Tensor, " K"]
    beyond: Float[Tensor, " K"]


def fit_token_line(prompted: Predictor) -> TokenLineFit:
    """Where the vectors of a prompt are among its network's two tokens. ValueError where it has more of these.

    Hard and simplex prompts stay on the line, real ones in the plane; soft ones may leave both (Genewein et al. 2025, section 3).
    """
    if prompted.vocab != 2:
        raise ValueError(f"the network has {prompted.vocab} tokens; a line through all of them needs two")
    first, second = (prompted.embed.weight.T + prompted.embed.bias).detach()
    unit, normal = second - first, prompted.embed.bias.detach() - first
    length = unit.norm()
    unit = unit / length
    normal = normal - (normal @ unit) * unit
    away = prompted.prompt().detach() - first
    across = away - (away @ unit)[:, None] * unit
    outside = across - (across @ normal)[:, None] * normal / (normal @ normal)
    return TokenLineFit(away @ unit / length, across.norm(dim=1) / length, outside.norm(dim=1) / length)
