// Large type for a lecture: no font of a figure stays below the given size. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { enlarged } = await import("../../tutor/ui/plot/theme.js");

const FIGURE = {
  font: { size: 13, family: "Inter" }, title: { text: "a", font: { size: 30 } },
  xaxis: { title: { font: {} }, tickfont: { size: 9 }, range: [0, 1] },
  annotations: [{ text: "b", font: { size: 11 } }],
};

test("fonts below the size are raised, larger ones and all else stay", () => {
  const { font, title, xaxis, annotations } = enlarged(FIGURE, 24);
  assert.deepStrictEqual([font, title.font.size, xaxis.title.font.size, xaxis.tickfont.size, annotations[0].font.size],
    [{ size: 24, family: "Inter" }, 30, 24, 24, 24]);
  assert.deepStrictEqual([title.text, xaxis.range, annotations[0].text], ["a", [0, 1], "b"]);
});

test("without a size nothing is changed, and numbers of a trace are not copied", () => {
  assert.strictEqual(enlarged(FIGURE, null), FIGURE);
  const x = new Float32Array([1, 2]), y = [3, 4];
  const [trace] = enlarged([{ x, y, z: y, textfont: { size: 9 } }], 24);
  assert.ok(trace.x === x && trace.y === y && trace.textfont.size === 24);
});
