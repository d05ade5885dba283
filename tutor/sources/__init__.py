"""Where sequences come from. A new source is one file here and one entry in SOURCES."""

from typing import Annotated

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

SOURCES = by_kind(Categorical, Mixture, DirichletCategorical, Lists, TinyLanguage, HiddenMarkov, FactQuestions)

AnySource = Annotated[union_of(SOURCES), Field(discriminator="kind")]

PRESETS: dict[str, AbstractSource] = {source.label: source for source in (DirichletCategorical(), Categorical(), Mixture())}

__all__ = ["PRESETS", "SOURCES", "AbstractExchangeable", "AbstractSolved", "AbstractSource", "AnySource", "Batch", "Categorical",
           "DirichletCategorical", "FactQuestions", "HiddenMarkov", "Lists", "Mixture", "TinyLanguage"]
