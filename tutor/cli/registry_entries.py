"""Everything that can be added with one file and one line, as entries: what `prompt-tutor list` prints and the tables of the docs hold."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pydantic import BaseModel

from tutor.core.field_types import FieldText, fields_of
from tutor.measure import MEASURES
from tutor.methods import METHODS
from tutor.methods.priors import PRIORS
from tutor.methods.retrieval import PIPELINES
from tutor.predictors import BODIES
from tutor.sources import SOURCES
from tutor.studies import STUDIES
from tutor.ui.page_list import every_page


class RegistryEntry(NamedTuple):
    """One registered thing: its name in files, its name for people, a sentence about it, and its fields."""

    name: str
    label: str
    summary: str
    fields: list[FieldText]


class Registry(NamedTuple):
    """One extension point: what kind of thing it holds, where file and line of a new one go, and a function that lists its entries."""

    holds: str
    file: str
    line: str
    entries: Callable[[], list[RegistryEntry]]


def _summary(thing: object) -> str:
    return (thing.__doc__ or "").partition("\n")[0]


def _specifications(registry: Mapping[str, type[BaseModel]]) -> list[RegistryEntry]:
    return [RegistryEntry(kind, _label(cls), _summary(cls), fields_of(cls)) for kind, cls in registry.items()]


def _label(cls: type[BaseModel]) -> str:
    label = getattr(cls, "label", None)
    return label if isinstance(label, str) else cls.__name__


def _measures() -> list[RegistryEntry]:
    return [RegistryEntry(name, one.name, f"{_summary(one)} Needs {one.needs}.",
                  [FieldText(quantity, said.unit, "", said.label) for quantity, said in {**one.curves, **one.scores}.items()])
            for name, one in MEASURES.items()]


REGISTRIES = {
    "sources": Registry("source", "tutor/sources/NAME.py", "`SOURCES` in `tutor/sources/__init__.py`", lambda: _specifications(SOURCES)),
    "networks": Registry("network", "tutor/predictors/NAME.py", "`BODIES` in `tutor/predictors/__init__.py`",
                         lambda: _specifications(BODIES)),
    "methods": Registry("method", "tutor/methods/NAME.py", "`METHODS` in `tutor/methods/__init__.py`",
                        lambda: _specifications(METHODS | PIPELINES)),
    "priors": Registry("prior", "tutor/methods/priors/NAME.py", "`PRIORS` in `tutor/methods/priors/__init__.py`",
                       lambda: _specifications(PRIORS)),
    "measures": Registry("measure", "tutor/measure/NAME.py", "`MEASURES` in `tutor/measure/__init__.py`", _measures),
    "studies": Registry("study", "tutor/studies/NAME.py", "`STUDIES` in `tutor/studies/__init__.py`",
                        lambda: [RegistryEntry(name, study.title, study.claim, []) for name, study in STUDIES.items()]),
    "pages": Registry("page", "pages/NAME.py", "`LABS` in `tutor/ui/page_list.py`",
                      lambda: [RegistryEntry(page.name, page.title, page.summary, []) for page in every_page().values()]),
}
"""Extension points by the name under which they are listed."""
