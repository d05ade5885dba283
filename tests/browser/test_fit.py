"""Words on pictures: inside the picture, apart from each other and from its buttons, on every screen."""

import pytest
from fitting import LONG, crowded
from playwright.sync_api import Page, expect
from watching import visit

SCREENS = {"large": (1440, 900), "laptop": (1280, 720), "phone": (390, 844)}
PICTURES = list(crowded())

FAULTS = """(stage) => {
    const edge = stage.getBoundingClientRect(), found = [];
    const box = (node) => node.getBoundingClientRect();
    const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
    const meet = (a, b) => shared(a, b, 'left', 'right') > 2 && shared(a, b, 'top', 'bottom') > 4;
    const turned = (node) => /rotate\\((?!0)/.test(node.getAttribute('transform') ?? '');
    const words = [...stage.querySelectorAll('.pt-plot svg text')].filter((node) => box(node).width && !node.closest('.hoverlayer'));
    const bar = box(stage.querySelector('.modebar'));
    words.forEach((one, i) => {
        const at = box(one), said = one.textContent;
        const out = Math.max(edge.left - at.left, at.right - edge.right, edge.top - at.top, at.bottom - edge.bottom);
        if (out > 1.5) found.push(`outside: ${said}`);
        if (meet(at, bar)) found.push(`under the buttons: ${said}`);
        for (const other of words.slice(i + 1)) {
            if (turned(one) && turned(other)) continue;                 // boxes of slanted labels overlap where the labels do not
            if (meet(at, box(other))) found.push(`over each other: ${said} and ${other.textContent}`);
        }
        if (/undefined|NaN/.test(said)) found.push(`no word: ${said}`);
    });
    return found;
}"""


@pytest.mark.parametrize("screen", SCREENS)
def test_words_are_inside_the_picture_and_cover_nothing(page, gallery, screen):
    page.set_viewport_size(dict(zip(("width", "height"), SCREENS[screen], strict=True)))
    found = {}
    page.goto(f"{gallery}?show=fitting")
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator(".pt-stage")).to_have_count(len(PICTURES))
    for place, name in enumerate(PICTURES):
        stage = page.locator(".pt-stage").nth(place)
        stage.evaluate("node => node.scrollIntoView({ block: 'center' })")         # does not wait for a page that still moves
        expect(stage).to_have_attribute("data-drawn", "true")
        found[name] = stage.evaluate(FAULTS)
    assert found == {name: [] for name in PICTURES}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_title_too_long_for_its_axis_keeps_its_words_and_its_meaning(page, gallery):
    page.set_viewport_size({"width": 320, "height": 640})
    visit_one(page, gallery, "path")
    lines = page.locator(".pt-plot .gtitle tspan.line").all_text_contents()
    assert len(lines) == 2 and " ".join(lines) == f"{LONG}: 13% off the plane"


@pytest.mark.parametrize("span", [(0.004, 30.0), (0.5, 9.0), (0.03, 0.2), (0.21, 0.45), (1e-8, 10.0)])
def test_labels_of_a_logarithmic_axis_are_their_values_at_every_zoom(page, gallery, span):
    visit_one(page, gallery, "counts")
    ticks = page.locator(".pt-plot").evaluate("""async (plot, span) => {
        await Plotly.relayout(plot, { 'yaxis.range': span.map(Math.log10) });
        return plot._fullLayout.yaxis._vals.filter(({ text, minor }) => text && !minor).map(({ x, text }) => [10 ** x, text]);
    }""", list(span))
    inside = [(value, text) for value, text in ticks if span[0] * 0.999 <= value <= span[1] * 1.001]
    assert len(inside) >= 2
    for value, text in inside:
        assert float(text.replace("−", "-").replace(",", "")) == pytest.approx(value, rel=1e-6)


def visit_one(page: Page, gallery: str, name: str) -> None:
    visit(page, gallery, show="fitting", only=name)
