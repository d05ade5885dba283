// Curves that grow while a run is computed: what is drawn of the events that arrive. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend, settled } from "./browser.js";

pretend();
const { averaged, Live, thinned } = await import("../../tutor/ui/plot/live.js");

const TRACE = { index: 0, x: "step", y: "loss" };
const lines = (...events) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** A feed of these answers, each {text, headers}; a feed that asks for more waits for good. What was asked and what ended. */
async function fed(answers, traces = [TRACE], session = "a b") {
  const asked = [], ended = [];
  globalThis.fetch = (address, { signal }) => {
    asked.push(address);
    const answer = answers.shift();
    if (!answer) return new Promise((_, fail) => { signal.addEventListener("abort", () => fail(new Error("gone"))); });
    if (answer instanceof Error) return Promise.reject(answer);
    const headers = new Headers(answer.headers ?? { "X-Next": "0" });
    return Promise.resolve({ ok: answer.ok ?? true, text: async () => answer.text, headers });
  };
  const live = new Live(() => {}, (end) => ended.push(end));
  live.update([{ url: "/events", traces }], session);
  for (let turn = 0; turn < 10 && answers.length; turn++) {
    await settled();
    document.dispatchEvent(new Event("visibilitychange"));           // ends every wait
  }
  await settled();
  return { live, asked, ended };
}

test("a mean over a window stays within the curve", () => {
  assert.deepStrictEqual(averaged([0, 3, 6, 9], 3), [1.5, 3, 6, 7.5]);
  assert.deepStrictEqual(averaged([4, 4, 4], 1), [4, 4, 4]);
});

test("a mean does not reach over the gap between two repetitions", () => {
  assert.deepStrictEqual(averaged([2, 2, NaN, 8, 8], 3), [2, 2, NaN, 8, 8]);
});

test("thinning keeps the first of all, every spike and every gap, in order, and at most so many points", () => {
  const x = Array.from({ length: 10_000 }, (_, i) => i), y = x.map((i) => Math.sin(i / 50));
  y[7777] = 100;
  y[5000] = NaN;
  const kept = thinned(x, y, 200);
  assert.ok(kept.x.length <= 201 && kept.x.length > 100);
  assert.equal(kept.y[kept.x.indexOf(7777)], 100);
  assert.ok(kept.x.includes(5000));
  assert.deepStrictEqual(kept.x, kept.x.toSorted((a, b) => a - b));
  assert.ok(kept.x.every((at, i) => Object.is(y[at], kept.y[i])));
});

test("few points are handed on as they are, in arrays of their own", () => {
  const x = [1, 2], y = [3, 4], kept = thinned(x, y);
  assert.deepStrictEqual(kept, { x, y });
  assert.notEqual(kept.x, x);
});

test("events become points, each asked for from where the last answer ended", async () => {
  const { live, asked } = await fed([
    { text: lines({ step: 0, loss: 3 }, { step: 1, loss: 2 }), headers: { "X-Next": "64" } },
    { text: lines({ step: 2, loss: 1 }), headers: { "X-Next": "99" } },
  ]);
  assert.deepStrictEqual(live.trace(0), { x: [0, 1, 2], y: [3, 2, 1] });
  assert.deepStrictEqual(asked.map((address) => new URL(address, "http://x").searchParams.get("from")), ["0", "64", "99"]);
  assert.equal(new URL(asked[0], "http://x").searchParams.get("session"), "a b");
  assert.deepStrictEqual(live.trace(1), {});
  live.stop();
});

test("what is no event, has no number or belongs to another trace is passed over", async () => {
  const text = `{"step": 0, "loss": 5, "part": "held-out"}\n{"step": 1, "lo\n{"step": 2}\n{"step": 3, "loss": null, "part": "held-out"}\n`
    + `{"step": 4, "loss": 6, "part": "drawn"}\n`;
  const { live } = await fed([{ text }], [{ ...TRACE, where: { part: "held-out" } }, { ...TRACE, index: 1, where: { part: "drawn" } }]);
  assert.deepStrictEqual([live.trace(0), live.trace(1)], [{ x: [0], y: [5] }, { x: [4], y: [6] }]);
  live.stop();
});

test("the next repetition starts after a gap, and no gap is a row of the table", async () => {
  const { live } = await fed([{ text: lines({ step: 0, loss: 1 }, { step: 9, loss: 2 }, { step: 0, loss: 3 }) }]);
  assert.deepStrictEqual(live.trace(0), { x: [0, 9, NaN, 0], y: [1, 2, NaN, 3] });
  assert.deepStrictEqual(live.columns, [[0, { x: [0, 9, 0], y: [1, 2, 3] }]]);
  live.stop();
});

test("a run that began anew is drawn from its beginning", async () => {
  const { live } = await fed([
    { text: lines({ step: 0, loss: 1 }, { step: 1, loss: 1 }) },
    { text: lines({ step: 0, loss: 7 }), headers: { "X-Next": "9", "X-Restart": "1" } },
  ]);
  assert.deepStrictEqual(live.trace(0), { x: [0], y: [7] });
  live.stop();
});

test("only a run that has ended and has no more to tell is finished", async () => {
  const { ended, asked } = await fed([
    { text: lines({ step: 0, loss: 1 }), headers: { "X-Next": "9", "X-State": "done" } },
    { text: "", headers: { "X-Next": "9", "X-State": "done" } },
  ]);
  assert.deepStrictEqual(ended, [{ url: "/events", state: "done" }]);
  assert.equal(asked.length, 2);
});

test("an answer that fails is asked for again", async () => {
  const { live, asked } = await fed([new Error("no network"), { ok: false, text: "" }, { text: lines({ step: 0, loss: 1 }) }]);
  assert.deepStrictEqual(live.trace(0), { x: [0], y: [1] });
  assert.equal(asked.length, 4);
  live.stop();
});

test("a tab that may keep nothing has one name of its own all the same", async () => {
  const { live, asked } = await fed([{ text: "" }]);
  const { live: other, asked: later } = await fed([{ text: "" }], [TRACE], "another session");
  const names = [...asked, ...later].map((address) => new URL(address, "http://x").searchParams.get("viewer"));
  assert.match(names[0], /^[0-9a-f]{16}$/);
  assert.equal(new Set(names).size, 1);
  live.stop();
  other.stop();
});
