// Titles go over as many lines as they need, and say the same. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { lines, whole } from "../../tutor/ui/plot/titles.js";

const wide = (text) => 10 * text.length;      // a font of ten pixels a letter

test("a title that fits stays in one line", () => assert.equal(lines("loss (nats)", 110, wide), "loss (nats)"));

test("a unit in brackets goes to the next line in one piece", () => {
  assert.equal(lines("held-out loss (nats per token)", 170, wide), "held-out loss<br>(nats per token)");
});

test("no line is wider than the room, and no word is lost", () => {
  const title = "cumulative regret over the generator (nats, after every flip of the coin)";
  for (const room of [130, 200, 320]) {
    const broken = lines(title, room, wide);
    assert.ok(broken.split("<br>").every((line) => wide(line) <= room), broken);
    assert.equal(whole(broken), title);
  }
});

test("what was broken once is broken anew for another room", () => {
  assert.equal(lines("held-out loss<br>(nats per token)", 1000, wide), "held-out loss (nats per token)");
});
