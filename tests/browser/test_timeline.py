"""Frames and the timeline in a real browser: all moments are there already, and one slider moves every picture."""

import numpy as np
import pytest
from playwright.sync_api import expect
from watching import settled, visit


def test_frames_are_scrubbed_together_and_nobody_asks_the_server(page, gallery):
    sent = []

    def hear(payload):
        sent.append(payload)

    page.on("websocket", lambda socket: socket.on("framesent", hear))
    visit(page, gallery, show="framed")
    sliders = page.get_by_role("slider", name="training step")
    expect(sliders).to_have_count(2)
    before = len(sent)
    sliders.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(sliders.nth(1)).to_have_attribute("aria-valuetext", "training step 10")
    expect(page.locator(".pt-frames output").first).to_have_text("training step 10")
    settled(page, 0, [5, 5, 5])
    settled(page, 1, [5, 5, 5])
    page.get_by_role("button", name="Play").first.click()
    expect(sliders.nth(1)).to_have_attribute("aria-valuetext", "training step 100")
    settled(page, 1, [10, 10, 10])
    assert len(sent) == before


def test_one_timeline_moves_all_pictures_of_a_page(page, gallery):
    visit(page, gallery, show="timed")
    slider = page.get_by_role("slider")
    expect(slider).to_have_count(1)
    expect(slider).to_have_attribute("aria-valuetext", "tuning, step 9")
    expect(page.get_by_text("tuning starts")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    settled(page, 0, [5, 5, 5])
    settled(page, 1, [5, 5, 5])
    expect(page.locator(".pt-hair:visible")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "pretraining, step 40")
    expect(page.locator(".pt-hair:visible")).to_have_count(1)             # where a curve over training steps is now
    settled(page, 0, np.sqrt(np.arange(100)).tolist())     # the drawing's own points
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "tuning, step 9")
    expect(page.locator(".pt-hair:visible")).to_have_count(0)             # the curve knows nothing of tuning
    page.keyboard.press("Home")
    settled(page, 1, [0, 0, 0])
    assert not asked


def test_an_arrow_on_a_picture_moves_the_timeline(page, gallery):
    visit(page, gallery, show="timed")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "tuning, step 9")
    page.locator(".pt-stage").nth(1).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "tuning, step 0")
    settled(page, 0, [5, 5, 5])


def test_the_table_is_of_the_moment_that_is_shown(page, gallery):
    visit(page, gallery, show="framed")
    page.get_by_text("Show data").first.click()
    page.get_by_role("slider").first.focus()
    page.keyboard.press("Home")
    expect(page.locator(".pt-rows").first).to_contain_text("regret00")
    expect(page.get_by_text("3 rows.").first).to_be_visible()


def test_a_moment_is_drawn_on_a_canvas_before_plotly_draws_it(page, gallery):
    visit(page, gallery, show="timed")
    page.evaluate("""() => {
      window.moved = 0;
      const look = () => { window.moved += document.querySelectorAll('.pt-moving').length; };
      new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] });
    }""")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "tuning, step 9")
    settled(page, 1, [10, 10, 10])
    expect(page.locator(".pt-moving")).to_have_count(0)
    assert page.evaluate("window.moved") > 0


def test_the_timeline_follows_to_the_bottom_of_the_screen_and_covers_nothing(page, gallery):
    page.set_viewport_size({"width": 1000, "height": 600})
    visit(page, gallery, show="timed")
    bar, main, second = page.locator(".pt-timeline"), page.locator("[data-testid=stMain]"), page.locator(".pt-stage").nth(1)
    expect(page.locator(".pt-docked")).to_have_count(0)
    before = second.bounding_box()["y"]
    main.evaluate("(main) => main.scrollTo(0, 400)")
    expect(page.locator(".pt-docked")).to_have_count(1)
    dock, box = bar.bounding_box(), main.bounding_box()
    assert dock["y"] == pytest.approx(box["y"] + box["height"], abs=1) and dock["y"] + dock["height"] == pytest.approx(600, abs=1)
    assert dock["width"] == box["width"]
    assert second.bounding_box()["y"] == pytest.approx(before - 400)                      # the page did not jump
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    settled(page, 1, [0, 0, 0])
    main.evaluate("(main) => main.scrollTo(0, 0)")
    expect(page.locator(".pt-docked")).to_have_count(0)
    assert main.bounding_box()["height"] == 600
