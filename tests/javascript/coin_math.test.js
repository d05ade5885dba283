// Exact predictors of a coin, held against enumeration and closed forms.

import assert from "node:assert";
import test from "node:test";

import { betaRegret, estimateRegret, fitWorth, readoutFlips } from "../../tutor/ui/network/coin_math.js";

const near = (mine, theirs, within = 1e-12) => assert.ok(Math.abs(mine - theirs) <= within, `${mine} is not ${theirs}`);

/** All sequences of four flips. */
const FOUR = Array.from({ length: 16 }, (_, n) => [0, 1, 2, 3].map((bit) => (n >> bit) & 1));
const predictions = (a, b, flips) => flips.map((_, t) => {
  const heads = flips.slice(0, t).filter((flip) => flip === 0).length;
  return (a + heads) / (a + b + t);
});

function enumerated(a, b, coin) {
  return FOUR.reduce((sum, flips) => {
    const likely = flips.reduce((product, flip) => product * (flip ? 1 - coin : coin), 1);
    const lost = flips.map((flip, t) => {
      const p = predictions(a, b, flips)[t];
      return likely ? Math.log(flip ? (1 - coin) / (1 - p) : coin / p) : 0;
    });
    return sum + likely * lost.reduce((all, one) => all + one, 0);
  }, 0);
}

for (const [a, b, coin] of [[1, 1, 0.2], [2.5, 7, 0.2], [1, 1, 0], [3, 1, 1], [0.5, 0.5, 0.5]]) {
  test(`regret of Beta(${a}, ${b}) on a coin of ${coin} is the average over all sequences`, () => {
    near(betaRegret(a, b, coin, 4), enumerated(a, b, coin));
  });
}

test("who knows the coin loses nothing", () => {
  assert.ok(betaRegret(2e8, 8e8, 0.2, 50) < 1e-6);
});

for (const [a, b] of [[1, 1], [2.23, 6.54], [31, 125], [0.4, 3]]) {
  test(`the worth of Beta(${a}, ${b}) is itself, and nothing is left unexplained`, () => {
    const worth = fitWorth(FOUR.map((flips) => predictions(a, b, flips)), FOUR);
    near(worth.heads / a, 1, 1e-5);
    near(worth.tails / b, 1, 1e-5);
    near(worth.unexplained, 0, 1e-9);
  });
}

test("the worth stays within the counts that the server tries, also where nothing moves the predictions", () => {
  const sure = fitWorth(FOUR.map((flips) => flips.map(() => 0.5)), FOUR);
  near(sure.heads, 1000, 1);
  near(sure.tails, 1000, 1);
  const never = fitWorth(FOUR.map((flips) => flips.map(() => 1e-9)), FOUR);
  assert.ok(never.heads >= 0.0099 && never.tails <= 1000.01 && never.heads < 0.02);
});

test("no other counts explain more", () => {
  const odd = FOUR.map((flips) => predictions(0.8, 1.1, flips).map((p, t) => p * (1 - 0.1 * Math.sin(2 * t) ** 2)));
  const { heads, tails, unexplained } = fitWorth(odd, FOUR);
  const left = (a, b) => odd.reduce((sum, row, i) => sum + row.reduce((all, p, t) => {
    const q = predictions(a, b, FOUR[i])[t];
    return all + p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  }, 0), 0) / FOUR.length;
  near(left(heads, tails), unexplained, 1e-10);
  for (const [a, b] of [[1.01, 1], [0.99, 1], [1, 1.01], [1, 0.99], [1.02, 1.02]]) assert.ok(left(heads * a, tails * b) > unexplained);
});

test("the regret of an exact predictor needs no sequences to be exact", () => {
  const few = FOUR.slice(3, 5), probabilities = few.map((flips) => predictions(2, 5, flips));
  near(estimateRegret(probabilities, few, 0.2, { heads: 2, tails: 5 }), betaRegret(2, 5, 0.2, 4));
});

test("the regret of any predictor is that of its sequences when they are all there", () => {
  const coin = 0.5, odd = FOUR.map((flips) => flips.map((_, t) => 0.4 + 0.05 * t));
  const lost = [0.4, 0.45, 0.5, 0.55].reduce((sum, p) => sum + coin * Math.log(coin / p) + (1 - coin) * Math.log((1 - coin) / (1 - p)), 0);
  near(estimateRegret(odd, FOUR, coin, { heads: 3, tails: 4 }), lost);
});

test("the readout of an exact predictor is the number of flips that it has seen", () => {
  for (const [heads, tails] of [[0, 0], [1, 5], [12, 36], [40, 110]]) {
    const after = (more) => (1 + heads + more) / (3 + heads + tails);
    near(readoutFlips(after(1), after(0)), heads + tails, 1e-9);
  }
});

test("the readout is never negative and ends at a thousand, whatever moves", () => {
  assert.deepStrictEqual([readoutFlips(0.9, 0.1), readoutFlips(0.5, 0.5), readoutFlips(0.4, 0.5)], [0, 1000, 1000]);
  assert.ok(readoutFlips(0.5010, 0.5) > 990 && readoutFlips(0.50001, 0.5) === 1000);
});
