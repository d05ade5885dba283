"""What a visitor with a browser waits for: the first picture, the picture after a click, pictures of a training that runs.

All times are taken inside the page by its own clock: since the navigation began, or since the click.
"""

import re
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PATIENCE = 120_000                                 # ms
DRAWN = ".pt-stage[data-drawn=true]"
RESTED = "[data-testid=stApp][data-test-script-state=notRunning]"

NOTE = """
new MutationObserver((_, observer) => {
  if (document.querySelector('.pt-stage[data-sketched=true]')) requestAnimationFrame(() => { window.benchSeen ??= performance.now(); });
  if (!document.querySelector('.pt-stage[data-drawn=true]')) return;
  window.benchDrawn = performance.now();
  window.benchSeen ??= window.benchDrawn;
  observer.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-drawn', 'data-sketched'] });
"""
"""Notes when the first picture was seen, and when plotly.js has drawn it, so that it can be hovered, zoomed and clicked."""

LISTEN = """(stage) => {
  const plot = stage.querySelector('.js-plotly-plot');
  const some = (values) => [values?.length, values?.[values.length >> 1], values?.[values.length - 1]];
  const look = () => JSON.stringify([plot._fullData.map(({ x, y }) => [some(x), some(y)]), plot.layout.yaxis.type]);
  const before = look();
  let begun = null;
  const begin = (event) => { begun ??= event.timeStamp; };
  for (const kind of ['click', 'keydown']) document.addEventListener(kind, begin, { capture: true, once: true });
  window.benchChange = new Promise((done, failed) => {
    setTimeout(() => failed(new Error('the picture did not change within a minute')), 60000);
    plot.on('plotly_afterplot', function changed() {
      if (begun === null || look() === before) return;
      plot.removeListener('plotly_afterplot', changed);
      requestAnimationFrame(() => done(performance.now() - begun));
    });
  });
}"""
"""Promises the milliseconds from the next click or key to the frame that shows another picture; fails when none comes."""

COUNT = """(stage) => {
  window.benchPictures = [];
  const plot = stage.querySelector('.js-plotly-plot');
  let points = 0;
  plot.on('plotly_afterplot', () => {
    const now = Math.max(...plot.data.map(({ x }) => x?.length ?? 0));
    if (now > points) window.benchPictures.push(performance.now());
    points = now;
  });
}"""
"""Notes when the picture has been drawn with more points than before."""


def missing() -> str | None:
    """Why there can be no browser here, None where there can."""
    if util.find_spec("playwright") is None:
        return "no playwright"
    return None if found() else "no chromium"


def found() -> str | None:
    """The system's Chromium or Chrome, None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def visitor() -> Iterator[Any]:
    """A browser that has never been here, with a profile of its own on the disk, as visitors have; yields its only tab."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a test dependency

    with tempfile.TemporaryDirectory(prefix="prompt-tutor-bench-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        options = {"executable_path": found(), "args": FLAGS, "viewport": {"width": 1280, "height": 900}}
        browser = playwright.chromium.launch_persistent_context(profile, **options)
        try:
            browser.set_default_timeout(PATIENCE)
            browser.add_init_script(NOTE)
            yield browser.pages[0]
        finally:
            browser.close()


def opened(tab: Any, address: str) -> tuple[float, float]:
    """Seconds from opening an address until its first picture is seen, and until it can be pointed at; leaves the page at rest."""
    tab.goto(address)
    tab.locator(DRAWN).first.wait_for()
    tab.locator(RESTED).wait_for()
    return tab.evaluate("window.benchSeen") / 1000, tab.evaluate("window.benchDrawn") / 1000


def visits(address: str, repeats: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The same for the first visit of a new browser, and as medians for the visits after it."""
    with visitor() as tab:
        first = opened(tab, address)
        seen, drawn = zip(*(opened(tab, address) for _ in range(repeats)), strict=True)
        return first, (statistics.median(seen), statistics.median(drawn))


def change(tab: Any, picture: str, act: Any) -> float:
    """Seconds from the click or key in `act` to the redrawn picture; `picture` is a pattern of its sentence."""
    stage = tab.get_by_role("group", name=picture).first
    stage.evaluate(LISTEN)
    act()
    took = tab.evaluate("window.benchChange") / 1000
    tab.locator(RESTED).wait_for()
    return took


def begun(tab: Any) -> str:
    """Start the training that the page Pretrain offers and count its pictures from then on; the key of its run."""
    tab.get_by_role("button", name="Start training").click()
    tab.wait_for_url("**pretrain_run=**")
    tab.locator(DRAWN).first.evaluate(COUNT)
    return re.search(r"pretrain_run=(\w+)", tab.url)[1]


def drawn_per_second(tab: Any) -> float:
    """Pictures per second between the first and the last picture of a training that was watched."""
    at = tab.evaluate("window.benchPictures")
    return 1000 * (len(at) - 1) / (at[-1] - at[0]) if len(at) > 1 else 0.0
