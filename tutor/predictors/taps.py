"""Taps, and listening to them: states are recorded from outside, nothing in `forward` knows of it."""

from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatch

from torch import Tensor, nn

Heard = dict[str, Tensor]


class Tap(nn.Module):
    """An inert identity that `measure.capture` can listen to; its module path is its name."""

    @property
    def heard(self) -> bool:
        """Whether anybody listens to what is computed here and now."""
        return bool(self._forward_hooks) or any(self in names for names, _ in _LISTENERS.get())

    def forward(self, x: Tensor) -> Tensor:
        for names, heard in _LISTENERS.get():
            if self in names:
                heard[names[self]] = x.detach()
        return x


# A network is shared by all visitors. Listeners are no hooks on it: they belong to the thread that listens, and hear nothing of the others.
_LISTENERS: ContextVar[tuple[tuple[dict[Tap, str], Heard], ...]] = ContextVar("listeners", default=())


def tap_names(predictor: nn.Module) -> list[str]:
    """Module paths of all taps of a predictor, in network order."""
    return [name for name, module in predictor.named_modules() if isinstance(module, Tap)]


@contextmanager
def listen_at_taps(predictor: nn.Module, pattern: str):
    """Context that yields a dict which every forward pass of this thread fills with the tensors at matching taps.

    Parameters
    ----------
    pattern
        Of tap names, as of a shell: "body.*".
    """
    names = {predictor.get_submodule(name): name for name in tap_names(predictor) if fnmatch(name, pattern)}
    if not names:
        raise ValueError(f"tap is {pattern!r}; it matches none of {', '.join(tap_names(predictor))}")
    heard: Heard = {}
    before = _LISTENERS.set((*_LISTENERS.get(), (names, heard)))
    try:
        yield heard
    finally:
        _LISTENERS.reset(before)
