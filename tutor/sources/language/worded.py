"""What sources of the tiny language share: their symbols are its words."""

from tutor.sources.language.words import WORDS
from tutor.sources.source import AbstractSource


class AbstractWorded(AbstractSource):
    """A source whose tokens are the words of the tiny language."""

    lab = "language"

    @property
    def vocab(self) -> int:
        return len(WORDS)

    @property
    def symbols(self) -> tuple[str, ...]:
        return WORDS
