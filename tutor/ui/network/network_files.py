"""The file of a network that runs in the visitor's browser: its weights, the plane of its states, and what judges a prompt.

The file begins with the length of its header (32 bits, little endian), then the header (JSON, filled up to a multiple of four
bytes), then the numbers of all tensors in the order of the header, 32 bits each.
"""

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np
import orjson
from jaxtyping import Float

from tutor.analysis import manual_prompts
from tutor.analysis.run_states import StateCloud
from tutor.predictors import AbstractBody, Predictor
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractExchangeable, DirichletCategorical
from tutor.training.recipe import Recipe
from tutor.ui.run_views import cached_states
from tutor.ui.shell import visitor_runs

MOST_WEIGHTS = 400_000
"""Numbers in the matrices of the largest network that still answers a drag in time."""
COLUMNS, LANES = 8, 4
"""The modules multiply so many columns at once, and go through the entries of an attention head so many at a time."""


def explain_misfit(spec: RunSpec) -> str:
    """Say in a sentence why the network of a pretraining cannot run in the page; "" where it can."""
    body, weights, step = spec.body, count_weights(spec.body), max(COLUMNS, LANES * getattr(spec.body, "heads", 1))
    of_coins = isinstance(spec.source, AbstractExchangeable) and spec.source.vocab == 2
    reasons = {
        "only pretrained networks run in the page, and this run is a tuning": spec.is_tuning,
        f"only networks for coins run in the page, and this one was pretrained on {spec.source.label}": not of_coins,
        f"networks of the kind {body.label} do not run in the page": not (Path(__file__).parent / f"{body.kind}.js").is_file(),
        f"only networks of one layer run in the page, and this one has {body.layers}": body.layers > 1,
        f"the network's width is {body.width}; in the page it must be a multiple of {step}": body.width % step,
        f"the network has {weights:,} weights; at most {MOST_WEIGHTS:,} run in the page": weights > MOST_WEIGHTS,
    }
    return next((sentence for sentence, holds in reasons.items() if holds), "")


def fits_in_page(spec: RunSpec) -> bool:
    """Whether the network of a pretraining can run in the page; where it cannot, the server answers."""
    return not explain_misfit(spec)


def count_weights(body: AbstractBody) -> int:
    """Count the numbers in the weight matrices of a network."""
    return sum(product.inner * product.columns for product in body.products(1, 1) if product.weights)


@lru_cache(maxsize=8)
def make_network_file(key: str) -> bytes:
    """Make the file of the network of a finished pretraining.

    Raises
    ------
    StoreError
        Where there is no such run, it is not finished, or its network cannot run in the page.
    """
    run = visitor_runs.load_run(key)
    if misfit := explain_misfit(run.spec):
        raise StoreError(misfit)
    if not visitor_runs.open_store().done(key):
        raise StoreError(f"run {key} is not finished")
    return pack_network(run.predictor, run.spec, cached_states.state_cloud(key), key)


@lru_cache(maxsize=8)
def pack_network_file(key: str) -> bytes:
    """The same gzipped, so that no visit compresses it again; raises StoreError where `make_network_file` does."""
    return gzip.compress(make_network_file(key), 6)


def pack_network(predictor: Predictor, spec: RunSpec, cloud: StateCloud, key: str) -> bytes:
    """Pack a network with the plane of its states into the bytes of a file."""
    tensors = {name.replace("body.layers.0.", "").replace("body.blocks.0.", "").replace("body.", ""): value.numpy()
               for name, value in predictor.state_dict().items()}
    tensors |= {"plane.mean": cloud.projection.mean, "plane.basis": plane_basis(cloud), "quantiles": manual_prompts.judging_quantiles()}
    body, prior = spec.body, spec.source.alphas if isinstance(spec.source, DirichletCategorical) else (0.0, 0.0)
    header = {"key": key, "kind": body.kind, "label": spec.label, "width": body.width, "layers": body.layers, "prior": prior,
              "heads": getattr(body, "heads", 1), "recipe": Recipe.fast_tuning().model_dump(mode="json"), "length": manual_prompts.LENGTH,
              "tensors": [[name, value.shape] for name, value in tensors.items()]}
    text = orjson.dumps(header)
    text += b" " * (-len(text) % 4)
    numbers = [np.ascontiguousarray(value, dtype="<f4").tobytes() for value in tensors.values()]
    return b"".join([len(text).to_bytes(4, "little"), text, *numbers])


def plane_basis(cloud: StateCloud) -> Float[np.ndarray, "two D"]:
    """The first two principal components of a network's states, scaled so that they give whitened coordinates."""
    return cloud.projection.components[:2] / cloud.projection.scale[:2, None]
