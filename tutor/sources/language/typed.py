"""A sentence that somebody types: its words, or one sentence that says what is wrong with it and what is near."""

import re
from difflib import get_close_matches

from tutor.sources.language.words import ID, NUMBERS, WORDS

MAX_NAMED_WORDS = 3
"""Unknown words that are named, with what they may have meant."""
EDGES = "!\"'()[]{}*_-\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u00a1\u00bf"
"""Signs that the language lacks; at the edges of a word they are dropped."""
MAX_SHOWN_LETTERS = 20
"""Letters of an unknown word that are repeated."""


def parse_words(text: str, longest: int) -> tuple[int, ...]:
    """Tokens of a typed sentence; signs such as . and , may stand directly behind a word, others are dropped.

    Parameters
    ----------
    longest
        Most words that are read.

    Raises
    ------
    ValueError
        In one sentence, where it is empty, too long, or has words that the language lacks.
    """
    said = [word for part in re.findall(r"[.,:;|=?]|[^\s.,:;|=?]+", text.lower()) if (word := part.strip(EDGES))]
    if not said:
        raise ValueError("the sentence is empty; type some words of the language, such as anna miller likes bread")
    if len(said) > longest:
        raise ValueError(f"the sentence has {len(said):,} words; at most {longest} are read")
    unknown = list(dict.fromkeys(word for word in said if word not in ID))
    if unknown:
        raise ValueError(
            f"the language does not know {', '.join(map(_named, unknown[:MAX_NAMED_WORDS]))}" + _more(len(unknown) - MAX_NAMED_WORDS)
        )
    return tuple(ID[word] for word in said)


def find_similar_words(word: str, most: int = 2) -> list[str]:
    """Words of the language that are spelt much like this one, at most `most`; of a number in digits, the number in words."""
    if word.isascii() and word.isdigit():
        return [NUMBERS[int(word)]] if len(word) < 3 and int(word) < len(NUMBERS) else []
    return get_close_matches(word[:MAX_SHOWN_LETTERS], WORDS, n=most, cutoff=0.6)


def _named(word: str) -> str:
    shown, found = word if len(word) <= MAX_SHOWN_LETTERS else f"{word[:MAX_SHOWN_LETTERS]}...", find_similar_words(word)
    return f"'{shown}'" + (f" (near: {', '.join(found)})" if found else "")


def _more(many: int) -> str:
    return f" and {many} more" if many > 0 else ""
