"""The whole way in a real browser with a real engine: pretrain a tiny network, tune it, read its regret, look inside."""

import re
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from playwright.sync_api import expect

TINY = {"pretrain_body_lstm_width": 8, "pretrain_recipe": "My own", "pretrain_recipe_own_steps": 150, "pretrain_recipe_own_batch": 4,
        "pretrain_recipe_own_length": 50, "pretrain_seed": 77}
RACE = {"tune_methods": ["NoTuning", "SoftPT"], "tune_repetitions": 1, "tune_recipe": "My own", "tune_recipe_own_steps": 40}
WITHOUT_PROBES = "inside_probes=False"             # they take long, and are no picture of these tests


@pytest.fixture(scope="module")
def app(serving, start, tmp_path_factory):
    """The app with an engine and a store of its own."""
    with serving(start, tmp_path_factory.mktemp("journey"), TUTOR_ENGINE="on") as address:
        yield address


def rested(page) -> None:
    """Wait until the page's script has run to its end, and look that nothing went wrong.

    On a busy machine Inside reads its networks for minutes.
    """
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=300_000)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def picture(page, takeaway: str):
    """The drawn picture whose sentence matches."""
    return page.get_by_role("group", name=re.compile(takeaway))


def parameter(page, name: str) -> str:
    return parse_qs(urlparse(page.url).query)[name][0]


def test_from_pretraining_to_the_inside(page, app):
    page.goto(f"{app}/pretrain?{urlencode(TINY)}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**pretrain_run=**")
    key = parameter(page, "pretrain_run")
    page.reload()                                      # a live view survives it
    expect(page.get_by_text("step 150 of 150")).to_be_visible()
    expect(page.get_by_role("heading", name="How close to ideal did it get?")).to_be_visible()
    expect(picture(page, "After 150 steps the network loses")).to_have_attribute("data-drawn", "true")

    page.get_by_role("link", name="Next: tune this network").click()
    expect(page.get_by_role("heading", name="Tune: one network")).to_be_visible()
    expect(page).to_have_url(re.compile(f"tune_base={key}"))
    page.goto(f"{app}/tune?{urlencode(RACE | {'tune_base': key}, doseq=True)}")
    page.get_by_role("button", name="Start 2 of 2").click()
    expect(page.get_by_text("All of these runs are finished")).to_be_visible()
    expect(picture(page, "Closest to the ideal predictor of the target is soft prompt")).to_be_visible()

    page.get_by_role("link", name="Next: regret flip by flip").click()
    page.wait_for_url(f"**regret_base={key}**")        # the bars on Tune say the same sentence, so the picture alone would not tell
    expect(picture(page, "After 50 flips .* has the lowest cumulative regret").first).to_be_visible()

    page.goto(f"{app}/inside?inside_base={key}&{WITHOUT_PROBES}")
    expect(picture(page, "soft prompt starts the data")).to_be_visible()
    expect(page.get_by_text("tuning starts")).to_be_visible()
    rested(page)


def test_a_film_is_dragged_without_asking_the_server(page, app):
    page.goto(f"{app}/inside?{WITHOUT_PROBES}")
    slider = page.get_by_role("slider", name="pretraining and tuning step")
    expect(slider).to_be_visible()
    rested(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before = -1
    while before != len(asked):                                  # until no film has been on its way for three seconds
        before = len(asked)
        page.wait_for_timeout(3000)
    asked.clear()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("tuning, step"))
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "pretraining, step 0")
    assert not asked


def test_states_and_predictions_are_scrubbed_while_the_network_still_trains(page, app):
    page.goto(f"{app}/pretrain?{urlencode(TINY | {'pretrain_seed': 79, 'pretrain_recipe_own_steps': 4000})}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**pretrain_run=**")
    page.reload()                                      # from here on the page has only ever shown this run
    page.locator(".pt-stage").nth(2).scroll_into_view_if_needed()
    slider = page.get_by_role("slider", name="pretraining and tuning step")
    expect(slider).to_be_visible()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "pretraining, step 0")
    expect(slider).not_to_have_attribute("max", slider.get_attribute("max"))       # more moments arrive ...
    expect(slider).to_have_attribute("aria-valuetext", "pretraining, step 0")      # ... and nobody is dragged along
    predictions = page.locator(".pt-plot").nth(2)
    assert predictions.evaluate("(plot) => plot._fullData[1].x.length") > 100
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def test_a_coin_flipped_by_hand_is_in_the_link(page, app):
    page.goto(f"{app}/bayes?bayes_flips=HT")
    page.get_by_role("button", name="Heads", exact=True).click()
    page.wait_for_url("**bayes_flips=HTH")
    expect(page.get_by_text("2 heads in 3 flips")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 heads in 3 flips")).to_be_visible()


def test_a_run_is_paused_stepped_and_continued(page, app):
    page.goto(f"{app}/pretrain?{urlencode(TINY | {'pretrain_seed': 78, 'pretrain_recipe_own_steps': 3000})}")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Pause").click()
    line = page.get_by_text(re.compile(r"step [\d,]+ of")).first
    expect(line).to_contain_text("stopped at step")
    before = int(re.search(r"step ([\d,]+) of", line.inner_text())[1].replace(",", ""))
    page.get_by_role("button", name="+10", exact=True).click()
    expect(page.get_by_text(f"step {before + 10:,} of 3,000")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
