// Flips that judge, show and tune a prompt, and the tree in which they are read.

import assert from "node:assert";
import test from "node:test";

import { drawBatch, judgingFlips, randomNumbers, spreadSequences, typicalFlips } from "../../tutor/ui/network/flips.js";
import { LookPlans } from "../../tutor/ui/network/look_plans.js";
import { FIRST_VECTOR, Tree } from "../../tutor/ui/network/tree.js";

const headsOf = (flips) => flips.filter((flip) => flip === 0).length;

test("a flip is heads where its chance lies below that of heads", () => {
  assert.deepStrictEqual(judgingFlips(Float32Array.of(0.1, 0.5, 0.9, 0.4), 2, 0.5).map((one) => [...one]), [[0, 1], [1, 0]]);
});

test("a typical sequence has the coin's share of heads after any number of flips", () => {
  for (const coin of [0, 0.05, 0.2, 0.5, 0.7, 1]) {
    const flips = typicalFlips(coin, 50);
    for (let t = 1; t <= 50; t++) assert.ok(Math.abs(headsOf(flips.subarray(0, t)) - coin * t) < 1.5, `${coin} after ${t}`);
  }
});

test("a few sequences spread as all do", () => {
  const all = Array.from({ length: 9 }, (_, n) => Uint8Array.from({ length: 9 }, (__, t) => (t < n ? 0 : 1)));
  assert.deepStrictEqual(spreadSequences(all.toReversed(), 3).map(headsOf).sort(), [1, 4, 7]);
});

test("a batch has the same share of heads at every position, and the seed decides which", () => {
  const batch = drawBatch(0.25, 4, 30, randomNumbers(3));
  for (let t = 0; t < 30; t++) assert.strictEqual(headsOf(batch.map((flips) => flips[t])), 1);
  assert.deepStrictEqual(drawBatch(0.25, 4, 30, randomNumbers(3)), batch);
  assert.notDeepStrictEqual(drawBatch(0.25, 4, 30, randomNumbers(4)), batch);
});

test("random numbers are even", () => {
  const random = randomNumbers(1), bins = new Array(10).fill(0);
  for (let i = 0; i < 10000; i++) bins[Math.floor(10 * random())]++;
  assert.ok(bins.every((count) => Math.abs(count - 1000) < 150));
});

test("a tree reads shared beginnings once and lays its nodes depth by depth", () => {
  const tree = new Tree(2), one = tree.read(tree.root, [0, 1, 1]), two = tree.read(tree.root, [0, 1, 0]);
  const { size, parent, input, depth, starts, trunk, place } = tree.levels();
  assert.strictEqual(size, 3 + 4);
  assert.deepStrictEqual([one.slice(0, 3), one[3] === two[3]], [two.slice(0, 3), false]);
  assert.deepStrictEqual([...depth], [0, 1, 2, 3, 4, 5, 5]);
  assert.deepStrictEqual([...starts], [0, 1, 2, 3, 4, 5, 7]);
  assert.deepStrictEqual([...trunk].map((node) => input[node]), [2, FIRST_VECTOR, FIRST_VECTOR + 1]);
  assert.deepStrictEqual([parent[0], parent[place[one[3]]], input[place[one[3]]], input[place[two[3]]]], [-1, place[one[2]], 1, 0]);
});

test("plans are kept, but not all of them", () => {
  const plans = new LookPlans(new Float32Array(10).fill(0.5), 5, 1), first = plans.find(1, 0.2, "drag");
  assert.strictEqual(plans.find(1, 0.2, "drag"), first);
  assert.notStrictEqual(plans.find(2, 0.2, "drag"), first);
  for (let i = 0; i < 40; i++) plans.find(1, i / 40, "drag");
  assert.ok(plans.known.size < 20);
});
