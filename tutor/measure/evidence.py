"""What a practitioner can export from a retrieval pipeline: losses, context vectors, ids; checked before anything is measured."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

MIN_EXAMPLES = 30
"""Examples: below, the percentiles of a bootstrap are too narrow to decide by."""
MAX_EXAMPLES = 50_000
MAX_VALUE = 1e12
"""No loss, in nats, and no entry of a vector is larger; squares of such numbers can still be added."""
ROUNDING = 1e-3
"""Nats below zero that a loss may have by the rounding of its parts."""
LARGEST_WHOLE = 256
"""Vectors of small whole numbers can be, such as signs or one-hot codes."""
BITS = "; NumPy has no bfloat16, so save with tensor.float().numpy(), not the bits of the numbers as integers"

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
    needed: number of the entry that holds the answer [N], or of each that would do [N, m], the chief one first, filled up with -1.
    retrieved: numbers of the entries found, the best first, [N] or [N, k].
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
        if not MIN_EXAMPLES <= len(self.no_context) <= MAX_EXAMPLES:
            raise EvidenceError(f"no_context has {len(self.no_context)} examples, but {MIN_EXAMPLES} to {MAX_EXAMPLES} are needed")
        if len(self.stores) > STORES or not all(STORE_NAME.fullmatch(name) for name in self.stores):
            raise EvidenceError(f"there may be at most {STORES} stores, each named by up to 40 letters, digits and underscores")
        losses = {"no_context": self.no_context, "pipeline": self.pipeline, "soft_prompt": self.soft_prompt}
        for name, array in (losses | {f"store_{key}": value for key, value in self.stores.items()}).items():
            self._check(name, array, ("N",), "f")
            _require_losses(name, array)
        for name, array, axes in (("contexts", self.contexts, ("N", "K", "D")), ("queries", self.queries, ("N", "E"))):
            self._check(name, array, axes, "f")
            _require_vectors(name, array)
        for name, array, second in (("needed", self.needed, "m"), ("retrieved", self.retrieved, "k")):
            self._check(name, array, ("N", second)[:max(1, array.ndim if array is not None else 1)], "iu")
        for name in ("pipeline_parameters", "soft_prompt_parameters"):
            if (count := getattr(self, name)) is not None and not 1 <= count <= MAX_VALUE:
                raise EvidenceError(f"{name} is {count}, but a whole number from 1 to {MAX_VALUE:.0e} is needed")

    def _check(self, name: str, array: np.ndarray | None, axes: tuple[str, ...], kinds: str) -> None:
        if array is None:
            return
        wanted = "[" + ", ".join(axes) + "]"
        if array.dtype.kind not in kinds:
            needed = f"real numbers are needed{BITS if array.dtype.kind in 'iuV' else ''}" if "f" in kinds else "whole numbers are needed"
            raise EvidenceError(f"{name} holds values of type {array.dtype}, but {needed}")
        if array.ndim != len(axes) or 0 in array.shape:
            raise EvidenceError(f"{name} has shape {array.shape}, but {wanted} with no empty axis is needed")
        if len(array) != len(self.no_context):
            raise EvidenceError(f"{name} has {len(array)} examples, but no_context has {len(self.no_context)}")
        if "f" not in kinds:
            return
        if not np.isfinite(array).all():
            beyond = "; float16 ends at 65,504" if array.dtype.itemsize == 2 and np.isinf(array).any() else ""
            raise EvidenceError(f"{name} holds {np.count_nonzero(~np.isfinite(array))} values that are NaN or infinite{beyond}")
        if max(float(array.max()), -float(array.min())) > MAX_VALUE:
            raise EvidenceError(f"{name} holds a value beyond {MAX_VALUE:.0e}, which is no loss and no vector")


def _require_losses(name: str, array: np.ndarray | None) -> None:
    """Cross-entropies are not negative: what is so are log-likelihoods, or differences of losses."""
    if array is None or (least := float(array.min())) >= -ROUNDING:
        return
    advice = "these are log-likelihoods, turn the sign of all losses" if array.max() <= 0 else "a loss is -log p, not a difference of two"
    raise EvidenceError(f"{name} holds negative values, such as {least:.4g} of example {int(array.argmin()) + 1}; "
                        f"a cross-entropy is never negative: {advice}")


def _require_vectors(name: str, array: np.ndarray | None) -> None:
    """Vectors that are nothing but large whole numbers are codes of something else."""
    if array is not None and max(float(array.max()), -float(array.min())) > LARGEST_WHOLE and (array == np.rint(array)).all():
        raise EvidenceError(f"{name} holds whole numbers alone, up to {float(np.abs(array).max()):,.0f}; these are no vectors{BITS}")
