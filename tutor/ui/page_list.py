"""The pages of the app, in the order of the sidebar. A new page is one file in pages/ and one line here."""

import ast
from typing import NamedTuple

from tutor.core.paths import PAGES


class Page(NamedTuple):
    """A page of the app: the name of its file in pages/ (also its address), and its title in the sidebar."""

    name: str
    title: str

    @property
    def summary(self) -> str:
        """First line of the docstring of the page's file."""
        return (ast.get_docstring(ast.parse((PAGES / f"{self.name}.py").read_text("utf-8"))) or "").partition("\n")[0]


SECTIONS: dict[str, list[Page]] = {
    "": [Page("home", "Home"), Page("lessons", "Lessons"), Page("claims", "Claims")],
    "Understand": [Page("bayes", "Bayes")],
    "Experiment": [Page("workbench", "Workbench"), Page("pretrain", "Pretrain"), Page("tune", "Tune"), Page("step", "Slow motion")],
    "Prefixes": [Page("attention", "Attention"), Page("skills", "Skills"), Page("anatomy", "Anatomy")],
    "Embeddings": [Page("priors", "Priors"), Page("clusters", "Clusters"), Page("meaning", "Meaning"), Page("own_model", "Your own model")],
    "Retrieval": [Page("retriever", "Retriever doctor")],
    "Compare": [Page("regret", "Regret"), Page("inside", "Inside")],
    "Library": [Page("runs", "Runs")],
}
"""Sections of the sidebar; the first page is the front door."""


def every_page() -> dict[str, Page]:
    """Return all pages by name, in the order of the sidebar."""
    return {page.name: page for pages in SECTIONS.values() for page in pages}
