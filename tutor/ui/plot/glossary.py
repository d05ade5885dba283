"""What the words on a picture mean, in one sentence each, for whoever points at them or opens the picture's data; from docs/glossary.md."""

import functools
import re
from dataclasses import dataclass
from typing import Any

from tutor.core.paths import DOCS

ENTRY = re.compile(r"- (\*{1,2})(?P<term>[^*]+)\1: (?P<meaning>.+)")


@dataclass(frozen=True)
class GlossaryEntry:
    """A term and its meaning in a sentence; `on_pictures` is False for words that can mean something else in a picture."""

    term: str
    meaning: str
    on_pictures: bool


def parse_glossary(text: str) -> list[GlossaryEntry]:
    """Parse a glossary in the form of docs/glossary.md.

    Parameters
    ----------
    text
        Markdown with a line `- **term**: Meaning.` per entry, or `- *term*: Meaning.` for a term that pictures do not explain. Everything
        before the first entry is prose.

    Raises
    ------
    ValueError
        Where a later line is no entry, or a term is explained twice; the message names the line.
    """
    entries: dict[str, GlossaryEntry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = ENTRY.fullmatch(line)
        if found is None and line.strip() and entries:
            raise ValueError(f"line {number} of the glossary is no entry; write - **term**: Meaning.")
        if found is None:
            continue
        if found["term"] in entries:
            raise ValueError(f"line {number} of the glossary explains {found['term']!r} a second time")
        entries[found["term"]] = GlossaryEntry(found["term"], found["meaning"], found[1] == "**")
    return list(entries.values())


@functools.cache
def read_glossary() -> tuple[GlossaryEntry, ...]:
    """Read the entries of docs/glossary.md, once per process."""
    return tuple(parse_glossary((DOCS / "glossary.md").read_text(encoding="utf-8")))


@functools.cache
def list_meanings() -> dict[str, str]:
    """Map each word that pictures explain to its meaning.

    These are the bold terms of the glossary, and methods and pipelines, by label and by name, with the first line of their docstring.
    Longer words come first, so that PreBayesPT is not matched as PreBayes.
    """
    from tutor.methods import METHODS  # noqa: PLC0415 - loads torch, which a server that starts does not wait for
    from tutor.methods.retrieval import PIPELINES  # noqa: PLC0415

    methods = {word: (method.__doc__ or "").split("\n")[0] for method in (METHODS | PIPELINES).values()
               for word in (method.label, method.in_words) if word}
    known = methods | {entry.term: entry.meaning for entry in read_glossary() if entry.on_pictures}
    return {word: known[word] for word in sorted(known, key=len, reverse=True)}


def find_words(drawing: Any) -> dict[str, dict[str, str]]:
    """Find the explained words in the texts of a drawing (axis titles, colour bars, legend, annotations): text -> word -> meaning."""
    axes = [axis.get("title", {}).get("text", "") for name, axis in drawing.layout.items() if re.fullmatch(r"[xy]axis\d*", name)]
    bars = [trace.get("marker", {}).get("colorbar", {}).get("title", {}).get("text", "") for trace in drawing.data]
    notes = [note.get("text", "") for note in drawing.layout.get("annotations", [])]
    texts = [*axes, *bars, *notes, *(str(trace.get("name", "")) for trace in drawing.data)]
    return {text: found for text in texts if (found := _found(text))}


@functools.lru_cache(maxsize=1024)
def _found(text: str) -> dict[str, str]:
    found = {}
    for word, meaning in list_meanings().items():
        text, times = re.subn(rf"(?<![\w+-]){re.escape(word)}(?![\w-])", " ", text, count=1)
        if times:
            found[word] = meaning
    return found
