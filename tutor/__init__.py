"""Prompt Tutor: see what a prompt does inside a network. The public names of the compute package.

Names load on first use (PEP 562), so that `prompt-tutor --help` does not pay for torch.
"""

from importlib import import_module

_MODULES = {
    "sources": "sources", "predictors": "predictors", "methods": "methods", "priors": "methods.priors",
    "measure": "measure", "exact": "measure.exact", "studies": "studies", "analysis": "analysis", "figures": "figures", "llm": "llm",
}
_NAMES = {
    "Recipe": "training.recipe", "fit": "training.loop", "evaluate": "measure", "RunSpec": "runs.spec", "Evaluation": "runs.spec",
    "Seeds": "runs.spec", "SpecError": "core.spec_errors", "RunStore": "runs.store", "Run": "runs.run",
    "Predictor": "predictors", "Placement": "predictors.prompt_placement", "STUDIES": "studies", "pretrain": "runs.engine.runner",
    "tune": "runs.engine.runner",
    "__version__": "core.versions",
}

__all__ = [*_MODULES, *_NAMES]  # noqa: PLE0604 - the names are the keys


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"tutor.{_MODULES[name]}")
    if name in _NAMES:
        return getattr(import_module(f"tutor.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'tutor' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
