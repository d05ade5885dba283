// A figure is made once, in light colours; the page's own take their place. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { channels, colours, faded, recolour, template } from "../../tutor/ui/plot/theme.js";

const PAIRS = { "#112233": "#aabbcc" };
const light = { dark: false, variable: (name) => `<${name}>` }, dark = { ...light, dark: true };

test("a colour has the same channels however it is written", () => {
  for (const text of ["#ff8000", "#FF8000", "#ff800080", "rgb(255, 128, 0)", "rgba(255,128,0,0.25)"]) {
    assert.deepStrictEqual(channels(text), [255, 128, 0], text);
  }
  assert.deepStrictEqual(channels("#f80"), [255, 136, 0]);
  assert.deepStrictEqual(channels("tomato"), [0, 0, 0]);
  assert.equal(faded("#f80", 0.3), "rgba(255, 136, 0, 0.3)");
});

test("in the dark every colour that has a partner becomes it, and keeps how much it covers", () => {
  assert.equal(recolour("#112233", dark, PAIRS), "#aabbcc");
  assert.equal(recolour("#11223380", dark, PAIRS), "#aabbcc80");
  assert.equal(recolour("rgba(17, 34, 51, 0.2)", dark, PAIRS), "rgba(170, 187, 204, 0.2)");
  assert.equal(recolour("rgb(17,34,51)", dark, PAIRS), "rgba(170, 187, 204, 1)");
  for (const kept of ["#445566", "rgba(1, 2, 3, 0.2)", "lines+markers", ""]) assert.equal(recolour(kept, dark, PAIRS), kept);
});

test("in the light only the page's variables are put in", () => {
  const figure = { line: { color: "#112233" }, font: { color: "var(--st-text-color)" } };
  assert.deepStrictEqual(recolour(figure, light, PAIRS), { line: { color: "#112233" }, font: { color: "<--st-text-color>" } });
});

test("data and words are left alone, and columns of numbers are not even copied", () => {
  const numbers = [1, 2, 3], trace = { name: "#112233", meta: ["#112233"], x: ["#112233"], marker: { size: numbers, color: ["#112233"] } };
  const found = recolour(trace, dark, PAIRS);
  assert.deepStrictEqual(found, { ...trace, marker: { size: numbers, color: ["#aabbcc"] } });
  assert.equal(found.marker.size, numbers);
});

test("the page's colours are Streamlit's, or stand-ins where it sets none", () => {
  const style = (given) => { globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => given[name] ?? "" }); };
  style({ "--st-background-color": "#0b1118", "--st-chart-categorical-colors": "#111111,#222222", "--st-text-color": " unset" });
  const night = colours(null);
  assert.deepStrictEqual([night.dark, night.slots, night.text], [true, ["#111111", "#222222"], "#0b1118"]);
  style({});
  const day = colours(null);
  assert.deepStrictEqual([day.dark, day.background, day.slots], [false, "#ffffff", []]);
  assert.equal(day.variable("--st-nothing"), day.text);
});

test("a phone gets smaller letters and margins", () => {
  const page = { text: "#000000", dark: false, slots: ["#010101"], surface: "", border: "", font: "serif" };
  const [wide, narrow] = [false, true].map((how) => template(page, how).layout);
  for (const size of [({ font }) => font.size, ({ margin }) => margin.l, ({ xaxis }) => xaxis.title.font.size]) {
    assert.ok(size(narrow) < size(wide));
  }
  assert.deepStrictEqual(wide.colorway, ["#010101"]);
});
