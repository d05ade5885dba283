// Two pictures of a page may have WebGL; the others draw the same points without. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { granted, returned } from "../../tutor/ui/plot/canvases.js";

const many = [{ type: "scattergl", x: [1] }, { type: "bar" }], few = [{ type: "scatter" }];
const kinds = (picture, traces = many) => granted(picture, traces).map(({ type }) => type);

test("the third picture does without, until one of the two goes or needs none any more", () => {
  const [one, two, three, four] = [{}, {}, {}, {}];
  assert.deepStrictEqual([one, two, three].map((picture) => kinds(picture)[0]), ["scattergl", "scattergl", "scatter"]);
  assert.deepStrictEqual(kinds(three), ["scatter", "bar"]);
  returned(one);
  assert.equal(kinds(three)[0], "scattergl");
  assert.equal(kinds(one)[0], "scatter");
  granted(two, few);
  assert.equal(kinds(four)[0], "scattergl");
  assert.equal(many[0].type, "scattergl");                             // the figure itself is not changed
});
