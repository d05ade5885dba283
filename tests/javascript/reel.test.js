// The moving canvas over a picture draws traces in the colours that plotly.js gives them. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";

const strokes = [], fills = [];
const pen = {
  scale() {}, save() {}, restore() {}, beginPath() {}, rect() {}, clip() {}, moveTo() {}, lineTo() {}, arc() {}, setLineDash() {},
  stroke() { strokes.push(this.strokeStyle); }, fill() { fills.push(this.fillStyle); },
};
const element = () => ({ style: {}, classList: { add() {}, remove() {} }, setAttribute() {}, append() {}, getContext: () => pen });
globalThis.document = { createElement: element };
globalThis.devicePixelRatio = 1;

const { Reel } = await import("../../tutor/ui/plot/reel.js");

const axis = { _offset: 0, _length: 100, d2p: (value) => value };

function picture(data) {
  return {
    ready: true, stage: { ...element(), clientWidth: 100, clientHeight: 100 }, plot: { _fullLayout: { xaxis: axis, yaxis: axis } },
    spec: () => ({ data, page: { slots: ["#010101", "#020202"] } }), draw: () => assert.fail("left to plotly.js"),
  };
}

test("a trace without a colour has the one of its place, the others their own", () => {
  new Reel(picture([
    { x: [0, 1], y: [0, 1], mode: "lines+markers" },
    { x: [0, 1], y: [1, 0], mode: "lines", line: { color: "#aa0000" } },
    { x: [0, 1], y: [1, 1], mode: "lines" },
  ])).paint();
  assert.deepStrictEqual(strokes, ["#010101", "#aa0000", "#010101"]);
  assert.deepStrictEqual(fills, ["#010101", "#010101"]);
});
