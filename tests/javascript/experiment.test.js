// The experiment on Home: tiles, the film, what the map shows, and the prompt in the address. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pretend } from "./browser.js";

pretend();
const { Tiles, share, short } = await import("../../tutor/ui/experiment/tiles.js");
const { Film, along, placeAt } = await import("../../tutor/ui/experiment/film.js");
const { dotOf, makeScene } = await import("../../tutor/ui/experiment/scenes.js");
const { promptText } = await import("../../tutor/ui/experiment/prompt_text.js");
const { amount } = await import("../../tutor/ui/experiment/numbers.js");

test("a vector's share of heads, and the tile's letters", () => {
  assert.deepStrictEqual([[1, 0], [0, 1], [1, 3], [-2, 1], [0, 0]].map(share), [1, 0, 0.25, 0, 0.5]);
  assert.deepStrictEqual([1, 0, 0.25].map(short), ["H", "T", "0.25 H"]);
});

test("keys turn, mix and bound a tile, and each change is told with all vectors", () => {
  const told = [], tiles = new Tiles((rows) => told.push(rows));
  tiles.rows = [[1, 0], [0, 1]];
  tiles.paint = () => {};
  const press = (key, k) => tiles.press({ key, preventDefault() {}, stopPropagation() {} }, k);
  press(" ", 0);
  press("ArrowUp", 1);
  press("ArrowDown", 0);
  press("x", 0);
  assert.deepStrictEqual(told, [[[0, 1], [0, 1]], [[0, 1], [0.1, 0.9]], [[0, 1], [0.1, 0.9]]]);
});

const SAID = {
  steps: [0, 10, 20], shape: [3, 1, 3], sequences: ["HT"], coin: 0.2, hard: [[0.5, 0], [0.3, 2]], walk: [[0.5, 0], [0.2, 99]],
  expects: Buffer.from(new Uint16Array([32768, 32768, 32768, 32768, 39321, 32768, 32768, 52428, 32768]).buffer).toString("base64"),
  states: [], state_shares: [], fan: [],
  clock: { training: [[0, 0], [3, 0.09], [4.88, 1], [8.82, 2]], hard: [[12, 0], [15, 1]], walk: [[16, 0], [21, 1]] },
  scenes: [[3, "noise"], [9, "training"], [12, "fan"], [16, "prompt"], [22, "tuning"], [25, "worth 99 flips"]],
};

test("the film shows the moments of the training when the server's clock says so", () => {
  const film = new Film(SAID), heads = (seconds) => +film.scene(seconds).cloud[1][0].toFixed(4);
  assert.deepStrictEqual(film.cloud(0)[1], [32768 / 65535, 1]);
  assert.deepStrictEqual([heads(0), heads(4.88), heads(6.85), heads(8.9)], [0.5, 0.6, 0.7, 0.8]);
  assert.deepStrictEqual([...film.shares], [0.5, 1, 0.5]);
});

test("a place lies between those of two keys, and stays outside of all", () => {
  const keys = [[1, 0], [2, 4], [4, 5]];
  assert.deepStrictEqual([0, 1, 1.5, 2, 3, 4, 9].map((seconds) => placeAt(keys, seconds)), [0, 0, 2, 4, 4.5, 5, 5]);
});

test("the film ends where the tuned prompt is, and says what it is worth", () => {
  const film = new Film(SAID), { dot, caption } = film.scene(film.seconds - 0.1);
  assert.deepStrictEqual(dot, [0.2, 99]);
  assert.deepStrictEqual([caption, film.seconds], ["worth 99 flips", 25]);
  assert.equal(film.scene(1).dot, undefined);
});

test("a path is walked piece by piece, flips in their logarithm", () => {
  assert.deepStrictEqual(along([[0, 0], [1, 0], [1, 3]], 1), [[0, 0], [1, 0]]);
  const [, , [x, y]] = along([[0, 0], [1, 0], [1, 3]], 1.5);
  assert.deepStrictEqual([x, +y.toFixed(9)], [1, 1]);
});

const SEEN = {
  path: [[0.5, 0], [0.4, 1]], reading: [[0.3, 9], [0.2, 9]], worth: { heads: 2, tails: -0.5 },
  states: { path: [[0, 0], [1, 1]], reading: [[2, 2], [3, 3]] },
};

test("the dot stands at what the network expects and what the prompt is worth; each flip read is one more", () => {
  assert.deepStrictEqual(dotOf(SEEN), [0.4, 2]);
  const scene = makeScene({ seen: SEEN, film: null, kind: "map", coin: 0.2, rows: [[1, 0]], glide: null });
  assert.deepStrictEqual(scene.path, [[0.5, 0], [0.4, 2]]);
  assert.deepStrictEqual(scene.reading, [[0.4, 2], [0.3, 3], [0.2, 4]]);
  assert.equal(scene.label, "after your vector");
});

test("halfway between two answers everything is halfway", () => {
  const from = { ...SEEN, path: [[0.7, 0], [0.6, 1]], worth: { heads: 4, tails: 0 } };
  const scene = makeScene({ seen: SEEN, film: null, kind: "map", coin: 0.2, rows: [[1, 0], [1, 0]], glide: { from, share: 0.5 } });
  assert.deepStrictEqual(scene.dot.map((value) => +value.toFixed(3)), [0.5, 3]);
});

test("in the plane of states all that is drawn lies inside", () => {
  const film = { states: [[-1, 5]], state_shares: [1] };
  const { plane } = makeScene({ seen: SEEN, film, kind: "states", coin: 0.2, rows: [], glide: null });
  assert.ok(plane.x[0] < -1 && plane.x[1] > 3 && plane.y[1] > 5);
});

test("vectors as the address holds them", () => {
  assert.equal(promptText([[1, 0], [0, 1]]), "HT");
  assert.equal(promptText([[1, 0], [0.25, 0.75]]), "H,0.25:0.75");
});

test("amounts of flips as they are read", () => {
  assert.deepStrictEqual([1.16, 9.949, 9.96, 124.6, -0.2].map(amount), ["1.2", "9.9", "10", "125", "0.0"]);
});
