// A changed picture is seen on a canvas where plotly.js has its axes, until plotly.js has drawn it. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { glimpse } = await import("../../tutor/ui/plot/glimpse.js");

const page = { slots: ["#010101"], text: "#000000", font: "Inter" };
const margin = { l: 60, r: 16, t: 16, b: 48 };
const template = { layout: { margin, font: { size: 13 }, xaxis: { gridcolor: "#ddd", linecolor: "#333" } } };

/** The points that a line visits on a canvas of 200 x 100, where plotly.js has axes from 50 to 150 across and 10 to 90 down. */
function visited(data, layout, drawn) {
  const places = [];
  let dark = "";
  const pen = {
    scale() {}, beginPath() {}, stroke() {}, fill() {}, fillText() {}, setLineDash() {}, arc() {},
    set strokeStyle(colour) { dark = colour; },
    moveTo(...place) { this.at = place; places.push(["from", ...place]); }, lineTo(...place) { places.push(["to", ...place]); },
  };
  const canvas = { clientWidth: 200, clientHeight: 100, getContext: () => pen };
  const full = { _size: { l: 50, r: 50, t: 10, b: 10 }, ...drawn };
  const seen = glimpse(canvas, { data, layout: { ...layout, template }, page }, { _fullLayout: full });
  const whole = (value) => (typeof value === "number" ? Math.round(value) : value);
  return { seen, places: places.slice(-2).map((place) => place.map(whole)), dark };
}

const line = { x: [0, 1], y: [0, 1], mode: "lines", line: { color: "#aa0000" } };

test("a line lies between the margins that plotly.js has now, not in those of the template", () => {
  const { seen, places, dark } = visited([line], { xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } }, {});
  assert.ok(seen);
  assert.deepStrictEqual(places, [["from", 50, 90], ["to", 150, 10]]);
  assert.strictEqual(dark, "#aa0000");
});

test("an axis that a visitor has zoomed stays where it is, unless it becomes another kind of axis", () => {
  const zoomed = { type: "linear", autorange: false, range: [0, 2] };
  const layout = { xaxis: {}, yaxis: { range: [0, 1] } };
  assert.deepStrictEqual(visited([line], layout, { xaxis: zoomed }).places, [["from", 50, 90], ["to", 100, 10]]);
  const logarithmic = { ...line, x: [1, 10] };
  assert.deepStrictEqual(visited([logarithmic], { ...layout, xaxis: { type: "log" } }, { xaxis: zoomed }).places,
    [["from", 50, 90], ["to", 150, 10]]);
});

test("what a canvas cannot draw is left to plotly.js", () => {
  assert.strictEqual(visited([line, { type: "heatmap", z: [[1]] }], {}, {}).seen, false);
});
