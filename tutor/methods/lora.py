"""LoRAWT: a low-rank update beside frozen weights, for any body that names its adapted linears."""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils import parametrize

from tutor.core.rng import stream
from tutor.methods.method import AbstractGradientMethod
from tutor.predictors import AbstractBody, Predictor


class LoRAWT(AbstractGradientMethod):
    """W + B A with A random and B zero, so that tuning starts exactly at the base (Hu et al. 2021, section 4.1).

    The paper adapts queries, keys, values and output at rank 4; for an LSTM the input and recurrent weights are adapted.
    """

    label: ClassVar[str] = "LoRAWT"
    in_words: ClassVar[str] = "low-rank update"
    changes_weights: ClassVar[bool] = True
    kind: Literal["lora"] = "lora"
    rank: int = Field(4, ge=1, le=64, description="rank of the update")
    on: Literal["attention", "mlp"] = Field(
        "attention", description="which linear maps of a Transformer are updated", json_schema_extra={"advanced": True}
    )

    def absent_fields(self, body: AbstractBody) -> frozenset[str]:
        return frozenset() if body.prefix_has_length else frozenset({"on"})

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        for i, linear in enumerate(tuned.body.adapted_linears(self.on)):
            rows, columns = linear.weight.shape
            a = torch.from_numpy(stream(seed, "lora", i).standard_normal((self.rank, columns))).float() / columns**0.5
            parametrize.register_parametrization(linear, "weight", LowRankUpdate(a, rows))
        return tuned


class LowRankUpdate(nn.Module):
    """weight -> weight + B A, with A [R, in] and B [out, R]."""

    def __init__(self, a: Float[Tensor, "R columns"], rows: int):
        super().__init__()
        self.lora_A, self.lora_B = nn.Parameter(a), nn.Parameter(torch.zeros(rows, len(a)))

    def forward(self, weight: Float[Tensor, "rows columns"]) -> Float[Tensor, "rows columns"]:
        return weight + self.lora_B @ self.lora_A
