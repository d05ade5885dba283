"""The shipped networks run in a browser, and say there what they say on the server."""

import numpy as np
import pytest

from tutor import sources
from tutor.analysis import manual_prompts
from tutor.ui.network.network_addresses import network_address
from tutor.ui.shell import visitor_runs
from tutor.ui.shell.browser_modules import module_address

COIN, ROWS = 0.2, [[1, 0], [0, 1], [0.5, 1.5]]
ASK = """async ([client, address, prompt]) => {
  const { NetworkClient } = await import(client);
  const network = new NetworkClient(address);
  const { key, kind } = await network.ready;
  const look = await network.look({ ...prompt, detail: "release" });
  const dragged = await Promise.all([1, 2, 3].map((heads) => network.look({ rows: [[heads, 0]], coin: 0.2, detail: "drag" })));
  let shown = 0;
  const tuned = await network.tune({ ...prompt, steps: 30 }, ({ step }) => { shown = step; }).done;
  const [long, other] = [1, 2].map((seed) => network.tune({ ...prompt, steps: 10000, seed }, () => { long.stop(); other.stop(); }));
  const stopped = await Promise.race([long.done, other.done]), [, last] = await Promise.all([long.done, other.done]);
  const refused = await network.look({ rows: [[NaN, 0]], coin: 0.2 }).catch(({ message }) => message);
  network.close();
  const missing = await new NetworkClient("/networks/0000000000000000.bin").ready.catch(({ message }) => message);
  return { key, kind, look, dragged: dragged.map((one) => one && one.path.length), tuned, shown, stopped, last, refused, missing };
}"""


@pytest.mark.parametrize(("key", "kind"), [("de23c0aba73abe8a", "lstm"), ("156230c34abf9128", "transformer")])
def test_a_network_answers_in_the_browser_as_on_the_server(page, gallery, key, kind):
    page.goto(f"{gallery}/api/health")
    said = page.evaluate(ASK, [module_address("network", "client.js"), network_address(key), {"rows": ROWS, "coin": COIN}])
    look, base, on = said["look"], visitor_runs.load_run(key).predictor, sources.Categorical(probs=(COIN, 1 - COIN))
    there = manual_prompts.try_prompt(manual_prompts.attach_prompt(base, np.array(ROWS)), on)
    assert (said["key"], said["kind"]) == (key, kind)
    assert [look["worth"]["heads"] + 1, look["worth"]["tails"] + 1] == pytest.approx(there.worth.alphas, rel=1e-3)
    assert (look["regret"], look["worth"]["unexplained"]) == pytest.approx((there.regret[-1], there.worth.unexplained), abs=1e-4)
    assert look["without"] == pytest.approx(manual_prompts.try_prompt(base.frozen_copy(), on).regret[-1], abs=1e-4)
    assert [len(look["path"]), len(look["reading"]), len(look["states"]["path"])] == [4, 50, 4]
    assert said["dragged"][-1] == 2 and None in said["dragged"]
    assert said["tuned"]["steps"] == 30 and 0 < said["shown"] <= 30 and said["tuned"]["regret"] < look["regret"]
    assert min(said["stopped"]["steps"], said["last"]["steps"]) >= 0 and max(said["stopped"]["steps"], said["last"]["steps"]) < 10000
    assert said["refused"].endswith(".") and said["missing"] == "There is no run 0000000000000000 in the store nor among the shipped runs."


def test_webassembly_is_allowed_to_the_networks_thread_alone(page, gallery):
    worker, other = (page.request.get(gallery + module_address("network", name)) for name in ("worker.js", "client.js"))
    assert worker.headers["content-security-policy"] == "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    assert "unsafe-eval" not in other.headers["content-security-policy"]
    page.goto(f"{gallery}/api/health")
    empty = "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])"
    why = page.evaluate(f"WebAssembly.compile({empty}).then(() => 'allowed', ({{ message }}) => message)")
    assert "Content Security Policy" in why
