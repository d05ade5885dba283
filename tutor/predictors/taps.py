"""Taps, and listening to them: states are recorded from outside, nothing in `forward` knows of it."""

from contextlib import contextmanager
from fnmatch import fnmatch

from torch import Tensor, nn


class Tap(nn.Module):
    """An inert identity that `measure.capture` can listen to; its module path is its name."""

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._forward_hooks)

    def forward(self, x: Tensor) -> Tensor:
        return x


def tap_names(predictor: nn.Module) -> list[str]:
    """Names of every tap, in network order."""
    return [name for name, module in predictor.named_modules() if isinstance(module, Tap)]


@contextmanager
def listening(predictor: nn.Module, pattern: str):
    """Within the context, every forward pass fills the yielded dict with the tensors at the taps that match `pattern`.

    Raises ValueError when no tap matches.
    """
    names = [name for name in tap_names(predictor) if fnmatch(name, pattern)]
    if not names:
        raise ValueError(f"tap is {pattern!r}; it matches none of {', '.join(tap_names(predictor))}")
    heard: dict[str, Tensor] = {}

    def hear(name):
        return lambda module, args, output: heard.__setitem__(name, output.detach())

    handles = [predictor.get_submodule(name).register_forward_hook(hear(name)) for name in names]
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()
