// A finished training once more, at the pace at which it went. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { Replay } = await import("../../tutor/ui/plot/replay.js");

const SPEC = { traces: [0], steps: [0, 10, 20, 30], seconds: [0, 1, 2, 3] };
const TRACE = { x: [0, 10, 20, 30], y: [4, 3, 2, 1] };

test("at five times the pace a training of three seconds is back after six tenths", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0, drawn = 0;
  t.mock.method(performance, "now", () => now);
  const pass = (ms) => { for (let i = 0; i < ms; i += 60) { now += 60; t.mock.timers.tick(60); } };
  const replay = new Replay(() => { drawn += 1; });
  replay.update(SPEC);
  assert.deepStrictEqual(replay.points(0, TRACE), {});                // nothing plays: the figure's own
  replay.play();
  pass(300);                                                           // a second and a half
  assert.deepStrictEqual(replay.points(0, TRACE), { x: [0, 10], y: [4, 3] });
  assert.deepStrictEqual(replay.points(1, TRACE), {});
  assert.match(replay.bar.output.textContent, /^step 10, 1\.5 s$/);
  pass(360);
  assert.deepStrictEqual([replay.timer, replay.points(0, TRACE), drawn > 5], [null, {}, true]);
});

test("another training stops the one that plays", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const replay = new Replay(() => {});
  replay.update(SPEC);
  replay.play();
  replay.update({ ...SPEC });
  assert.ok(replay.timer);                                             // the same once more is no other
  replay.update(null);
  assert.deepStrictEqual([replay.timer, replay.element.hidden], [null, true]);
});
