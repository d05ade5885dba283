"""Every lesson walked as a lecture on a projector of 1280 x 720: card, picture and control are in view, and every text can be read."""

import re

import pytest
from playwright.sync_api import expect
from walking import SHIPPED

WIDTH, HEIGHT = 1280, 720
LEAST_TYPE = 24                   # pixels
LEAST_SHARE = 0.6                 # of the screen, for the picture
PATIENCE = 25                     # looks, five in a second, until a slide rests

MEASURE = """() => {
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const box = (selector) => {
    const found = document.querySelector(selector);
    return found && found.childElementCount && seen(found) ? found.getBoundingClientRect().toJSON() : null;
  };
  const small = [], stage = document.querySelector(".st-key-stage");
  const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !seen(element) || element.closest("style, option, .pt-spoken, .modebar, [data-testid=stIconMaterial]")) continue;
    const { width, height } = element.getBoundingClientRect(), size = parseFloat(getComputedStyle(element).fontSize);
    if (width > 1 && height > 1 && size < LEAST) small.push(`${text.slice(0, 40)}: ${size}`);
  }
  const card = document.querySelector(".st-key-stage_card"), main = document.querySelector("[data-testid=stMain]");
  return {
    card: box(".st-key-stage_card"), picture: box(".st-key-stage_picture"), control: box(".st-key-stage_line"),
    leave: box(".st-key-frame_leave"), ways: box(".st-key-stage_ways"), small,
    hidden: card.scrollHeight - card.clientHeight, scrolls: main.scrollHeight - main.clientHeight, at: main.scrollTop,
  };
}""".replace("LEAST", str(LEAST_TYPE - 0.01))


def settled(page) -> None:
    """Wait until the slide is drawn: the script has run, and what is to be seen is there."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator(".st-key-stage_picture :is(.pt-stage, .pt-canvas)").first).to_be_visible()
    expect(page.locator(".st-key-stage_picture .pt-stage:not([data-drawn]), .pt-notice:not([hidden])")).to_have_count(0)


def within(box) -> bool:
    return box["left"] >= -0.5 and box["top"] >= -0.5 and box["right"] <= WIDTH + 0.5 and box["bottom"] <= HEIGHT + 0.5


def look(page, where: str) -> None:
    """One slide, once it rests: nothing is missing, outside, hidden or small."""
    wrong = list(mistakes(page.evaluate(MEASURE)))
    for _ in range(PATIENCE if wrong else 0):
        page.wait_for_timeout(200)
        wrong = list(mistakes(page.evaluate(MEASURE)))
        if not wrong:
            return
    assert not wrong, f"{where}: {wrong}"


def mistakes(found: dict):
    """What is wrong with a slide as it was measured, each in words."""
    for part in ("card", "picture", "leave", "ways"):
        if not found[part] or not within(found[part]):
            yield f"{part} is {found[part]}"
    if found["control"] and not within(found["control"]):
        yield f"the control is {found['control']}"
    if found["hidden"] > 1 or found["scrolls"] > 1 or found["at"]:
        yield f"the card hides {found['hidden']} pixels, the page scrolls {found['scrolls']} from {found['at']}"
    box = found["picture"] or {"width": 0, "height": 0}
    if box["width"] * box["height"] < LEAST_SHARE * WIDTH * HEIGHT:
        yield f"the picture is {box['width']} x {box['height']}"
    yield from found["small"]


def turned(page) -> None:
    """Press the key, and wait for another slide or the answer."""
    before = page.locator(".st-key-stage_card").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-stage_card")).not_to_have_text(before, use_inner_text=True)
    settled(page)


def test_every_slide_of_every_lesson_can_be_seen_and_read_from_the_last_row(page, app):
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    first = next(iter(SHIPPED))
    page.goto(f"{app}/lessons?lesson={first}&lesson_step=1&lecture=1")
    expect(page.locator("[data-listening=true]")).to_have_count(1)
    settled(page)
    slides = 0
    for lesson in SHIPPED.values():
        expect(page.get_by_role("heading", name=lesson.title)).to_be_visible()
        for at, step in enumerate(lesson.steps, 1):
            look(page, f"{lesson.name} {at}")
            turned(page)
            slides += 1
            if step.guess:                                              # the key has answered
                look(page, f"{lesson.name} {at}, answered")
                turned(page)
                slides += 1
        expect(page.locator(".st-key-stage_card").get_by_text("The end")).to_be_visible()
        look(page, f"{lesson.name}, the end")
        slides += 1
        if lesson is not list(SHIPPED.values())[-1]:
            turned(page)
    assert slides > 60
    page.keyboard.press("Escape")                                       # the way out
    expect(page.get_by_role("button", name="Begin").first).to_be_visible()
    expect(page.locator(".st-key-frame_leave")).to_have_count(0)


def test_the_notes_of_a_lecture_follow_the_slides_in_a_window_of_their_own(page, app):
    page.goto(f"{app}/lessons?lesson=ideal&lesson_step=3&lecture=1")
    settled(page)
    expect(page.locator("[data-notes=ready]")).to_have_count(1)
    with page.expect_popup() as opened:
        page.keyboard.press("n")
    notes = opened.value
    expect(notes.get_by_text("The curve gets narrow")).to_be_visible()
    expect(notes.get_by_role("heading", name="What an ideal predictor does: 3 of 4")).to_be_visible()
    notes.keyboard.press("ArrowRight")
    expect(page.get_by_text("Step 4 of 4")).to_be_visible()
    expect(notes.get_by_text("Keep the two numbers in mind")).to_be_visible()
    notes.close()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_lesson_has_card_picture_and_control_on_one_screen(page, app, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for name, step in (("ideal", 1), ("evidence", 1), ("elsewhere", 3), ("soft", 2)):
        page.goto(f"{app}/lessons?lesson={name}&lesson_step={step}")
        settled(page)
        found = page.evaluate(MEASURE)
        for part in ("card", "picture", "leave", "ways", *(["control"] if found["control"] else [])):
            box = found[part]
            assert box["top"] >= 0 and box["bottom"] <= size[1] and box["right"] <= size[0], f"{name}: {part} is {box}"
        assert found["card"]["width"] == 380 and found["hidden"] <= 1 and found["scrolls"] <= 1, (name, found)


def test_on_a_phone_the_card_stands_above_the_picture(page, app):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/lessons?lesson=two-coins&lesson_step=1")
    settled(page)
    found = page.evaluate(MEASURE)
    assert found["card"]["bottom"] <= found["picture"]["top"] and found["picture"]["bottom"] <= found["control"]["top"]
    assert max(found[part]["right"] for part in ("card", "picture", "control")) <= 390


def test_a_prompt_is_tuned_in_the_page_and_its_numbers_stand_in_the_card(page, app):
    page.goto(f"{app}/lessons?lesson=soft&lesson_step=2")
    settled(page)
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Tune the prompt").click()
    expect(page.get_by_text(re.compile(r"The six vectors now act like \d+ heads and 1\d\d tails"))).to_be_visible()
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_enabled()
