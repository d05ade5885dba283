// The numbers of a picture as a table and as a file. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { element, pretend } from "./browser.js";

pretend();
document.createElement = (tag) => Object.assign(element(tag), {
  createTHead() { return this; }, createTBody() { this.body = element("tbody"); return this.body; },
});
const { Table, written } = await import("../../tutor/ui/plot/table.js");

/** RFC 4180, read back letter by letter. */
function read(text) {
  const rows = [[""]];
  for (let i = 0, quoted = false; i < text.length; i++) {
    const cells = rows.at(-1), letter = text[i];
    if (quoted && letter === '"' && text[i + 1] === '"') { cells[cells.length - 1] += '"'; i++; }
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ",") cells.push("");
    else if (!quoted && letter === "\n") rows.push([""]);
    else cells[cells.length - 1] += letter;
  }
  return rows.slice(0, -1);
}

test("whatever stands in a cell is read back from the file", () => {
  const words = ["plain", "a,b", 'say "so"', "two\nlines", "", '"', ",", "ü ⊂", "\r"];
  assert.deepStrictEqual(read(written(["word, or none", "n"], [words, words.map((_, i) => i)])),
    [["word, or none", "n"], ...words.map((word, i) => [word, String(i)])]);
});

test("numbers have six digits that matter, and what is missing is empty", () => {
  assert.equal(written(["x"], [[1 / 3, 1e-9, 123456789, 0.1 + 0.2, null, undefined]]), "x\n0.333333\n1e-9\n123457000\n0.3\n\n\n");
});

test("a picture without a point has a file with its names alone", () => assert.equal(written(["x", "y"], []), "x,y\n"));

test("a table is made when it is opened, shows two hundred rows, and says how many there are", () => {
  let asked = 0;
  const column = Array.from({ length: 1234 }, (_, i) => i);
  const table = new Table(() => { asked += 1; return { name: "n", names: ["step"], columns: [column], words: {} }; });
  table.refresh();
  assert.equal(asked, 0);
  table.element.open = true;
  table.refresh();
  const [bar, pane] = table.body.children;
  assert.equal(bar.children[1].textContent, "1,234 rows, the first 200 shown.");
  assert.equal(pane.children[0].body.children.length, 200);
  table.element.open = false;
  table.refresh();
  assert.deepStrictEqual(table.body.children, []);
});
