"""The picture component in a real browser: it stays itself, whatever arrives."""

import csv
import io
import json
import re
import urllib.request

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tutor import Recipe, RunSpec, RunStore, predictors, sources

PLOT = "document.querySelector('.pt-plot')"


def visit(page: Page, address: str, **query: str) -> None:
    """Open a page of the gallery and wait until its pictures are drawn by plotly.js."""
    page.goto(address + "?" + "&".join(f"{name}={value}" for name, value in query.items()))
    expect(page.locator(".pt-stage").first).to_be_visible()
    expect(page.locator(".pt-stage:not([data-drawn])")).to_have_count(0)


def zoom(page: Page) -> list[float]:
    """Drag a rectangle over the first picture and return the range of x that is then shown."""
    box = page.locator(".pt-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 120, steps=5)
    page.mouse.up()
    return shown(page)


def shown(page: Page) -> list[float]:
    return page.evaluate(f"() => {PLOT}._fullLayout.xaxis.range")


def heights(page: Page, at: int = 0) -> list[float]:
    return page.evaluate(f"() => [...document.querySelectorAll('.pt-plot')][{at}]._fullData[0].y")


def lit(page: Page, at: int, *, trace: int, point: int) -> None:
    """Wait until this point is lit up, in one picture of the page."""
    found = None
    for _ in range(50):
        found = page.locator(".pt-plot").nth(at).evaluate("(plot) => plot._hoverdata?.map((one) => [one.curveNumber, one.pointNumber])")
        if found == [[trace, point]]:
            return
        page.wait_for_timeout(100)
    assert found == [[trace, point]]


def settled(page: Page, at: int, expected: list[float]) -> None:
    """Wait until plotly.js has drawn this picture with these heights: a moving film is a canvas until it rests."""
    for _ in range(100):
        if heights(page, at) == pytest.approx(expected, abs=1e-4):
            return
        page.wait_for_timeout(100)
    assert heights(page, at) == pytest.approx(expected, abs=1e-4)


def points(page: Page, count: int) -> None:
    """Wait until the picture has so many points."""
    expect(page.locator(".pt-stage").first).to_have_attribute("data-points", str(count))


def marked(page: Page) -> None:
    """Remember the DOM nodes of the picture, to ask later whether they are still there."""
    page.evaluate(f"() => {{ window.kept = [{PLOT}, document.querySelector('.pt-plot .main-svg')]; }}")


def still_there(page: Page) -> bool:
    return page.evaluate(f"() => kept[0] === {PLOT} && kept[1] === document.querySelector('.pt-plot .main-svg')")


def press(page: Page, *keys: str) -> None:
    page.locator(".pt-stage").first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_a_change_of_data_keeps_the_dom_node_and_the_zoom(page, gallery):
    visit(page, gallery, show="changed")
    marked(page)
    zoomed = zoom(page)
    page.get_by_label("Height").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Regret rises to 29.8 nats.")).to_be_visible()
    assert still_there(page)
    assert shown(page) == zoomed != pytest.approx([0, 99], abs=20)
    assert heights(page)[-1] == pytest.approx(3 * 99**0.5)


def test_the_keyboard_reads_points_out_and_pins_one_that_python_hears_of(page, gallery):
    visit(page, gallery, show="changed")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "Enter")
    expect(page.locator(".pt-spoken")).to_have_text("regret x 2, y 1.414")
    expect(page.get_by_text("Pinned: 2")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_text("Pinned: nothing")).to_be_visible()


def test_a_picture_says_what_it_shows_and_shows_where_the_focus_is(page, gallery):
    visit(page, gallery, show="changed")
    picture = page.get_by_role("group", name="Regret rises to 9.9 nats.")
    before = picture.evaluate("node => getComputedStyle(node).boxShadow")
    page.get_by_label("Height").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if picture.evaluate("node => node === document.activeElement"):
            break
    expect(picture).to_be_focused()
    assert picture.evaluate("node => getComputedStyle(node).boxShadow") != before


def test_the_table_holds_the_numbers_and_the_csv_is_the_same(page, gallery):
    visit(page, gallery, show="changed")
    assert page.locator(".pt-data table").count() == 0
    page.get_by_text("Show data").click()
    expect(page.locator(".pt-data tbody tr")).to_have_count(100)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert rows[0] == ["flip", "regret", "note"]
    assert rows[5] == ["4", "2", 'a "quoted", word']
    assert page.locator(".pt-data tbody tr").nth(4).locator("td").all_inner_texts() == rows[5]


def test_a_picture_leaves_as_svg_with_its_numbers_in_it(page, gallery):
    visit(page, gallery, show="changed")
    page.locator(".pt-stage").hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download SVG").click()
    svg = download.value.path().read_text()
    assert download.value.suggested_filename == "curve.svg"
    assert "Regret rises to 9.9 nats." in svg and "Prompt Tutor 0." in svg                    # its sentence and where it comes from
    assert svg.startswith("<svg") and "regret, nats" in svg and "#0072b2" in svg.lower().replace("rgb(0, 114, 178)", "#0072b2")


def test_a_light_in_one_picture_lights_the_same_point_in_its_partner(page, gallery):
    visit(page, gallery, show="linked")
    press(page, "ArrowRight", "ArrowRight")
    right = page.locator(".pt-plot").nth(1)
    expect(right.locator(".hovertext")).to_contain_text("(1, 2)")
    press(page, "Escape")
    expect(right.locator(".hovertext")).to_have_count(0)


def test_a_pinned_point_stays_lit_in_the_other_pictures(page, gallery):
    visit(page, gallery, show="linked")
    press(page, "ArrowRight", "ArrowRight", "Enter")
    lit(page, 1, trace=0, point=1)
    page.locator(".pt-plot").first.evaluate("(plot) => plot.emit('plotly_unhover', {})")        # the pointer has been here and leaves
    page.wait_for_timeout(300)
    lit(page, 1, trace=0, point=1)
    press(page, "Escape")
    expect(page.locator(".pt-plot").nth(1).locator(".hovertext")).to_have_count(0)


def test_words_on_a_picture_are_explained_where_they_stand_and_in_a_list(page, gallery):
    visit(page, gallery, show="methods")
    nats = page.locator(".pt-plot .ytitle > title").first
    expect(nats).to_have_text("nats: Information in units of the natural logarithm: one nat is 1.44 bits.")
    expect(page.locator(".pt-plot").nth(1).locator(".traces > title").first).to_have_text(re.compile("^HardPT: Exhaustive search"))
    page.get_by_text("Show data").nth(1).click()
    expect(page.locator(".pt-words").first).to_contain_text("SoftPTK free vectors inserted in embedding space")


def test_a_method_lights_up_wherever_it_is_drawn(page, gallery):
    visit(page, gallery, show="methods")
    page.locator(".pt-stage").first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")                                     # the second bar is of the second method
    lit(page, 0, trace=0, point=1)
    lit(page, 1, trace=1, point=2)                                        # its curve, whose axis means something else, at its end
    page.keyboard.press("Escape")
    page.locator(".pt-stage").nth(1).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    lit(page, 2, trace=1, point=1)                                        # the same flip on the curve of the same method
    lit(page, 0, trace=0, point=0)


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


def test_a_drawing_library_that_fails_is_said_and_can_be_fetched_again(page, gallery):
    page.route("**/plotlyjs/**", lambda route: route.abort())
    page.goto(gallery)
    expect(page.get_by_text("the drawing library did not arrive")).to_be_visible()
    page.unroute("**/plotlyjs/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".pt-stage[data-drawn]")).to_have_count(1)
    expect(page.get_by_text("the drawing library did not arrive")).to_have_count(0)


def test_a_drawing_library_that_never_answers_is_asked_for_again(page, gallery):
    asked = []

    def first_hangs(route):
        asked.append(route.request.url)
        if "again" in route.request.url:
            route.continue_()

    page.route("**/plotlyjs/**", first_hangs)
    page.clock.install()
    page.goto(gallery)
    expect(page.locator(".pt-stage")).to_be_visible()
    page.clock.fast_forward(25_000)
    expect(page.locator(".pt-stage[data-drawn]")).to_have_count(1)
    assert any("again=2" in address for address in asked)


def test_the_first_picture_is_sketched_before_plotly_is_there(page, gallery):
    page.route("**/plotlyjs/**", lambda route: route.abort())
    page.goto(gallery)
    canvas = page.locator("canvas.pt-sketch")
    expect(canvas).to_be_visible()
    blue = """canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let i = 0; i < data.length; i += 4) found += data[i] < 20 && data[i + 2] > 150 && data[i + 3] > 200;
        return found;
    }"""
    assert canvas.evaluate(blue) > 200


def test_colours_follow_the_page_into_the_dark_without_a_new_picture(page, gallery):
    visit(page, gallery, show="changed")
    marked(page)
    line = page.locator(".pt-plot .scatterlayer .js-line")
    expect(line).to_have_css("stroke", "rgb(0, 114, 178)")
    page.emulate_media(color_scheme="dark")
    expect(line).to_have_css("stroke", "rgb(79, 168, 224)")
    expect(page.locator(".pt-plot .xtitle")).to_have_css("fill", "rgb(232, 234, 237)")
    assert still_there(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_has_no_fault_that_an_accessibility_checker_finds(page, gallery, scheme):
    page.emulate_media(color_scheme=scheme)
    visit(page, gallery, show="framed")
    page.get_by_text("Show data").first.click()
    found = Axe().run(page, context=".pt-picture").response["violations"]
    assert [violation["id"] for violation in found] == []


# --- a run that is being computed ---------------------------------------------------------------------------------------


@pytest.fixture
def run(store_root, request):
    """A run of the gallery's store that the test itself writes: queued, so that it may still go on."""
    seed = sum(map(ord, request.node.name))
    spec = RunSpec(source=sources.Categorical(), body=predictors.LSTM(width=8), recipe=Recipe.fast(), seed=seed)
    return RunStore(store_root).create(spec)


def write(folder, *steps: int, repetition: int = 0) -> None:
    with open(folder.file("events.jsonl"), "ab") as file:
        file.writelines(json.dumps({"step": step, "loss": float(step), "repetition": repetition}).encode() + b"\n" for step in steps)


def test_points_of_a_run_arrive_without_a_rerun_and_leave_the_zoom_alone(page, gallery, run):
    write(run, *range(50))
    visit(page, gallery, show="running", run=run.key)
    expect(page.get_by_text("the store holds 50 events")).to_be_visible()
    points(page, 50)
    marked(page)
    zoomed = zoom(page)
    write(run, *range(50, 80))
    points(page, 80)
    assert still_there(page) and shown(page) == zoomed
    expect(page.get_by_text("the store holds 50 events")).to_be_visible()


def test_a_spike_survives_the_thinning_of_a_long_run(page, gallery, run):
    write(run, *range(20_000))
    with open(run.file("events.jsonl"), "ab") as file:
        file.write(b'{"step": 20000, "loss": 1000000.0, "repetition": 0}\n{"step": 20001, "loss": 1.0, "repetition": 0}\n')
    write(run, *range(20_002, 30_000))
    visit(page, gallery, show="running", run=run.key)
    points(page, 2000)
    drawn = heights(page)
    assert max(drawn) == 1_000_000.0


def test_a_live_curve_can_be_the_mean_over_its_neighbours(page, gallery, run):
    write(run, *range(10))
    visit(page, gallery, show="running", run=run.key, mean="3")
    points(page, 10)
    assert heights(page) == [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 8.5]


def test_a_live_picture_survives_a_reload_from_its_first_point(page, gallery, run):
    write(run, *range(30))
    visit(page, gallery, show="running", run=run.key)
    page.reload()
    visit(page, gallery, show="running", run=run.key)
    points(page, 30)
    assert heights(page) == list(range(30))


def test_the_end_of_a_run_is_heard_once(page, gallery, run):
    write(run, *range(30))
    visit(page, gallery, show="running", run=run.key)
    marked(page)
    run.write_status(run.status().but(state="paused", step=30))
    expect(page.get_by_text("Heard of 1 ends; the store holds 30 events")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_text("Heard of 1 ends")).to_be_visible()
    assert still_there(page)


def test_the_state_of_a_run_renews_itself(page, gallery, run):
    page.goto(f"{gallery}?show=watching&run={run.key}")
    expect(page.get_by_text("waiting")).to_be_visible()
    run.write_status(run.status().but(state="paused", step=30, message="stopped by a visitor"))
    expect(page.get_by_text("paused").first).to_be_visible()
    expect(page.get_by_text("step 30 of 320 · stopped by a visitor")).to_be_visible()
    expect(page.get_by_text("The page knows: paused")).to_be_visible()


def test_another_repetition_is_not_mixed_into_the_curve(page, gallery, run):
    write(run, *range(30))
    write(run, *range(30), repetition=1)
    visit(page, gallery, show="running", run=run.key)
    points(page, 30)
    write(run, 1, repetition=1)
    write(run, 30)
    points(page, 31)
    assert heights(page) == list(range(31))


def test_a_run_that_is_not_there_is_said_in_a_sentence(gallery):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{gallery}/api/runs/0123456789abcdef/events")
    assert answer.value.code == 404
    assert answer.value.read().decode().startswith("There is no run 0123456789abcdef")
