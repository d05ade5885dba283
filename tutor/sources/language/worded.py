"""What sources of the tiny language share: their symbols are its words."""

from tutor.sources.base import AbstractSource
from tutor.sources.language.words import WORDS


class AbstractWorded(AbstractSource):
    """A source whose tokens are the words of the tiny language."""

    @property
    def vocab(self) -> int:
        return len(WORDS)

    @property
    def symbols(self) -> tuple[str, ...]:
        return WORDS
