"""Looking at pictures in a browser: what the tests of the picture component share."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

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


def becomes(page: Page, look: Callable[[], Any], expected: Any, seconds: int = 60) -> None:
    """Look again and again until what is seen is as expected, or fail."""
    for _ in range(10 * seconds):
        if look() == expected:
            return
        page.wait_for_timeout(100)
    assert look() == expected


def lit(page: Page, at: int, *, trace: int, point: int) -> None:
    """Wait until this point is lit up, in one picture of the page."""
    plot = page.locator(".pt-plot").nth(at)
    becomes(page, lambda: plot.evaluate("(plot) => plot._hoverdata?.map((one) => [one.curveNumber, one.pointNumber])"), [[trace, point]])


def settled(page: Page, at: int, expected: list[float]) -> None:
    """Wait until plotly.js has drawn this picture with these heights: a moving film is a canvas until it rests."""
    becomes(page, lambda: heights(page, at), pytest.approx(expected, abs=1e-4))


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
