"""Every page of the app, reached by its own address on a server that has not answered anybody yet."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("home", "lessons", "bayes", "workbench", "pretrain", "tune", "step", "attention", "skills", "anatomy",
         "priors", "clusters", "meaning", "own_model", "retriever", "regret", "inside", "runs")
TITLES = {"step": "Slow motion", "own_model": "Your own model", "retriever": "Retriever doctor"}
PAGES = {name: name.capitalize() for name in NAMES} | TITLES
APP = ["-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "PORT", "--server.headless", "true"]


def test_every_file_of_pages_is_a_page_of_the_app():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_a_cold_deep_link_shows_the_frame_and_the_page(page, serving, tmp_path, name):
    said = []
    page.on("console", lambda message: said.append(message.text))
    with serving(APP, tmp_path) as address:
        page.goto(f"{address}/{'' if name == 'home' else name}")
        expect(page).to_have_title(f"{PAGES[name]} - Prompt Tutor")
        expect(page.locator("[data-testid=stSidebarNavLink]")).to_have_count(len(PAGES))
        expect(page.locator("[data-testid=stMain] h1").first).to_be_visible()
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        assert "Page not found" not in page.inner_text("body")
    assert not [text for text in said if "Content Security Policy" in text]
