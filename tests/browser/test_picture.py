"""The picture component in a real browser: it stays itself, whatever arrives."""

import csv
import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from watching import becomes, heights, lit, marked, press, shown, still_there, visit, zoom


def test_a_change_of_data_keeps_the_dom_node_and_the_zoom(page, gallery):
    visit(page, gallery, show="changed")
    marked(page)
    zoomed = zoom(page)
    page.get_by_label("Height").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Regret rises to 29.8 nats.")).to_be_visible()
    becomes(page, lambda: heights(page)[-1], pytest.approx(3 * 99**0.5))
    assert still_there(page)
    assert shown(page) == zoomed != pytest.approx([0, 99], abs=20)


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
    expect(page.locator(".pt-data table")).to_have_count(0)
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
    expect(nats).to_have_text("nats: A unit of information, like bits: one nat is 1.44 bits. Giving 50 % to what comes costs 0.69 nats.")
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
