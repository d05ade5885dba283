"""Prompt Tutor: see what a prompt does inside a network. The public names of the compute package.

Names load on first use (PEP 562), so that `prompt-tutor --help` does not pay for torch.
"""

from importlib import import_module

_HOMES = {
    **dict.fromkeys(("sources", "predictors", "priors", "methods", "measure", "studies", "exact"), None),
    "Recipe": "recipe", "fit": "train", "RunSpec": "spec", "SpecError": "spec", "Evaluation": "spec", "Seeds": "spec",
    "RunStore": "store", "pretrain": "runner", "tune": "runner", "evaluate": "measure",
}

__all__ = [*_HOMES]  # noqa: PLE0604 - the names are the keys


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'tutor' has no attribute {name!r}")
    home = _HOMES[name]
    return import_module(f"tutor.{name}") if home is None else getattr(import_module(f"tutor.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
