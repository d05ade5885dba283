"""What a practitioner can export from a retrieval pipeline: losses, context vectors, ids; checked before anything is measured."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

FEWEST = 30
"""Examples: below, the percentiles of a bootstrap are too narrow to decide by."""
MOST = 50_000
LARGEST = 1e12
"""No loss, in nats, and no entry of a vector is larger; squares of such numbers can still be added."""

STORES = 12
STORE_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")


class EvidenceError(ValueError):
    """The evidence cannot be used; the message is one sentence that names the array and what is allowed."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One row per example, the same examples in the same order everywhere.

    no_context, pipeline, soft_prompt: loss of the frozen model [N] in nats without context, with what the pipeline puts in front,
    and with a tuned soft prompt instead.
    stores: name -> loss [N] of the same trained pipeline with another store: "shuffled" (every key leads to another entry's content),
    "zeroed", "random", "other_domain", or a name of your own.
    contexts: the K vectors of width D that the pipeline puts in front [N, K, D]. queries: what it searches with [N, E].
    needed: number of the entry that holds the answer [N]. retrieved: numbers of the entries found, the best first, [N] or [N, k].
    pipeline_parameters, soft_prompt_parameters: how many numbers were trained.
    Raises EvidenceError.
    """

    no_context: np.ndarray
    pipeline: np.ndarray
    contexts: np.ndarray
    stores: Mapping[str, np.ndarray] = field(default_factory=dict)
    soft_prompt: np.ndarray | None = None
    needed: np.ndarray | None = None
    retrieved: np.ndarray | None = None
    queries: np.ndarray | None = None
    pipeline_parameters: int | None = None
    soft_prompt_parameters: int | None = None

    def __post_init__(self) -> None:
        if self.no_context.ndim != 1:
            raise EvidenceError(f"no_context has shape {self.no_context.shape}, but one loss per example, [N], is needed")
        if not FEWEST <= len(self.no_context) <= MOST:
            raise EvidenceError(f"no_context has {len(self.no_context)} examples, but {FEWEST} to {MOST} are needed")
        if len(self.stores) > STORES or not all(STORE_NAME.fullmatch(name) for name in self.stores):
            raise EvidenceError(f"there may be at most {STORES} stores, each named by up to 40 letters, digits and underscores")
        losses = {"no_context": self.no_context, "pipeline": self.pipeline, "soft_prompt": self.soft_prompt}
        for name, array in (losses | {f"store_{key}": value for key, value in self.stores.items()}).items():
            self._check(name, array, ("N",), "fiu")
        self._check("contexts", self.contexts, ("N", "K", "D"), "fiu")
        self._check("queries", self.queries, ("N", "E"), "fiu")
        self._check("needed", self.needed, ("N",), "iu")
        if self.retrieved is not None:
            self._check("retrieved", self.retrieved, ("N", "k")[:max(1, self.retrieved.ndim)], "iu")
        for name in ("pipeline_parameters", "soft_prompt_parameters"):
            if (count := getattr(self, name)) is not None and not 1 <= count <= LARGEST:
                raise EvidenceError(f"{name} is {count}, but a whole number from 1 to {LARGEST:.0e} is needed")

    def _check(self, name: str, array: np.ndarray | None, axes: tuple[str, ...], kinds: str) -> None:
        if array is None:
            return
        wanted = "[" + ", ".join(axes) + "]"
        if array.dtype.kind not in kinds:
            needed = "numbers" if "f" in kinds else "whole numbers"
            raise EvidenceError(f"{name} holds values of type {array.dtype}, but {needed} are needed")
        if array.ndim != len(axes) or 0 in array.shape:
            raise EvidenceError(f"{name} has shape {array.shape}, but {wanted} with no empty axis is needed")
        if len(array) != len(self.no_context):
            raise EvidenceError(f"{name} has {len(array)} examples, but no_context has {len(self.no_context)}")
        if "f" not in kinds:
            return
        if not np.isfinite(array).all():
            raise EvidenceError(f"{name} holds {np.count_nonzero(~np.isfinite(array))} values that are NaN or infinite")
        if max(float(array.max()), -float(array.min())) > LARGEST:
            raise EvidenceError(f"{name} holds a value beyond {LARGEST:.0e}, which is no loss and no vector")
