"""Home is the experiment: on one screen, moving until touched, answered by the network in the page, and restored by its address."""

import re

import pytest
from playwright.sync_api import expect

SIZES = [(1440, 900), (1280, 720), (390, 844)]


def settle(page, times: int = 1) -> None:
    """Wait until the network has answered exactly so many times at least."""
    expect(page.locator(".pt-experiment")).to_have_attribute("data-settled", re.compile(rf"^([{times}-9]|\d\d+)$"))


def open_home(page, app, query: str = "") -> None:
    page.emulate_media(reduced_motion="reduce")        # it then waits for the visitor
    page.goto(f"{app}/{query}")
    settle(page)


@pytest.mark.parametrize(("wide", "tall"), SIZES)
def test_picture_prompt_number_and_button_are_on_the_first_screen(page, app, wide, tall):
    page.set_viewport_size({"width": wide, "height": tall})
    open_home(page, app)
    for part in (".pt-canvas", ".pt-tiles", ".pt-worth .pt-value", "button.pt-primary"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= wide and box["y"] >= 0 and box["y"] + box["height"] <= tall, part
    assert page.locator(".pt-canvas").bounding_box()["height"] > 0.25 * tall
    if wide > 800:
        expect(page.locator(".st-key-door_learn")).to_be_in_viewport(ratio=1)


def test_a_tile_is_turned_and_the_address_restores_it(page, app):
    open_home(page, app)
    worth, tile = page.locator(".pt-worth .pt-value"), page.get_by_role("slider", name="Vector 1: share of heads")
    expect(worth).to_have_text(re.compile(r"^1\.\d heads \+ 5\.\d tails$"))
    tile.click()
    expect(tile).to_have_attribute("aria-valuetext", "tails")
    expect(worth).to_have_text(re.compile(r"^0\.\d heads \+ [67]\.\d tails$"))
    expect(page).to_have_url(re.compile(r"home_prompt=TTTTTT"))
    tile.press("ArrowUp")
    expect(tile).to_have_attribute("aria-valuetext", "10 % heads, 90 % tails")
    expect(page).to_have_url(re.compile(r"home_prompt=0\.1"))
    said = worth.inner_text()
    page.reload()
    expect(tile).to_have_attribute("aria-valuetext", "10 % heads, 90 % tails")
    expect(worth).to_have_text(said)


def test_a_tile_is_dragged_and_the_network_answers_while_it_is(page, app):
    open_home(page, app)
    tile = page.get_by_role("slider", name="Vector 2: share of heads")
    box = tile.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 48, steps=6)
    expect(tile).to_have_attribute("aria-valuetext", "50 % heads, 50 % tails")
    expect(page.locator(".pt-worth .pt-value")).to_have_text(re.compile(r"^1\.[5-9] heads \+ [45]\.\d tails$"))
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"home_prompt=H%2C0\.5|home_prompt=H,0\.5"))


def test_tuning_in_the_page_loses_next_to_nothing_and_can_be_undone(page, app):
    open_home(page, app)
    page.get_by_role("button", name="Tune the prompt").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator(".pt-note")).to_have_text(re.compile(r"^Tuned in 250 steps"))
    expect(page.locator(".pt-loss .pt-value")).to_have_text(re.compile(r"^0\.0[0-3] nats$"))
    expect(page.locator(".pt-tile").first).to_have_attribute("aria-valuetext", "free, 128 numbers")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".pt-tile").first).to_have_attribute("aria-valuetext", "heads")
    expect(page.locator(".pt-worth .pt-value")).to_have_text(re.compile(r"^1\.\d heads"))


def test_it_moves_by_itself_until_it_is_touched(page, app):
    page.goto(app)
    first = page.locator(".pt-tiles").first
    settle(page, 3)                                    # the first answer, and at least two turns of its own
    first.locator(".pt-tile").first.press("h")
    said = page.locator(".pt-tiles").inner_text()
    page.wait_for_timeout(4000)                        # two turns more, had it gone on
    assert page.locator(".pt-tiles").inner_text() == said


def test_the_film_plays_and_closes(page, app):
    open_home(page, app)
    page.get_by_role("button", name=re.compile("Film, 25 s")).click()
    expect(page.get_by_role("button", name="Close the film")).to_be_visible()
    page.get_by_role("button", name="Close the film").click()
    expect(page.get_by_role("button", name=re.compile("Film, 25 s"))).to_be_visible()


def test_a_link_with_nonsense_opens_the_usual_prompt(page, app):
    open_home(page, app, "?home_prompt=xyz&home_coin=nan")
    expect(page.locator(".pt-tile").first).to_have_attribute("aria-valuetext", "heads")
    expect(page.get_by_text("The coin shows 20 % heads")).to_be_visible()
