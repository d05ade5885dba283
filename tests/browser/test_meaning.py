"""A prompt of one's own in a real browser: told what to read as, tuned, watched word by word, read."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

WISH = {"meaning_decoy": "anna likes bread .", "meaning_strength": 50, "meaning_steps": 20}


@pytest.fixture(scope="module")
def app(serving, start, tmp_path_factory):
    """The app with an engine and a store of its own."""
    with serving(start, tmp_path_factory.mktemp("meaning"), TUTOR_ENGINE="on") as address:
        yield address


def test_a_prompt_is_tuned_to_read_as_a_sentence_and_read_while_it_runs(page, app):
    page.goto(f"{app}/meaning?{urlencode(WISH)}")
    page.get_by_role("button", name="Tune a prompt that reads as this").click()
    expect(page.get_by_text("step 20 of 20")).to_be_visible()
    expect(page.get_by_text(re.compile("It reads: anna likes bread \\."))).to_be_visible()
    expect(page.get_by_role("group", name=re.compile("At step 20 the prompt reads 'anna likes bread \\.'")).first).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    page.reload()                                      # the link leads back to the finished prompt
    expect(page.get_by_text(re.compile("It reads: anna likes bread \\."))).to_be_visible()


def test_the_way_of_a_shipped_prompt_is_scrubbed(page, app):
    page.set_viewport_size({"width": 1280, "height": 2400})              # films are fetched as their pictures come into sight
    page.goto(f"{app}/priors")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "tuning, step 400")
    slider.focus()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "tuning, step 0")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_the_slider_goes_with_its_picture_and_no_farther(page, app):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{app}/priors")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "tuning, step 400")
    page.get_by_role("group", name=re.compile("words and 1 prompts")).nth(1).evaluate("map => map.scrollIntoView({block: 'start'})")
    expect(slider).to_be_in_viewport()                                   # though the map has reached the top
    page.get_by_role("heading", name="Do vectors collapse onto words?").evaluate("heading => heading.scrollIntoView()")
    expect(slider).not_to_be_in_viewport()
