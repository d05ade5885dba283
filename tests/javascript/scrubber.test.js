// The slider through moments: who stands at the end stays there, and playing ends at the end. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { Scrubber } = await import("../../tutor/ui/plot/scrubber.js");

const MOMENTS = [[0, 0], [0, 50], [1, 0], [1, 20]];

function scrubber(moments = MOMENTS) {
  const gone = [], made = new Scrubber((at) => gone.push(at), (at) => `moment ${at}`);
  made.take(moments);
  return { made, gone };
}

test("who looks at the newest moment goes along as more arrive, who has gone back stays", () => {
  const { made } = scrubber(MOMENTS.slice(0, 2));
  assert.equal(made.take(MOMENTS.slice(0, 3)), true);
  assert.equal(made.at, 2);
  made.move(-1);
  assert.equal(made.take(MOMENTS), false);
  assert.deepStrictEqual([made.at, made.slider.max], [1, "3"]);
});

test("a moment between two is the earlier one, whatever its phase", () => {
  const { made } = scrubber();
  const asked = [[0, 49], [0, 50], [0, 9999], [1, 19], [1, 21], [0, -1]];
  assert.deepStrictEqual(asked.map((moment) => made.nearest(moment)), [0, 1, 1, 2, 3, 0]);
});

test("no key leads beyond an end, and every move is told and said", () => {
  const { made, gone } = scrubber();
  made.move(100);
  made.move(-100);
  assert.deepStrictEqual(gone, [3, 0]);
  assert.equal(made.slider.getAttribute("aria-valuetext"), "moment 0");
});

test("playing begins anew at the end, goes on moment by moment, and stops by itself", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { made, gone } = scrubber();
  made.play();
  assert.equal(made.bar.button.getAttribute("aria-label"), "Pause");
  for (let moment = 0; moment < 10; moment++) t.mock.timers.tick(110);
  assert.deepStrictEqual(gone, [0, 1, 2, 3]);
  assert.deepStrictEqual([made.playing, made.bar.button.getAttribute("aria-label")], [null, "Play"]);
});

test("twice the speed is half the time", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { made, gone } = scrubber();
  made.bar.select.value = "2";
  made.play();
  for (let half = 0; half < 2; half++) t.mock.timers.tick(55);
  assert.deepStrictEqual(gone, [0, 1, 2]);
  made.stop();
});

test("a mark near an end is written on its inner side, and one beyond all moments is none", () => {
  const { made } = scrubber();
  for (const [at, side] of [[0, "right"], [1, ""], [3, "left"]]) {
    made.mark(at, "tuning starts");
    assert.equal(made.flag.dataset.side, side);
  }
  made.mark(null);
  assert.equal(made.flag, null);
});

test("a film stays at each moment for its own time, and is on its way to the next meanwhile", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const clock = t.mock.method(performance, "now", () => 0);
  const { made, gone } = scrubber(MOMENTS.slice(0, 3));
  made.pace = [400, 1000];
  assert.equal(made.between, 0);                                        // nothing moves before it plays
  made.play();
  clock.mock.mockImplementation(() => 100);
  assert.equal(made.between, 0.25);
  t.mock.timers.tick(399);
  assert.deepStrictEqual(gone, [0]);
  t.mock.timers.tick(1);
  assert.deepStrictEqual([gone.at(-1), made.between], [1, 0]);
  clock.mock.mockImplementation(() => 600);
  assert.equal(made.between, 0.5);
  made.stop();
  assert.equal(made.between, 0);                                        // paused at a moment that was filmed
});
