"""Where sequences come from. A new source is one file here and one entry in SOURCES, or in FROM_ELSEWHERE where it needs a model of
somebody else."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from tutor.core.types import by_kind, union_of
from tutor.sources.categorical import Categorical
from tutor.sources.dirichlet import DirichletCategorical
from tutor.sources.hidden_markov import HiddenMarkov
from tutor.sources.language import TinyLanguage
from tutor.sources.lists import Lists
from tutor.sources.mixture import Mixture
from tutor.sources.questions import FactQuestions
from tutor.sources.source import AbstractExchangeable, AbstractSolved, AbstractSource, Batch
from tutor.sources.texts import Texts

SOURCES = by_kind(Categorical, Mixture, DirichletCategorical, Lists, TinyLanguage, HiddenMarkov, FactQuestions)
FROM_ELSEWHERE = by_kind(Texts)
"""Sources for models from elsewhere, which no form offers."""
EVERY_SOURCE = SOURCES | FROM_ELSEWHERE

AnySource = Annotated[union_of(EVERY_SOURCE), Field(discriminator="kind")]


def read_source(fields: Mapping[str, Any]) -> AbstractSource:
    """Read a source from its fields as a summary or specification holds them; raises what its model raises, and KeyError for no `kind`."""
    return EVERY_SOURCE[fields["kind"]].model_validate(fields)


PRESETS: dict[str, AbstractSource] = {source.label: source for source in (DirichletCategorical(), Categorical(), Mixture())}

__all__ = ["EVERY_SOURCE", "FROM_ELSEWHERE", "PRESETS", "SOURCES", "AbstractExchangeable", "AbstractSolved", "AbstractSource",
           "AnySource", "Batch", "Categorical", "DirichletCategorical", "FactQuestions", "HiddenMarkov", "Lists", "Mixture", "Texts",
           "TinyLanguage", "read_source"]
