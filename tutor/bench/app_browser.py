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

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""The headless shell comes first: a tab without windows costs a fifth of the processor time (Chromium 156: 0.3 s against 1.3 s)."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
TIMEOUT_MS = 120_000                                 # ms
DRAWN_SELECTOR = ".pt-stage[data-drawn=true], .pt-experiment[data-settled]"
IDLE_SELECTOR = "[data-testid=stApp][data-test-script-state=notRunning]"

NOTE_SCRIPT = """
new MutationObserver((_, observer) => {
  const seen = document.querySelector('.pt-stage[data-sketched=true], .pt-experiment[data-settled]');
  if (seen) requestAnimationFrame(() => { window.benchSeen ??= performance.now(); });
  if (!document.querySelector('.pt-stage[data-drawn=true], .pt-experiment[data-settled]')) return;
  window.benchDrawn = performance.now();
  window.benchSeen ??= window.benchDrawn;
  observer.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-drawn', 'data-sketched', 'data-settled'] });
"""
"""Notes when the first picture was seen, and when plotly.js has drawn it, so that it can be hovered, zoomed and clicked."""

LISTEN = """(stage) => {
  const plot = stage.querySelector('.js-plotly-plot');
  const some = (values) => [values?.length, values?.[values.length >> 1], values?.[values.length - 1]];
  const look = () => JSON.stringify([plot._fullData.map(({ x, y }) => [some(x), some(y)]), plot.layout.yaxis.type]);
  const before = look();
  let begun = null, seen = null;
  const begin = (event) => { begun ??= event.timeStamp; };
  for (const kind of ['click', 'keydown']) document.addEventListener(kind, begin, { capture: true, once: true });
  const glimpsed = new MutationObserver(() => {
    if (begun !== null && stage.classList.contains('pt-turning')) requestAnimationFrame(() => { seen ??= performance.now() - begun; });
  });
  glimpsed.observe(stage, { attributes: true, attributeFilter: ['data-shown'] });
  window.benchChange = new Promise((done, failed) => {
    setTimeout(() => failed(new Error('the picture did not change within a minute')), 60000);
    plot.on('plotly_afterplot', function changed() {
      if (begun === null || look() === before) return;
      plot.removeListener('plotly_afterplot', changed);
      requestAnimationFrame(() => {
        const ready = performance.now() - begun;
        glimpsed.disconnect();
        done([seen ?? ready, ready]);
      });
    });
  });
}"""
"""Promises the milliseconds from the next click or key to the frame that shows another picture, and to the one in which plotly.js has
drawn it, so that it can be pointed at; fails when none comes."""

IN_SIGHT = "(stage) => { const { top, bottom } = stage.getBoundingClientRect(); return bottom > 0 && top < innerHeight; }"

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


def explain_missing_browser() -> str | None:
    """Say what is missing to drive a browser here; None where nothing is."""
    if util.find_spec("playwright") is None:
        return "no playwright"
    return None if find_browser() else "no chromium"


def find_browser() -> str | None:
    """Find the system's Chromium (its headless shell if there is one) or Chrome; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def open_browser() -> Iterator[Any]:
    """Open a browser with a fresh profile on disk; yields its only tab."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a test dependency

    with tempfile.TemporaryDirectory(prefix="prompt-tutor-bench-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        options = {"executable_path": find_browser(), "args": FLAGS, "viewport": {"width": 1280, "height": 900}}
        browser = playwright.chromium.launch_persistent_context(profile, **options)
        try:
            browser.set_default_timeout(TIMEOUT_MS)
            browser.add_init_script(NOTE_SCRIPT)
            yield browser.pages[0]
        finally:
            browser.close()


def time_opening(tab: Any, address: str) -> tuple[float, float]:
    """Open an address, wait until the page is at rest, and measure how long its first picture took.

    Returns
    -------
    seen, ready
        Seconds until the picture was seen, and until it reacted to the pointer.
    """
    tab.goto(address)
    tab.locator(DRAWN_SELECTOR).first.wait_for()
    tab.locator(IDLE_SELECTOR).wait_for()
    return tab.evaluate("window.benchSeen") / 1000, tab.evaluate("window.benchDrawn") / 1000


def time_visits(address: str, repeats: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Open an address in a new browser, once and then again.

    Parameters
    ----------
    address
        Of the page.
    repeats
        Visits after the first.

    Returns
    -------
    first, again
        Seconds as from `time_opening`: of the first visit, and medians of the others.
    """
    with open_browser() as tab:
        first = time_opening(tab, address)
        seen, drawn = zip(*(time_opening(tab, address) for _ in range(repeats)), strict=True)
        return first, (statistics.median(seen), statistics.median(drawn))


def time_change(tab: Any, picture: str, act: Any) -> tuple[float, float]:
    """Measure the seconds from the click or key in `act` until the changed picture is seen, and until it reacts to the pointer.

    Parameters
    ----------
    tab
        The tab of the browser.
    picture
        Pattern of the sentence that describes the picture; of several, the first one that is on the screen is watched.
    act
        Clicks or presses a key.
    """
    stages = tab.get_by_role("group", name=picture).all()
    next((stage for stage in stages if stage.evaluate(IN_SIGHT)), stages[0]).evaluate(LISTEN)
    act()
    seen, ready = tab.evaluate("window.benchChange")
    tab.locator(IDLE_SELECTOR).wait_for()
    return seen / 1000, ready / 1000


def begin_training(tab: Any) -> str:
    """Start the training that the Pretrain page offers, begin to count its pictures, and return the key of its run."""
    tab.get_by_role("button", name="Start training").click()
    tab.wait_for_url("**pretrain_run=**")
    tab.locator(DRAWN_SELECTOR).first.evaluate(COUNT)
    return re.search(r"pretrain_run=(\w+)", tab.url)[1]


def measure_picture_rate(tab: Any) -> float:
    """Pictures per second between the first and the last picture of a watched training; 0 for fewer than two."""
    at = tab.evaluate("window.benchPictures")
    return 1000 * (len(at) - 1) / (at[-1] - at[0]) if len(at) > 1 else 0.0
