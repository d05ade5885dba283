"""The prose of a page: Markdown beside it, in sections under `## name`, with fields for the numbers that the page computes."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from tutor.core.paths import PAGES

MEASURE = 760
"""Pixels of a line of prose: about 75 letters."""
INTRO = "intro"
"""What the text between the title and the first section is called."""


class ProseError(LookupError):
    """A page's Markdown file lacks the section that the page asks for, or the page gives no value for one of its fields."""


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, stamp: int) -> dict[str, str]:
    """Section name -> text of a file as it was at `stamp`, with its title under "title"."""
    title, _, rest = path.read_text(encoding="utf-8").partition("\n")
    first, *parts = re.split(r"(?m)^## +(\S+)[ \t]*$", rest)
    return {"title": title.removeprefix("# ").strip(), INTRO: first.strip()} | dict(
        zip(parts[::2], map(str.strip, parts[1::2]), strict=True)
    )


def read_sections(page: str) -> dict[str, str]:
    """Read the sections of `pages/<page>.md` by name; the file is read again once it has changed.

    Raises
    ------
    ProseError
        Where there is no such file.
    """
    path = PAGES / f"{page}.md"
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ProseError(f"the page {page} has no text: there is no pages/{page}.md") from None


@dataclass(frozen=True)
class PageText:
    """The text of one page, from `pages/<page>.md`: a title, an introduction, and named sections."""

    page: str

    def read(self, name: str, **values: Any) -> str:
        """Return a section as Markdown, with its fields (`{regret:.2f}`) filled with `values`.

        Raises
        ------
        ProseError
            Where the file has no such section, or the section has a field without a value.
        """
        sections = read_sections(self.page)
        if name not in sections:
            raise ProseError(f"pages/{self.page}.md has no section '{name}'; it has {', '.join(sections)}")
        try:
            return sections[name].format(**values)
        except (KeyError, IndexError) as error:
            raise ProseError(f"section '{name}' of pages/{self.page}.md needs a value for {error}") from error

    def open(self) -> None:
        """Draw the page's title and its introduction."""
        st.title(self.read("title"))
        self.write(INTRO)

    def write(self, name: str, **values: Any) -> None:
        """Draw a section at a readable line width; raises as `read` does."""
        write_paragraph(self.read(name, **values))

    def put(self, name: str, **values: Any) -> None:
        """Draw a section at the full width of its container; raises as `read` does."""
        st.markdown(self.read(name, **values))

    def begin(self, heading: str, name: str, **values: Any) -> None:
        """Draw a heading and a section under it; raises as `read` does."""
        st.header(heading)
        self.write(name, **values)

    def caption(self, name: str, **values: Any) -> None:
        """Draw a section as a caption, in small grey type; raises as `read` does."""
        st.caption(self.read(name, **values))


def write_paragraph(text: str) -> None:
    """Draw Markdown at a readable line width, however wide the screen is."""
    with st.container(width=MEASURE):
        st.markdown(text)
