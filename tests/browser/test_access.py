"""Everybody can use every page: axe in both themes, a phone's width, and the keyboard alone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_every_page import arrived, shows_the_frame

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
STREAMLITS = "[data-testid=stSidebarNavItems]"
"""The list of pages, which Streamlit builds of list items that are no children of a list."""

SMALL = """() => [...document.querySelectorAll(
    '[data-testid=stMain] :is(button, summary, [role=tab], .pt-tile), [data-testid=stHeader] button')]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().width > 0)
  .filter((node) => { const { width, height } = node.getBoundingClientRect(); return width < 44 || height < 44; })
  .map((node) => node.outerHTML.slice(0, 200))"""
"""What a finger presses and is smaller than 44 pixels on a phone."""


def serious(page) -> list[str]:
    """Serious and critical violations outside of Streamlit's own list of pages."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not page.evaluate("([selector, streamlits]) => !!document.querySelector(selector)?.closest(streamlits)",
                             [node["target"][0] if isinstance(node["target"][0], str) else node["target"][0][0], STREAMLITS])
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_to_a_page_that_fits_a_phone_has_its_frame_and_breaks_no_serious_rule_of_access(page, app, name):
    """One visit, since most pages take longer to draw than to be looked at."""
    page.set_viewport_size(PHONE)
    arrived(page, app, name)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate(SMALL) == []
    for stage in page.locator(".pt-stage").all()[:3]:
        assert stage.bounding_box()["width"] <= 390
    page.set_viewport_size(LAPTOP)
    shows_the_frame(page, name)
    for theme, background in BACKGROUNDS.items():
        page.emulate_media(color_scheme=theme)
        expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", background)
        assert serious(page) == [], theme


def test_a_lesson_is_begun_and_done_with_the_keyboard_alone(page, app):
    arrived(page, app, "lessons")
    tabbed_to(page, "Begin")
    page.keyboard.press("Tab")
    tabbed_to(page, "Begin")                                            # of the second lesson
    page.keyboard.press("Enter")
    expect(page.get_by_text("Press Heads once.")).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    tabbed_to(page, "Heads")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Coins that often show heads are more likely.")).to_be_visible()


def tabbed_to(page, name: str) -> None:
    """Press Tab until the button of this name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.innerText?.trim().split('\\n').pop() ?? ''") == name:
            return
    pytest.fail(f"the keyboard never came to {name}")
