// Pictures that change together are drawn one after another, those on the screen first. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
globalThis.requestAnimationFrame = (go) => setTimeout(go);
const { inTurn } = await import("../../tutor/ui/plot/turns.js");

test("what is on the screen comes first, and each gets what its work returns", async () => {
  const order = [];
  const draw = (name, urgent) => inTurn(() => urgent, () => { order.push(name); return name.length; });
  const answers = await Promise.all([draw("below", false), draw("seen", true), draw("far below", false)]);
  assert.deepStrictEqual(order, ["seen", "below", "far below"]);
  assert.deepStrictEqual(answers, [5, 4, 9]);
});

test("whoever scrolls a picture into sight while it waits gets it next", async () => {
  const order = [];
  let sight = false;
  const first = inTurn(() => true, () => { order.push("first"); sight = true; });
  await Promise.all([first, inTurn(() => false, () => order.push("other")), inTurn(() => sight, () => order.push("scrolled to"))]);
  assert.deepStrictEqual(order, ["first", "scrolled to", "other"]);
});

test("one that fails says so to its own picture and holds nobody up", async () => {
  const failing = inTurn(() => true, () => { throw new Error("no such axis"); });
  const next = inTurn(() => true, () => "drawn");
  await assert.rejects(failing, /no such axis/);
  assert.strictEqual(await next, "drawn");
});
