"""A learned prior: what a small variational autoencoder thinks that vectors look like."""

from functools import lru_cache
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from tutor.methods.priors.fitted import collect_vectors
from tutor.methods.priors.prior import AbstractPrior
from tutor.sources import AnySource
from tutor.training.adam import Adam

HIDDEN, BATCH, RATE = 64, 128, 2e-3


class VAE(AbstractPrior):
    """Decoded draws of a variational autoencoder of the cloud (Kingma & Welling 2014); in Sedov et al. 2024 it collapsed."""

    label: ClassVar[str] = "variational autoencoder"
    family: ClassVar[str] = "cloud"
    formula: ClassVar[str] = (
        r"\begin{aligned} & e_i = g_\theta(z_i), \; z_i \sim \mathcal{N}(0, I_m) \\"
        r" & \max_{\theta, \phi} \; \mathbb{E}_{q_\phi}[\log p_\theta(x \mid z)] \\"
        r" & \quad - \mathrm{KL}(q_\phi(z \mid x) \,\|\, \mathcal{N}(0, I)) \end{aligned}"
    )
    kind: Literal["vae"] = "vae"
    latent: int = Field(8, ge=1, le=64, description="numbers m in which it describes a vector")
    steps: int = Field(500, ge=1, le=1000, description="optimiser steps that it is trained for")
    source: AnySource | None = Field(None, description="whose documents to learn; the vocabulary when not given")

    def _draw(self, space, n, normal, uniform):
        rows = collect_vectors(space, self.source).contiguous()
        decoder = _decoder(rows.numpy().tobytes(), len(rows), self.latent, self.steps)
        with torch.no_grad():
            return rows.mean(0) + rows.std(0) * decoder(normal(n, self.latent))


@lru_cache(maxsize=8)
def _decoder(data: bytes, count: int, latent: int, steps: int) -> nn.Module:
    """Trained on the rows in standard units; kept, because a run is attached again whenever it is read.

    All randomness is its own, so that others who draw at the same time in the same process change nothing.
    """
    rows = torch.frombuffer(bytearray(data), dtype=torch.float32).view(count, -1)
    rows, chance = (rows - rows.mean(0)) / rows.std(0).clamp(min=1e-6), torch.Generator().manual_seed(0)
    encoder, decoder = (_network(i, o, chance) for i, o in ((rows.shape[1], 2 * latent), (latent, rows.shape[1])))
    with torch.enable_grad():
        optimiser = Adam([*encoder.parameters(), *decoder.parameters()], RATE)
        for _ in range(steps):
            optimiser.zero_grad()
            batch = rows[torch.randint(count, (BATCH,), generator=chance)]
            _negative_bound(encoder, decoder, batch, torch.randn(BATCH, latent, generator=chance)).backward()
            optimiser.step()
    return decoder.requires_grad_(False)


def _network(inputs: int, outputs: int, chance: torch.Generator) -> nn.Sequential:
    layers = [nn.utils.skip_init(nn.Linear, *sizes) for sizes in ((inputs, HIDDEN), (HIDDEN, outputs))]
    for layer in layers:
        nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=chance)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layers[0], nn.GELU(), layers[1])


def _negative_bound(encoder: nn.Module, decoder: nn.Module, x: Float[Tensor, "B D"], noise: Float[Tensor, "B M"]) -> Float[Tensor, ""]:
    mean, log_variance = encoder(x).chunk(2, dim=1)
    z = mean + (log_variance / 2).exp() * noise
    divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
    return ((decoder(z) - x).square().sum(1) / 2 + divergence).mean()
