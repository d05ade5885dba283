"""The pages of the app, in the order of the navigation. A new page is one file in pages/ and one line here."""

import ast
from typing import NamedTuple

from tutor.core.paths import PAGES


class Page(NamedTuple):
    """A page of the app: the name of its file in pages/ (also its address), and its title in the navigation."""

    name: str
    title: str

    @property
    def summary(self) -> str:
        """First line of the docstring of the page's file."""
        return (ast.get_docstring(ast.parse((PAGES / f"{self.name}.py").read_text("utf-8"))) or "").partition("\n")[0]


LABS: dict[str, list[Page]] = {
    "Coins": [Page("bayes", "Bayes"), Page("workbench", "Workbench"), Page("pretrain", "Pretrain"), Page("tune", "Tune"),
              Page("step", "Step by step"), Page("regret", "Regret"), Page("inside", "Inside"), Page("beliefs", "Beliefs")],
    "Prefixes": [Page("attention", "Attention"), Page("skills", "Skills"), Page("anatomy", "Anatomy")],
    "Embeddings": [Page("priors", "Priors"), Page("clusters", "Clusters"), Page("meaning", "Meaning")],
    "Retrieval": [Page("check", "Check your pipeline"), Page("retriever", "Retriever doctor")],
    "Your own model": [Page("own_model", "Your own model")],
}
"""Labs, each a menu of the navigation with its pages inside."""

SECTIONS: dict[str, list[Page]] = {
    "": [Page("home", "Home"), Page("lessons", "Lessons"), Page("claims", "Claims"), Page("runs", "Runs")],
} | LABS
"""What the navigation shows: pages that stand for themselves, of which the first is the front door, and the labs."""

FOOT = [Page("glossary", "Glossary")]
"""What the foot of every page links to instead."""


def every_page() -> dict[str, Page]:
    """Return all pages by name, in the order of the navigation."""
    return {page.name: page for pages in (SECTIONS[""], FOOT, *LABS.values()) for page in pages}


def find_lab(name: str) -> str:
    """Return the lab that a page belongs to; "" where it stands for itself."""
    return next((lab for lab, pages in LABS.items() if name in [page.name for page in pages]), "")
