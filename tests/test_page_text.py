"""The prose of pages: every section is shown somewhere, with a value for each of its fields, and pages stay thin beside it."""

import ast
import os
import string
from collections import Counter
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tutor.core.paths import PAGES
from tutor.ui.shell import prose
from tutor.ui.shell.prose import PageText, ProseError, read_sections

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted([*PAGES.glob("*.py"), *ROOT.glob("tutor/ui/**/*.py")])
NAMES = sorted(path.stem for path in PAGES.glob("*.py"))
TEXTS = sorted(path.stem for path in PAGES.glob("*.md"))
SECTION = {"read": 0, "write": 0, "put": 0, "caption": 0, "begin": 1}
"""Methods that show a section, and which of their arguments names it."""
PARAGRAPH = 200
"""Characters of a text that may stand in a page's code; a longer one is prose."""


def shown() -> list[tuple[str, str, frozenset[str]]]:
    """Every section that code asks for: page, name, and the fields that get a value."""
    found = []
    for path in CODE:
        tree = ast.parse(path.read_text("utf-8"))
        texts = {target.id: node.value.args[0].value for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
                 if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "PageText"}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            page = texts.get(ast.unparse(call.func.value))
            if page and call.func.attr == "open":
                found += [(page, name, frozenset()) for name in ("title", "intro")]
            elif page:
                found += [(page, name, frozenset(keyword.arg for keyword in call.keywords))
                          for name in named(call.args[SECTION[call.func.attr]], path)]
    return found


def named(argument: ast.expr, path: Path) -> list[str]:
    """The sections that an argument may name: a literal, or one of two."""
    if isinstance(argument, ast.IfExp):
        return [*named(argument.body, path), *named(argument.orelse, path)]
    assert isinstance(argument, ast.Constant), f"{path.name}, line {argument.lineno}: a section is named by a literal"
    return [argument.value]


SHOWN = shown()


@pytest.mark.parametrize("page", TEXTS)
def test_every_section_is_shown_and_every_section_shown_is_there(page):
    assert {name for where, name, _ in SHOWN if where == page} == set(read_sections(page))


@pytest.mark.parametrize(("page", "name", "values"), SHOWN)
def test_a_section_gets_a_value_for_each_of_its_fields_and_no_other(page, name, values):
    fields = {field for _, field, _, _ in string.Formatter().parse(read_sections(page)[name]) if field is not None}
    assert fields == values


def test_every_text_belongs_to_a_page_that_shows_it():
    assert {page for page, _, _ in SHOWN} == set(TEXTS) <= set(NAMES)


@pytest.mark.parametrize("page", TEXTS)
def test_no_section_stands_twice_in_a_text(page):
    lines = (PAGES / f"{page}.md").read_text("utf-8").splitlines()
    assert not [name for name, count in Counter(line for line in lines if line.startswith("## ")).items() if count > 1]
    assert lines[0].startswith("# ") and all(line.startswith("## ") for line in lines[1:] if line.startswith("#"))


@pytest.mark.parametrize("page", NAMES)
def test_no_text_in_the_code_of_a_page_is_longer_than_a_paragraph(page):
    tree = ast.parse((PAGES / f"{page}.py").read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if len(text) > PARAGRAPH]


@pytest.fixture
def written(monkeypatch, tmp_path):
    """A folder of pages, and a function that writes the text of one at a moment of its own."""
    monkeypatch.setattr(prose, "PAGES", tmp_path)

    def write(text: str, moment: int = 1) -> PageText:
        (tmp_path / "made.md").write_text(text, "utf-8")
        os.utime(tmp_path / "made.md", ns=(moment, moment))
        return PageText("made")

    return write


def test_a_text_has_a_title_an_introduction_and_sections(written):
    text = written("# A *title*\n\nWhat comes\nfirst.\n\n## one\n\nOne is {share:.0%}.\n\n## two-more\n\n$\\{{x\\}}$\n")
    assert read_sections("made").keys() == {"title", "intro", "one", "two-more"}
    assert (text.read("title"), text.read("intro")) == ("A *title*", "What comes\nfirst.")
    assert text.read("one", share=0.25) == "One is 25%." and text.read("two-more") == "$\\{x\\}$"


def test_a_text_that_changes_is_read_again(written):
    assert written("# A\n\nold", 1).read("intro") == "old"
    assert written("# A\n\nnew", 2).read("intro") == "new"


@pytest.mark.parametrize(("name", "said"), [("tow", "pages/made.md has no section 'tow'; it has title, intro, two"),
                                            ("two", "section 'two' of pages/made.md needs a value for 'flips'")])
def test_what_is_missing_is_named(written, name, said):
    with pytest.raises(ProseError, match=said):
        written("# A\n\nb\n\n## two\n\n{flips} flips").read(name)


def test_a_page_without_a_text_is_named():
    with pytest.raises(ProseError, match=r"there is no pages/nowhere\.md"):
        PageText("nowhere").read("intro")


def test_a_missing_section_is_said_in_its_place():
    def page():
        from tutor.ui.shell.prose import PageText  # noqa: PLC0415
        from tutor.ui.shell.sections import section  # noqa: PLC0415

        with section():
            PageText("bayes").write("nowhere")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert len(app.error) == 1 and app.error[0].value.startswith("Pages/bayes.md has no section 'nowhere'; it has title, intro, ")
