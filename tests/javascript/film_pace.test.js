// How long a film takes, and where it lingers. Run by tests/test_javascript.py.

import assert from "node:assert";
import test from "node:test";
import { pacedBy } from "../../tutor/ui/plot/film_pace.js";

const whole = (film) => Math.round(pacedBy(film).reduce((sum, stay) => sum + stay, 0));
const film = (places) => ({ steps: places.map((_, at) => at), x: places.map((x) => [x]), y: places.map((x) => [x]) });

test("a film takes 6 to 10 seconds, the longer the more moments it has", () => {
  const ofLength = (count) => whole(film(Array.from({ length: count }, (_, at) => [at])));
  assert.deepStrictEqual([2, 14, 60].map(ofLength), [6000, 7800, 10000]);
});

test("it lingers where points move far, and no moment is passed over", () => {
  const [little, much] = pacedBy(film([[0], [1], [10]]));
  assert.deepStrictEqual([Math.round(little), Math.round(much)], [1560, 4440]);   // 0.2 + 0.6 / 10 of 6 s, and 0.2 + 0.6 * 9 / 10
  assert.deepStrictEqual(pacedBy(film([[3], [3], [3]])), [3000, 3000]);
});

test("the figure's own points at the end take the least time, for nothing moves there", () => {
  assert.deepStrictEqual(pacedBy(film([[0], [5], null])).map(Math.round), [4800, 1200]);
});
