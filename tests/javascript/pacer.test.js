// How often a picture that grows is drawn. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";

const { Pacer } = await import("../../tutor/ui/plot/pacer.js");

function pacer() {
  const clock = { now: 0 }, made = new Pacer(() => { made.drawn = (made.drawn ?? 0) + 1; }, () => clock.now);
  return { made, clock };
}

test("many questions are one drawing", async () => {
  const { made } = pacer();
  for (let i = 0; i < 9; i++) made.ask();
  await new Promise((go) => setTimeout(go, 20));
  assert.equal(made.drawn, 1);
  made.ask();
  await new Promise((go) => setTimeout(go, 20));
  assert.equal(made.drawn, 2);
});

test("the longer a drawing takes, the later comes the next, and never more than four in a second", () => {
  const { made, clock } = pacer();
  assert.equal(made.pause, 250);
  made.took(6);
  assert.equal(made.pause, 250);
  made.took(234);
  assert.equal(Math.round(made.pause), 880);          // 120 of a thousand milliseconds
  clock.now = 500;
  made.took(120);
  assert.equal(made.next, 500 + made.pause);
});

test("what is stopped draws no more", async () => {
  const { made } = pacer();
  made.ask();
  made.stop();
  await new Promise((go) => setTimeout(go, 20));
  assert.equal(made.drawn, undefined);
});
