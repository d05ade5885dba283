// plotly.js is fetched once, and again when it does not come. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { element, pretend, settled } from "./browser.js";

pretend();
globalThis.requestAnimationFrame = (go) => go();

async function loaded(t, outcomes) {
  const { plotly } = await import(`../../tutor/ui/plot/loader.js?${Math.random()}`), asked = [];
  t.mock.timers.enable({ apis: ["setTimeout"] });
  delete globalThis.Plotly;
  document.head.append = (script) => {
    asked.push(script.src);
    const outcome = outcomes.shift();
    queueMicrotask(() => {
      if (outcome === "arrives") { globalThis.Plotly = { version: 1 }; script.onload(); }
      if (outcome === "is something else") script.onload();
      if (outcome === "fails") script.onerror();
    });
  };
  document.createElement = element;
  const answers = [plotly("/plotly.js"), plotly("/plotly.js")].map((one) => one.then(() => "drawn", (reason) => reason.message));
  for (let turn = 0; turn < 8; turn++) { await settled(); t.mock.timers.tick(20_000); }
  return { asked, answers: await Promise.all(answers) };
}

test("two pictures share one fetch", async (t) => {
  assert.deepStrictEqual(await loaded(t, ["arrives"]), { asked: ["/plotly.js"], answers: ["drawn", "drawn"] });
});

test("what fails, is something else or never answers is asked for once more, past every cache", async (t) => {
  for (const wrong of ["fails", "is something else", "never answers"]) {
    const { asked, answers } = await loaded(t, [wrong, "arrives"]);
    assert.deepStrictEqual([asked, answers[0]], [["/plotly.js", "/plotly.js?again=2"], "drawn"], wrong);
    t.mock.timers.reset();
  }
});

test("after three attempts the pictures hear why", async (t) => {
  const { asked, answers } = await loaded(t, ["fails", "fails", "fails"]);
  assert.equal(asked.length, 3);
  assert.deepStrictEqual(answers, Array(2).fill("could not be fetched: /plotly.js?again=3"));
});
