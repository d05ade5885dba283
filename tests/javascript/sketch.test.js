// The light first picture: what it can draw, where, and in which colours. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { lines, readied, sketch } from "../../tutor/ui/plot/sketch.js";

globalThis.devicePixelRatio = 1;

/** A pen that notes what is drawn with it. */
function pen() {
  const noted = { moves: [], texts: [], bars: [], dots: [] };
  return {
    noted, scale() {}, beginPath() {}, stroke() {}, fill() {}, setLineDash() {},
    moveTo: (x, y) => noted.moves.push(["to", x, y]), lineTo: (x, y) => noted.moves.push(["line", x, y]),
    fillText: (text) => noted.texts.push(text), fillRect: (...box) => noted.bars.push(box.map(Math.round)),
    arc(x, y) { noted.dots.push([this.fillStyle, x, y]); },
  };
}

const PAGE = { slots: ["#010101"], font: "serif", text: "#000000" };
const LAYOUT = {
  template: { layout: { margin: { l: 10, r: 0, t: 0, b: 10 }, font: { size: 13 }, xaxis: { gridcolor: "#eeeeee", linecolor: "#cccccc" } } },
};

function sketched(data, layout = {}) {
  const used = pen();
  sketch({ clientWidth: 110, clientHeight: 110, getContext: () => used }, { data, layout: { ...LAYOUT, ...layout }, page: PAGE });
  return used.noted;
}

test("what a canvas cannot draw is left to plotly.js", () => {
  assert.equal(readied({ type: "heatmap" }, "#010101"), null);
  assert.equal(readied({ x: [1], y: [1], visible: "legendonly" }, "#010101"), null);
});

test("a trace has plotly's own defaults where it says nothing", () => {
  const many = readied({ y: Array(21).fill(0) }, "#010101");
  const { x, mode, colour, xaxis, width, size } = readied({ y: [5, 6] }, "#010101");
  assert.deepStrictEqual([x, mode, colour, xaxis, width, size], [[0, 1], "lines+markers", "#010101", "xaxis", 2, 6]);
  assert.equal(many.mode, "lines");
  assert.equal(readied({ y: [1], xaxis: "x2", marker: { color: "#aa0000" } }, "#010101").xaxis, "xaxis2");
});

test("values on a colour scale lie between the colours of its ends, outside of it at the ends", () => {
  const colorscale = [[0, "#000000"], [0.5, "#640000"], [1, "#ffffff"]];
  const { colours } = readied({ y: [1, 2, 3, 4], marker: { color: [-9, 0.25, 0.5, 9], colorscale, cmin: 0, cmax: 1 } }, "#010101");
  assert.deepStrictEqual(colours, ["rgb(0,0,0)", "rgb(50,0,0)", "rgb(100,0,0)", "rgb(255,255,255)"]);
});

test("a line has a gap where a point is missing", () => {
  const used = pen();
  lines(used, readied({ x: [0, 1, 2, 3], y: [0, 1, null, 3], mode: "lines" }, "#010101"), ({ x, y }, i) => [x[i], y[i] ?? NaN]);
  assert.deepStrictEqual(used.noted.moves, [["to", 0, 0], ["line", 1, 1], ["to", 3, 3]]);
});

test("points stand where the axes put them: the range is the picture's width, and up is less", () => {
  const { dots } = sketched([{ x: [0, 10], y: [0, 1], mode: "markers" }], { xaxis: { range: [0, 10] }, yaxis: { range: [0, 1] } });
  assert.deepStrictEqual(dots, [["#010101", 10, 100], ["#010101", 110, 0]]);
});

test("on a logarithmic axis equal factors are equal ways, and what has no logarithm is left out", () => {
  const { dots } = sketched([{ x: [1, 10, 100, 0], y: [0, 0, 0, 0], mode: "markers" }],
    { xaxis: { type: "log", range: [0, 2] }, yaxis: { range: [0, 1] } });
  assert.deepStrictEqual(dots.map(([, x]) => x), [10, 60, 110]);
});

test("bars stand on zero and are named by their words", () => {
  const { bars, texts } = sketched([{ type: "bar", x: ["SoftPT", "HardPT"], y: [2, -2] }], { yaxis: { range: [-2, 2] } });
  assert.deepStrictEqual(bars.map(([, top, , tall]) => [top, tall]), [[0, 50], [50, 50]]);
  assert.ok(texts.includes("SoftPT") && texts.includes("HardPT"));
});

test("ticks are round numbers within the axis", () => {
  const { texts } = sketched([{ x: [0, 1], y: [3, 3], mode: "lines" }], { xaxis: { range: [0, 1] }, yaxis: { range: [0.13, 0.47] } });
  assert.deepStrictEqual(texts, ["0", "0.2", "0.4", "0.6", "0.8", "1", "0.2", "0.3", "0.4"]);
});
