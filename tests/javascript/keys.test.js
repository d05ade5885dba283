// The keyboard's way through a picture and through a lecture. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { element, pretend } from "./browser.js";

pretend();
const { Cursor } = await import("../../tutor/ui/plot/keys.js");
const { default: shortcuts } = await import("../../tutor/ui/shell/presentation/shortcuts.js");

const event = (key, more = {}) => ({ key, prevented: false, preventDefault() { this.prevented = true; }, ...more });

function cursor(traces, { film = false, dragged = null } = {}) {
  const noted = [];
  const note = (name) => (...given) => noted.push([name, ...given]);
  const picture = {
    drawn: () => traces.map((trace) => ({ visible: true, ...trace })), frames: { bundle: film ? {} : null, move: note("film") },
    points: { light: note("light"), pin: note("pin"), dim: note("dim") },
    handle: { active: dragged !== null, trace: dragged, nudge: note("nudge") },
  };
  return { keys: new Cursor(picture), noted };
}

const TWO = [{ x: [1, 2, 3] }, { x: [1, 2, 3], visible: "legendonly" }, { x: [1, 2], hoverinfo: "skip" }, { x: [1, 2] }];

test("arrows walk along a trace and stop at its ends", () => {
  const { keys, noted } = cursor(TWO);
  for (const key of ["ArrowRight", "ArrowRight", "End", "ArrowRight", "Home", "ArrowLeft"]) keys.press(event(key));
  assert.deepStrictEqual(noted.map(([, , point]) => point), [0, 1, 2, 2, 0, 0]);
});

test("up and down go round the traces that can be pointed at, to a point that is there", () => {
  const { keys, noted } = cursor(TWO);
  for (const key of ["End", "ArrowDown", "ArrowDown", "ArrowUp"]) keys.press(event(key));
  assert.deepStrictEqual(noted.map(([, trace, point]) => [trace, point]), [[0, 2], [3, 1], [0, 1], [3, 1]]);
});

test("a picture whose first trace is a background is entered at the next one", () => {
  const { keys, noted } = cursor([{ x: [1], hoverinfo: "skip" }, { x: [1, 2] }]);
  keys.press(event("ArrowRight"));
  assert.deepStrictEqual(noted, [["light", 1, 0, true]]);
});

test("enter pins only what is pointed at, and escape lets go of all", () => {
  const { keys, noted } = cursor(TWO);
  for (const key of ["Enter", "ArrowRight", "Enter", "Escape", "Enter"]) keys.press(event(key));
  assert.deepStrictEqual(noted, [["light", 0, 0, true], ["pin", 0, 0], ["pin", null], ["dim", true]]);
});

test("in a film left and right are time", () => {
  const { keys, noted } = cursor(TWO, { film: true });
  for (const key of ["ArrowLeft", "ArrowRight"]) keys.press(event(key));
  assert.deepStrictEqual(noted, [["film", -1], ["film", 1]]);
});

test("with shift an arrow moves a point that can be dragged", () => {
  const { keys, noted } = cursor(TWO, { dragged: 3 });
  keys.press(event("ArrowUp", { shiftKey: true }));
  assert.deepStrictEqual(noted, [["nudge", 0, 0, 1]]);
});

test("the browser keeps its own keys", () => {
  const { keys, noted } = cursor(TWO);
  const own = [event("ArrowLeft", { altKey: true }), event("Home", { ctrlKey: true }), event("a"), event("Tab")];
  own.forEach((one) => keys.press(one));
  assert.deepStrictEqual([noted, own.some(({ prevented }) => prevented)], [[], false]);
});

test("a presenter's keys click the buttons of the lecture, but not while one types", () => {
  const clicked = [], heard = [];
  document.querySelector = (selector) => ({ click: () => clicked.push(selector) });
  window.addEventListener = (kind, press) => heard.push(press);
  window.removeEventListener = (kind, press) => heard.splice(heard.indexOf(press), 1);
  const leave = shortcuts({ data: { next: "on", back: "back", end: "end" }, parentElement: element() });
  const page = { closest: () => null }, field = { closest: () => element("input") };
  const press = (key, target, more) => heard[0](event(key, { target, ...more }));
  press("ArrowRight", page);
  press("ArrowRight", field);
  press("PageDown", field);                                            // a remote control, whatever has the focus
  press("ArrowLeft", page, { ctrlKey: true });
  press("PageUp", page);
  press("Escape", page);
  assert.deepStrictEqual(clicked, ["on", "on", "back", "end"]);
  leave();
  assert.deepStrictEqual(heard, []);
});
