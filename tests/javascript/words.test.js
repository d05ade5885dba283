// What a word on a picture means. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { element, pretend } from "./browser.js";

pretend();
document.createElementNS = (_, tag) => element(tag);
const { explain, listed } = await import("../../tutor/ui/plot/words.js");

function text(content, unformatted) {
  return Object.assign(element("text"), {
    textContent: content, dataset: unformatted === undefined ? {} : { unformatted }, closest: () => null,
    querySelector() { return this.children[0] ?? null; },
  });
}

test("a title that was broken into lines is explained by its whole, and once", () => {
  const title = text("regret(nats)", "regret<br>(nats)"), other = text("loss");
  const plot = { querySelectorAll: () => [title, other] };
  for (let drawn = 0; drawn < 2; drawn++) explain(plot, { "regret (nats)": { regret: "lost over the ideal", nat: "1.44 bits" } });
  assert.deepStrictEqual(title.children.map(({ textContent }) => textContent), ["regret: lost over the ideal\nnat: 1.44 bits"]);
  assert.deepStrictEqual(other.children, []);
});

test("the list has every word once, in the order of the alphabet", () => {
  const { children } = listed({ one: { nat: "1.44 bits", bias: "of a coin" }, other: { nat: "1.44 bits" } });
  assert.deepStrictEqual(children.map(({ tag, textContent }) => [tag, textContent]),
    [["dt", "bias"], ["dd", "of a coin"], ["dt", "nat"], ["dd", "1.44 bits"]]);
});
