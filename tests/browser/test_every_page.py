"""Pages reached by their own address, first of all on servers that have answered nobody yet."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tutor.ui.page_list import LABS, SECTIONS

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("home", "lessons", "claims", "bayes", "workbench", "pretrain", "tune", "step", "attention", "skills", "anatomy", "priors",
         "clusters", "meaning", "own_model", "check", "retriever", "regret", "inside", "beliefs", "runs", "glossary")
TITLES = {"step": "Step by step", "check": "Check your pipeline", "own_model": "Your own model", "retriever": "Retriever doctor"}
PAGES = {name: name.capitalize() for name in NAMES} | TITLES
COLD = ("home", "bayes", "runs")
"""Pages that are asked for first of all, each on a server of its own; what goes wrong before anybody has come does so on every page."""


def test_every_file_of_pages_is_a_page_of_the_app():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == PAGES.keys()


def arrived(page, address: str, name: str) -> None:
    """Come by a link to a page alone, and wait until all of it is there."""
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/{'' if name == 'home' else name}")
    expect(page.locator("[data-testid=stMain] h1").first).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert not [text for text in said if "Content Security Policy" in text]


def shows_the_frame(page, name: str) -> None:
    expect(page).to_have_title(f"{PAGES[name]} - Prompt Tutor")
    expect(page.locator("[data-testid=stTopNavLink]")).to_have_count(len(SECTIONS[""]))
    expect(page.locator("[data-testid=stTopNavSection]")).to_have_count(len(LABS))


@pytest.mark.parametrize("name", COLD)
def test_a_server_that_has_answered_nobody_shows_the_frame_and_the_page(page, serving, start, tmp_path, name):
    with serving(start, tmp_path) as address:
        arrived(page, address, name)
        shows_the_frame(page, name)
