"""How fast the networks in the page are: a look while a prompt is dragged, one on release, a tuning; and how far from the server.

Times are taken in Chromium by the page's own clock, from the question to the answer of the network's thread.
"""

import statistics
from typing import Any

import numpy as np

from tutor.analysis import manual_prompts
from tutor.bench import app_browser
from tutor.bench.app_server import serve_app
from tutor.bench.app_speed import Rows, make_row
from tutor.core.threads import fix_threads
from tutor.runs.store import RunStore
from tutor.sources import Categorical

KEYS = {"LSTM": "de23c0aba73abe8a", "Transformer": "156230c34abf9128"}
"""The shipped networks that pages begin with."""
ROWS = [[1.0, 0.0]] + [[0.0, 1.0]] * 5
COIN, COINS = 0.2, (0.05, 0.2, 0.7)
DRAGS, RELEASES = 200, 15
OPEN = """async ([client, address]) => {
  const begun = performance.now(), { NetworkClient } = await import(client);
  window.benchNetwork = new NetworkClient(address);
  await window.benchNetwork.ready;
  return performance.now() - begun;
}"""
LOOK = """async ([rows, coin, detail, count]) => {
  const times = [], moved = structuredClone(rows);
  for (let i = 0; i < count; i++) {
    moved[0][0] = rows[0][0] + 0.005 * i;
    const begun = performance.now();
    await window.benchNetwork.look({ rows: moved, coin, detail });
    times.push(performance.now() - begun);
  }
  return times;
}"""
READ = "async ([rows, coin]) => { const { worth, regret } = await window.benchNetwork.look({ rows, coin }); return { worth, regret }; }"
TUNE = """async ([rows, coin]) => {
  const begun = performance.now();
  let shown = 0;
  const { regret, worth } = await window.benchNetwork.tune({ rows, coin }, () => shown++).done;
  return { seconds: (performance.now() - begun) / 1000, shown, regret, worth };
}"""


def measure_page_network() -> Rows:
    """Measure the shipped networks in the page, one after the other."""
    if missing := app_browser.explain_missing_browser():
        return [make_row(f"{name} in the page", f"not measured: {missing}", "ms", 10) for name in KEYS]
    with serve_app(engine=False) as server, app_browser.open_browser() as tab:
        tab.goto(f"{server.address}/api/health")
        return [row for name, key in KEYS.items() for row in measure_network(tab, name, key)]


def measure_network(tab: Any, name: str, key: str) -> Rows:
    """Measure one network in an open tab of the app."""
    # Both load Streamlit, which the other benches do without.
    from tutor.ui.network.network_addresses import network_address  # noqa: PLC0415
    from tutor.ui.shell.browser_modules import module_address  # noqa: PLC0415

    opened = tab.evaluate(OPEN, [module_address("network", "client.js"), network_address(key)])
    tab.evaluate(LOOK, [ROWS, COIN, "drag", DRAGS])                                # until the browser has compiled what is hot
    drag, release = (sorted(tab.evaluate(LOOK, [ROWS, COIN, *how])) for how in (("drag", DRAGS), ("release", RELEASES)))
    rows = [
        make_row(f"{name}, from its address to ready", opened, "ms"),
        make_row(f"{name}, a look while dragging, median", statistics.median(drag), "ms", 10),
        make_row(f"{name}, a look while dragging, 95 of 100", drag[int(0.95 * len(drag))], "ms", 33),
        make_row(f"{name}, a look on release, median", statistics.median(release), "ms", 150),
    ]
    for coin in COINS:
        tuned = tab.evaluate(TUNE, [ROWS, coin])
        rows.append(make_row(f"{name}, tuning to a coin of {coin:g}", tuned["seconds"], "s", 8))
        rows.append(make_row(f"{name}, loses afterwards on a coin of {coin:g}", tuned["regret"], "nats"))
        rows.append(make_row(f"{name}, pictures of that tuning a second", tuned["shown"] / tuned["seconds"], "1/s", 15, at_least=True))
    return rows + compare_with_server(tab, name, key)


def compare_with_server(tab: Any, name: str, key: str) -> Rows:
    """Compare the regret and the worth of the prompt ROWS, as the page shows them, with those of the server."""
    said = tab.evaluate(READ, [ROWS, COIN])
    run, on = RunStore().load(key), Categorical(probs=(COIN, 1 - COIN))
    with fix_threads():
        there = manual_prompts.try_prompt(manual_prompts.attach_prompt(run.predictor, np.array(ROWS)), on)
    worth = np.array([said["worth"]["heads"], said["worth"]["tails"]]) / there.worth.beyond(run.spec.source) - 1
    return [make_row(f"{name}, regret differs from the server's by", abs(said["regret"] - there.regret[-1]), "nats"),
            make_row(f"{name}, worth differs from the server's by", abs(worth).max(), "relative")]
