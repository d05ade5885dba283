// Which point is lit when another picture points at something, and what is kept when one is pinned. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { Points } = await import("../../tutor/ui/plot/points.js");

/** A picture of these traces, and what it told, lit and kept. */
function picture(traces) {
  const noted = { lit: [], told: [], kept: [], said: [], dark: 0, drawn: 0 };
  globalThis.Plotly = { Fx: {
    hover: (_, [{ curveNumber, pointNumber }], subplot) => noted.lit.push([curveNumber, pointNumber, subplot]),
    unhover: () => { noted.dark += 1; },
  } };
  const shown = {
    ready: true, figure: { data: traces },
    plot: { _fullLayout: { xaxis: { title: { text: "flips" } }, xaxis2: { title: { text: "steps" } } } },
    group: { on() {}, tell: (kind, detail) => noted.told.push([kind, detail]) },
    component: { setStateValue: (name, value) => noted.kept.push([name, value]) },
    drawn: () => traces.map((trace) => ({ visible: true, ...trace })), draw: () => { noted.drawn += 1; },
    say: (text) => noted.said.push(text),
  };
  return { points: new Points(shown), noted };
}

const SOFT = { name: "SoftPT", x: [0, 10, 20], y: [3, 2, 1] };

test("the same thing is lit before anything of its family", () => {
  const { points, noted } = picture([SOFT, { name: "states", x: [1, 2], y: [1, 2], meta: ["flip 1", "flip 2"] }]);
  points.follow({ thing: "flip 2", family: "SoftPT", x: 10, across: "flips" });
  assert.deepStrictEqual(noted.lit, [[1, 1, undefined]]);
});

test("a family's curve is lit at the same place where its axis means the same, else at its end", () => {
  const { points, noted } = picture([SOFT]);
  points.follow({ thing: undefined, family: "SoftPT", x: 12, across: "flips" });
  points.follow({ thing: undefined, family: "SoftPT", x: 12, across: "component 1" });
  assert.deepStrictEqual(noted.lit.map(([, point]) => point), [1, 2]);
});

test("what is hidden or only a background is never lit; then nothing is", () => {
  const { points, noted } = picture([{ ...SOFT, visible: "legendonly" }, { ...SOFT, hoverinfo: "skip" }]);
  points.follow({ thing: undefined, family: "SoftPT", x: 12, across: "flips" });
  points.follow({ thing: undefined, family: undefined, x: 12, across: "flips" });
  assert.deepStrictEqual([noted.lit, noted.dark], [[], 2]);
});

test("by the keyboard a point is said with four digits, and the others hear of it", () => {
  const { points, noted } = picture([{ ...SOFT, y: [3.14159265, 2, 1], xaxis: "x2", yaxis: "y" }]);
  points.light(0, 0, true);
  assert.deepStrictEqual([noted.said, noted.lit], [["SoftPT x 0, y 3.142"], [[0, 0, "x2y"]]]);
  assert.deepStrictEqual(noted.told, [["light", { thing: undefined, family: "SoftPT", x: 0, across: "steps" }]]);
  points.light(0, 7);
  assert.equal(noted.lit.length, 1);
});

test("a pinned point is told to Python; the same once more lets it go", () => {
  const { points, noted } = picture([{ ...SOFT, x: Float64Array.of(0, 10, 20), meta: ["a", "b", "c"], customdata: [[1], [2], [3]] }]);
  points.pin(0, 1);
  points.pin(0, 1);
  points.pin(null);
  const pinned = { trace: 0, point: 1, name: "SoftPT", thing: "b", x: 10, y: 2, custom: [2] };
  assert.deepStrictEqual(noted.kept, [["pin", pinned], ["pin", null]]);
  assert.deepStrictEqual(noted.told.map(([kind]) => kind), ["light", "dim"]);
});

test("a cell of a heatmap has its row and its column", () => {
  const { points, noted } = picture([{ type: "heatmap", x: ["one", "two"], y: ["up", "down", "out"] }]);
  points.pin(0, [2, 1]);
  assert.deepStrictEqual([noted.kept[0][1].x, noted.kept[0][1].y], ["two", "out"]);
});

test("nothing is pinned on a background, nor on the ring that marks what is pinned", () => {
  const { points, noted } = picture([{ ...SOFT, hoverinfo: "skip" }]);
  points.pin(0, 1);
  assert.deepStrictEqual([noted.kept, points.pinned], [[], null]);
});

test("the ring stands where the pinned point is now, and only around points", () => {
  const { points } = picture([SOFT]);
  points.pin(0, 2);
  const [ring] = points.mark([{ ...SOFT, x: [0, 10, 25] }], { text: "#010101" });
  assert.deepStrictEqual([ring.x, ring.y, ring.marker.color], [[25], [1], "#010101"]);
  assert.deepStrictEqual(points.mark([{ ...SOFT, type: "bar" }], {}), []);
  assert.deepStrictEqual(points.mark([{ ...SOFT, x: [], y: [] }], {}), []);
});
