"""Back and Forward: every page as the visitor left it, every step of a lesson as its own entry, and no reload of the document."""

import re

import pytest
from playwright.sync_api import expect

from tutor.ui.page_list import LABS


def rested(page) -> None:
    """Wait for the end of the run; on a busy machine Inside reads its networks for minutes."""
    page.wait_for_timeout(200)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=180_000)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def where(page) -> str:
    return page.evaluate("location.pathname + location.search")


def stands(page, app: str, address: str) -> None:
    """Wait until the visitor is at this address."""
    expect(page).to_have_url(app + address)


def opened(page, title: str) -> None:
    """Go to a page by the navigation, and wait until it is there."""
    lab = next((lab for lab, pages in LABS.items() if title in [one.title for one in pages]), None)
    if lab:
        page.get_by_test_id("stTopNavSection").filter(has_text=lab).click()
    page.get_by_role("menuitem" if lab else "link", name=title, exact=True).first.click()
    expect(page).to_have_title(re.compile(f"^{title}"))
    rested(page)


def back(page, steps: int = 1) -> None:
    for _ in range(abs(steps)):
        page.go_back() if steps > 0 else page.go_forward()
        rested(page)


def chosen(page, label: str, option) -> None:
    page.get_by_role("combobox", name=label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()
    rested(page)


def slid(page, label: str, keys: int) -> None:
    slider = page.get_by_role("slider", name=label).first
    slider.focus()
    for _ in range(keys):
        slider.press("ArrowRight")
    rested(page)


def typed(page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_label(label, exact=True).first.press("Enter")
    rested(page)


def changed_bayes(page) -> None:
    slid(page, "Coin in play", 2)
    typed(page, "Prompt: flips put in front", "TTT")
    page.get_by_role("button", name="Heads", exact=True).click()
    rested(page)


def changed_regret(page) -> None:
    page.get_by_role("radio", name="Transformer").first.click()
    rested(page)
    page.get_by_text(re.compile("^Methods")).first.click()
    page.get_by_text("Logarithmic", exact=True).click()
    rested(page)
    page.get_by_role("button", name="soft prompt · SoftPT", exact=True).first.click()
    rested(page)


def changed_inside(page) -> None:
    chosen(page, "Network", re.compile("^LSTM"))
    typed(page, "Up: component", "3")


def changed_workbench(page) -> None:
    page.get_by_role("button", name="Add a vector").click()
    rested(page)
    page.get_by_role("radio", name="Shares").click()
    rested(page)


def changed_attention(page) -> None:
    slid(page, "Pull: the prefix's keys times", 3)


VISITED = {"Bayes": changed_bayes, "Regret": changed_regret, "Inside": changed_inside, "Workbench": changed_workbench,
           "Attention": changed_attention}


def seen(page) -> dict:
    """The address, every control and what the pictures say, as far as they are drawn."""
    return page.evaluate("""() => {
      const main = document.querySelector('[data-testid=stMain]');
      const all = (selector, read) => [...main.querySelectorAll(selector)].map(read);
      return {
        address: location.pathname + location.search,
        typed: all('input:not([type=radio]):not([type=checkbox]):not([type=range])', (one) => one.value),
        on: all('input[type=radio], input[type=checkbox]', (one) => one.checked),
        slid: all('[role=slider][aria-label]', (one) => one.getAttribute('aria-valuetext') || one.getAttribute('aria-valuenow')),
        picked: all('[data-testid=stButtonGroup] button', (one) => one.getAttribute('aria-pressed') ?? one.dataset.testid ?? ''),
        pictures: all('.pt-stage', (one) => one.getAttribute('aria-label')),
        metrics: all('[data-testid=stMetricValue]', (one) => one.innerText),
      };
    }""")


def settled(page) -> dict:
    """What is seen once it has stayed the same for a second."""
    before = None
    for _ in range(60):
        now = seen(page)
        if now == before:
            return now
        before = now
        page.wait_for_timeout(1000)
    pytest.fail("the page never came to rest")


def becomes(page, expected: dict) -> None:
    for _ in range(400):
        if seen(page) == expected:
            return
        page.wait_for_timeout(250)
    assert seen(page) == expected


def test_five_pages_come_back_as_they_were_left(page, app):
    page.goto(f"{app}/inside?inside_probes=False")                     # which take long, and are no picture of this test
    rested(page)
    opened(page, "Home")
    page.evaluate("() => { window.kept = true; }")
    entries, left = page.evaluate("history.length"), []
    for title, change in VISITED.items():
        opened(page, title)
        change(page)
        left.append(settled(page))
    assert len({one["address"] for one in left}) == 5 and all("?" in one["address"] for one in left)
    assert page.evaluate("history.length") == entries + 5
    for one in reversed(left[:-1]):
        back(page)
        becomes(page, one)
    back(page)
    stands(page, app, "/")
    for one in left:
        back(page, -1)
        becomes(page, one)
    assert page.evaluate("window.kept")                                # the document was never loaded again
    page.go_back()
    page.go_back()                                                     # at once, while the page between is still asked for
    becomes(page, left[2])
    page.reload()
    becomes(page, left[2])
    back(page, -1)
    becomes(page, left[3])
    back(page, 2)
    becomes(page, left[1])


def test_a_control_at_its_default_comes_back_at_its_default(page, app):
    page.goto(f"{app}/regret")
    rested(page)
    opened(page, "Lessons")
    opened(page, "Regret")
    page.get_by_role("radio", name="Transformer").first.click()
    rested(page)
    chosen(page, "What to compare", re.compile("single coin|random", re.I))
    page.evaluate("() => { window.kept = true; }")
    later = where(page)
    back(page, 2)
    stands(page, app, "/regret")
    expect(page.get_by_role("radio", name="LSTM").first).to_be_checked()
    back(page, -2)
    stands(page, app, later)
    expect(page.get_by_role("radio", name="Transformer").first).to_be_checked()
    assert page.evaluate("window.kept")                                # the document was never loaded again


def test_a_link_with_settings_leaves_the_page_behind_it_as_it_was(page, app):
    page.goto(f"{app}/pretrain?pretrain_seed=5")
    rested(page)
    there = where(page)
    page.get_by_role("link", name="Next: tune this network").click()
    expect(page).to_have_title(re.compile("^Tune"))
    rested(page)
    expect(page).to_have_url(re.compile("tune_base="))
    back(page)
    stands(page, app, there)
    expect(page.get_by_label("Seed", exact=True).first).to_have_value("5")


def test_steps_of_a_lesson_are_gone_through_backwards(page, app):
    page.goto(f"{app}/lessons")
    page.get_by_role("button", name="Begin").nth(1).click()
    expect(page.get_by_text("step 1 of 4")).to_be_visible()
    rested(page)
    page.get_by_role("button", name="Heads", exact=True).click()
    rested(page)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("step 2 of 4")).to_be_visible()
    rested(page)
    page.get_by_label("Your guess", exact=True).fill("0.6")
    page.get_by_role("button", name="Guess", exact=True).click()
    rested(page)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("step 3 of 4")).to_be_visible()
    rested(page)
    back(page)
    expect(page.get_by_text("step 2 of 4")).to_be_visible()
    expect(page.get_by_role("button", name="Guess", exact=True)).to_be_visible()       # a step opens as it is for everybody
    back(page)
    expect(page.get_by_text("step 1 of 4")).to_be_visible()
    expect(page.get_by_text("Press Heads once.")).to_be_visible()
    back(page)
    stands(page, app, "/lessons")
    expect(page.locator(".st-key-stage")).to_have_count(0)
    back(page, -3)
    expect(page.get_by_text("step 3 of 4")).to_be_visible()


def test_a_lecture_stays_one_and_shows_the_slide_of_its_address(page, app):
    page.goto(f"{app}/lessons?hide=sidebar")
    page.get_by_role("button", name="Present").nth(4).click()
    slides, card = {}, page.locator(".st-key-stage_card")
    for turn, number in enumerate((1, 1, 2, 3, 3, 4)):                 # on the first and the third there is something to reveal first
        if turn:
            before = card.inner_text()
            page.keyboard.press("PageDown")
            expect(card).not_to_have_text(before, use_inner_text=True)
        expect(card.get_by_text(f"Step {number} of 4")).to_be_visible()
        expect(page).to_have_url(re.compile(f"lesson_step={number}(&|$)"))
        rested(page)
        slides[number] = where(page)
    for number, address in reversed(list(slides.items())[:-1]):
        back(page)
        expect(card.get_by_text(f"Step {number} of 4")).to_be_visible()
        stands(page, app, address)
        assert "lecture=1" in address
        expect(page.locator("[data-testid=stTopNav]")).to_be_hidden()
    back(page)
    stands(page, app, "/lessons?hide=sidebar")
    expect(page.get_by_role("button", name="Leave")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/bayes", "/regret?regret_body=Transformer", "/clusters/"])
def test_a_cold_link_asks_for_nothing_that_is_not_there(page, app, path):
    missing, said = [], []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(app + path)
    rested(page)
    assert (missing, said) == ([], [])
