"""One run in several tabs and before several visitors: what it is doing is the same in all of them, whoever presses which button."""

import re
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

LONG = {"pretrain_body_lstm_width": 8, "pretrain_recipe": "My own", "pretrain_recipe_own_steps": 20_000, "pretrain_recipe_own_batch": 4,
        "pretrain_recipe_own_length": 50}
FROZEN = "your view is frozen; the run goes on for another viewer"


@pytest.fixture(scope="module")
def app(serving, start, tmp_path_factory):
    """The app with an engine and a store of its own."""
    with serving(start, tmp_path_factory.mktemp("tabs"), TUTOR_ENGINE="on") as address:
        yield address


@contextmanager
def visitors(chromium, count: int):
    """So many browsers of their own, one tab in each."""
    contexts = [chromium.new_context(viewport={"width": 1280, "height": 900}) for _ in range(count)]
    try:
        yield [context.new_page() for context in contexts]
    finally:
        for context in contexts:
            context.close()


def started(page, app, seed: int) -> str:
    """A run that this tab has started; its address."""
    page.goto(f"{app}/pretrain?{urlencode(LONG | {'pretrain_seed': seed})}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**pretrain_run=**")
    shows(page, "running", "Pause")
    return page.url


def button(page, name: str):
    """A button of the run; the timeline has one called Play as well."""
    return page.locator("[data-testid=stMainBlockContainer] [data-testid^=stBaseButton]").and_(
        page.get_by_role("button", name=name, exact=True))


def shows(page, state: str, offered: str) -> None:
    """The state line and the button that goes with it."""
    expect(page.locator("[data-testid=stMarkdownBadge], .stMarkdownBadge").filter(has_text=re.compile(state)).first).to_be_visible()
    expect(button(page, offered)).to_be_visible()


def test_tabs_of_one_visitor_agree_whoever_pauses_plays_and_stops(chromium, app):
    with visitors(chromium, 1) as (one,):
        address = started(one, app, 1)
        two, three = one.context.new_page(), one.context.new_page()
        for tab in (two, three):
            tab.goto(address)
            shows(tab, "running", "Pause")
        presses = (one, "Pause", "paused", "Continue"), (two, "Continue", "running", "Pause"), (three, "Stop", "paused", "Continue")
        for tab, pressed, state, offered in presses:
            button(tab, pressed).click()
            for each in (one, two, three):
                shows(each, state, offered)
                expect(each.get_by_text(FROZEN)).to_have_count(0)
        for each in (one, two):
            each.reload()
            shows(each, "paused", "Continue")
        before = one.get_by_text(re.compile("step [0-9,]+ of")).first.inner_text()
        later = int(re.search("step ([0-9,]+) of", before)[1].replace(",", "")) + 10
        button(three, "+10").click()
        for each in (one, two, three):
            expect(each.get_by_text(re.compile(f"step {later:,} of")).first).to_be_visible()
            shows(each, "paused", "Continue")


def test_a_visitor_who_pauses_what_another_watches_is_told_that_it_goes_on(chromium, app):
    with visitors(chromium, 2) as (one, two):
        address = started(one, app, 2)
        two.goto(address)
        shows(two, "running", "Pause")
        mine = one.context.new_page()                                   # another tab of the visitor who pauses
        mine.goto(address)
        shows(mine, "running", "Pause")
        two.wait_for_timeout(1000)                                      # its picture has asked for points
        button(one, "Pause").click()
        for each in (one, mine):
            expect(each.get_by_text(FROZEN)).to_be_visible()
            shows(each, "running", "Play")
        shows(two, "running", "Pause")
        expect(two.get_by_text(FROZEN)).to_have_count(0)
        button(mine, "Play").click()
        shows(one, "running", "Pause")
        two.close()
        one.wait_for_timeout(12_500)                                    # until the lease of the closed tab has ended
        button(one, "Stop").click()
        for each in (one, mine):
            shows(each, "paused", "Continue")


def test_a_run_is_stopped_while_it_waits_and_a_board_sees_what_another_tab_started(chromium, app):
    with visitors(chromium, 1) as (one,):
        address = started(one, app, 3)
        two = one.context.new_page()
        two.goto(f"{app}/pretrain?{urlencode(LONG | {'pretrain_seed': 4})}")
        two.get_by_role("button", name="Start training").click()
        two.wait_for_url("**pretrain_run=**")
        shows(two, "waiting", "Pause")
        three = one.context.new_page()
        three.goto(two.url)
        shows(three, "waiting", "Pause")
        button(three, "Pause").click()
        for each in (two, three):
            shows(each, "paused", "Play")
        for tab in (two, three):
            tab.goto(f"{app}/anatomy")
            expect(button(tab, "Tune this prefix")).to_be_visible()
        button(two, "Tune this prefix").click()
        for tab in (two, three):
            expect(button(tab, "Stop")).to_be_visible()
        button(three, "Stop").click()
        for tab in (two, three):
            expect(button(tab, "Tune this prefix")).to_be_visible()
        one.goto(address)
        button(one, "Stop").click()
        shows(one, "paused", "Continue")
