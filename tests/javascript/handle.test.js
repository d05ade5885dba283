// Points that a visitor drags: kept on the axes, in steps, and told to Python not too often. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { Handle } from "../../tutor/ui/plot/handle.js";

const axis = { range: [0, 1], _offset: 0, d2p: (value) => 100 * value, p2d: (pixel) => pixel / 100 };

function handle(spec) {
  const told = [];
  const made = new Handle({
    ready: true, drawn: () => [{ x: [0.2, 0.8], y: [0.5, 0.5] }], draw() {},
    plot: { _fullLayout: { xaxis: axis, yaxis: axis }, getBoundingClientRect: () => ({ left: 0, top: 0 }) },
    stage: { classList: { add() {}, remove() {}, toggle() {} }, setPointerCapture() {} },
    component: { setStateValue: (_, value) => told.push(value) },
  });
  made.update(spec);
  return { made, told };
}

const at = (clientX, clientY) => ({ clientX, clientY, button: 0 });

test("a press takes the nearest point within reach, and no other", () => {
  const { made } = handle({ trace: 0 });
  made.take(at(50, 50));
  assert.equal(made.held, null);
  made.take(at(75, 55));
  assert.equal(made.held, 1);
});

test("a point stays on the axes and on its grain, and along its only axis", () => {
  const { made } = handle({ trace: 0, only: "y", step: 0.25 });
  made.take(at(20, 50));
  made.drag(at(90, 70));
  assert.deepStrictEqual(made.points(0), { x: [0.2, 0.8], y: [0.75, 0.5] });
  made.drag(at(90, 900));
  assert.equal(made.points(0).y[0], 1);
  assert.deepStrictEqual(made.points(1), {});
});

test("while a point moves it is told at most every 200 ms, and where it was let go at once", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { made, told } = handle({ trace: 0 });
  made.take(at(20, 50));
  for (const x of [30, 40, 50]) made.drag(at(x, 50));
  assert.equal(told.length, 0);
  t.mock.timers.tick(200);
  assert.deepStrictEqual(told.map(({ x }) => x[0]), [0.5]);
  made.drag(at(60, 50));
  made.drop();
  t.mock.timers.tick(1000);
  assert.deepStrictEqual(told.map(({ x, told: number }) => [x[0], number]), [[0.5, 1], [0.6, 2]]);
});

test("a key moves a point by a tenth", () => {
  const { made, told } = handle({ trace: 0 });
  made.nudge(0, 1, 0);
  made.nudge(0, 0, -1);
  assert.deepStrictEqual(told.map(({ x, y }) => [x[0], y[0]]), [[0.3, 0.5], [0.3, 0.4]]);
});

test("what Python has heard of takes the place of what the browser moved", () => {
  const { made } = handle({ trace: 0 });
  made.nudge(0, 1, 0);
  made.update({ trace: 0 });
  assert.deepStrictEqual(made.points(0), {});
});
