"""Hidden states of a predictor, by tap and layer, with the row where its prompt ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.types import Tokens
from tutor.predictors import Predictor
from tutor.predictors.taps import listen_at_taps


@dataclass(frozen=True, repr=False)
class States(Mapping):
    """Tap name -> states [B, K+T, D] (row 0 is BOS, then the prompt, then the data), float32.

    `prompt_end` is the row of the last prompt vector; `main` matches the taps that the paper's PCA is fitted on.
    """

    by_tap: dict[str, Float[np.ndarray, "B KT D"]]
    prompt_end: int
    main: str

    def __getitem__(self, tap: str) -> Float[np.ndarray, "B KT D"]:
        return self.by_tap[tap]

    def __iter__(self):
        return iter(self.by_tap)

    def __len__(self) -> int:
        return len(self.by_tap)

    def __repr__(self) -> str:
        sequences, rows, _ = next(iter(self.by_tap.values())).shape
        taps = ", ".join(f"{name} {states.shape[-1]}" for name, states in self.by_tap.items())
        return f"States({sequences} sequences of {rows} rows, prompt_end {self.prompt_end}; widths: {taps})"

    def joined(self, tap: str = "") -> Float[np.ndarray, "B KT D"]:
        """States of every tap that matches, layers side by side along the width; the main taps when none is named."""
        chosen = [states for name, states in self.by_tap.items() if fnmatch(name, tap or self.main)]
        if not chosen:
            raise ValueError(f"tap is {tap or self.main!r}; captured were {', '.join(self.by_tap)}")
        return np.concatenate(chosen, axis=-1)


@torch.inference_mode()
def capture(predictor: Predictor, tokens: Tokens, tap: str = "body.*") -> States:
    """Record the states of a predictor at its taps while it reads a batch.

    Parameters
    ----------
    tokens
        [B, T] of the predictor's vocabulary.
    tap
        Pattern of tap names, as of a shell: "body.*" matches all of the body.

    Returns
    -------
    States
        Tap name -> [B, K+T, D]: row 0 is BOS, then the prompt, then the data.

    Raises
    ------
    ValueError
        Where no tap matches; it names those that there are.
    """
    with listen_at_taps(predictor, tap) as heard:
        predictor(tokens)
    by_tap = {name: heard[name].float().numpy() for name in heard}
    return States(by_tap, predictor.prompt_end(tokens.shape[1]), predictor.body.state_taps)
