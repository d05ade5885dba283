// The moments of a run: which one a trace shows, and how they arrive. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend, settled } from "./browser.js";

pretend();
const { Frames } = await import("../../tutor/ui/plot/frames.js");

const BUNDLE = { steps: [0, 10, 100], traces: [1], x: [[[0, 1]], [[0, null]], [[5, 6]]], y: [[[2, 3]], [[2, null]], [[7, 8]]] };

function picture() {
  const told = [], said = [], heard = {};
  const shown = {
    visible: true, stage: "stage", drawn: 0, redraw() { this.drawn += 1; }, say: (text) => said.push(text),
    group: { on: (kind, hear) => { heard[kind] = hear; }, tell: (kind, detail) => told.push([kind, detail]) },
  };
  return { frames: new Frames(shown), shown, told, said, heard };
}

function filled(bundle = BUNDLE, spec = { url: "/frames?key=1" }) {
  const made = picture();
  made.frames.spec = spec;
  made.frames.take(bundle);
  return made;
}

test("a film opens on its last moment, and only the traces it moves are moved", () => {
  const { frames, told } = filled();
  assert.deepStrictEqual(frames.trace(1, {}), { x: [5, 6], y: [7, 8] });
  assert.deepStrictEqual(frames.trace(0, {}), {});
  assert.deepStrictEqual(told.at(-1), ["moments", { moments: [[0, 0], [0, 10], [0, 100]], stage: "stage" }]);
  assert.equal(frames.words(1), "step 10");
});

test("a gap is no row of the table", () => {
  const { frames, heard } = filled();
  heard.frame({ moment: [0, 10] });
  assert.deepStrictEqual(frames.columns, [[1, { x: [0], y: [2] }]]);
});

test("another picture's moment is followed to the last frame that is not later", () => {
  const { frames, heard, told } = filled();
  const before = told.length;
  heard.frame({ moment: [0, 99] });
  assert.equal(frames.scrubber.at, 1);
  heard.frame({ moment: [1, 0] });
  assert.equal(frames.scrubber.at, 2);
  assert.equal(told.length, before);                                   // who follows does not announce it again
});

test("axes hold every frame and all that stands still, and do not move", () => {
  const { frames, heard } = filled();
  const traces = [{ x: [-4], y: [1] }, {}];
  const first = frames.axes(traces);
  heard.frame({ moment: [0, 0] });
  assert.deepStrictEqual(frames.axes(traces), first);
  assert.ok(first.xaxis[0] < -4 && first.xaxis[1] > 6 && first.yaxis[0] < 1 && first.yaxis[1] > 8);
});

test("a colour per point goes where the frames are, and to what is told of a point", () => {
  const { frames } = filled({ ...BUNDLE, colour: [0.1, 0.9] });
  const { marker, customdata } = frames.trace(1, { marker: { size: 4 } });
  assert.deepStrictEqual([marker, customdata], [{ size: 4, color: [0.1, 0.9] }, [0.1, 0.9]]);
});

test("a run that is still computed is asked again for what is new; a finished one is not", async () => {
  const { frames } = picture(), asked = [];
  const answers = [
    { status: 200, state: "running", bundle: { ...BUNDLE, steps: [0], x: [[[0]]], y: [[[0]]] } }, { status: 204, state: "running" },
    { status: 200, state: "done", bundle: BUNDLE },
  ];
  globalThis.fetch = async (address) => {
    asked.push(address);
    const { status, state, bundle } = answers.shift();
    return { ok: true, status, headers: new Headers({ "X-State": state }), json: async () => bundle };
  };
  frames.update({ url: "/frames?key=1" });
  for (let turn = 0; turn < 5; turn++) { await settled(); document.dispatchEvent(new Event("visibilitychange")); }
  assert.deepStrictEqual(asked, ["/frames?key=1", "/frames?key=1&known=1", "/frames?key=1&known=1"]);
  assert.equal(frames.scrubber.moments.length, 3);
});

test("frames that do not come are said, and the figure stays", async () => {
  const { frames, said } = picture();
  const silent = test.mock.method(console, "error", () => {});
  globalThis.fetch = async () => ({ ok: false, status: 500 });
  await frames.update({ url: "/frames?key=2" });
  silent.mock.restore();
  assert.match(said[0], /could not be fetched/);
  assert.deepStrictEqual(frames.trace(1, {}), {});
});

test("a page with a timeline of its own moves all pictures by the keys of one", () => {
  const { frames, told } = filled(BUNDLE, { url: "/frames?key=1", timeline: true });
  frames.move(-1);
  assert.deepStrictEqual(told.at(-1), ["nudge", { by: -1 }]);
  assert.equal(frames.element.hidden, true);
});

test("a picture that goes takes its moments along", () => {
  const { frames, told } = filled();
  frames.destroy();
  assert.deepStrictEqual(told.at(-1), ["moments", { moments: [] }]);
});

test("a film opens at its beginning, and nothing of its end is drawn before", async () => {
  const { frames, shown } = picture();
  globalThis.fetch = async () => ({ ok: true, status: 200, headers: new Headers(), json: async () => BUNDLE });
  const arrived = frames.update({ url: "/frames?key=3", film: true });
  assert.deepStrictEqual([frames.opening, shown.drawn], [true, 0]);
  await arrived;
  assert.deepStrictEqual([frames.opening, frames.scrubber.at], [false, 0]);
  assert.deepStrictEqual(frames.trace(1, {}), { x: [0, 1], y: [2, 3] });
});

test("a picture without the film that was promised shows its own points", async () => {
  const { frames, shown } = picture();
  globalThis.fetch = async () => ({ ok: true, status: 200, headers: new Headers(), json: async () => ({ ...BUNDLE, steps: [] }) });
  await frames.update({ url: "/frames?key=4", film: true });
  assert.deepStrictEqual([frames.opening, shown.drawn, frames.trace(1, {})], [false, 1, {}]);
});

test("points of a film that plays are between two moments, and a point that comes later stays away", () => {
  const { frames } = filled({ ...BUNDLE, x: [[[0, null]], [[4, 9]], [null]], y: [[[2, null]], [[4, 9]], [null]] });
  frames.scrubber.put(0);
  Object.defineProperty(frames.scrubber, "between", { value: 0.25 });
  assert.deepStrictEqual(frames.trace(1, {}), { x: [1, null], y: [2.5, null] });
  frames.scrubber.put(1);
  assert.deepStrictEqual(frames.trace(1, {}), { x: [4, 9], y: [4, 9] });  // the figure's own points come next: nothing leads there
});
