// Exact predictors of a coin: what a prompt is worth in flips, and what a predictor loses against one who knows the coin. In nats.

const LEAST = Math.log(1e-2), MOST = Math.log(1e3);   // pseudo-counts that are tried, as on the server
const ENOUGH = 1e-10, ROUNDS = 200, LONGEST_MOVE = 1.5;
const MOST_FLIPS = 1000;
const PRIOR_FLIPS = 2;

/**
 * Flips seen beyond the two of a uniform prior, read from what is expected after one more head and after one more tail.
 * An exact predictor that has seen n flips moves by 1 / (n + 3). Where hardly anything moves, the answer is 1000; it is never negative.
 */
export function readoutFlips(afterHead, afterTail) {
  const moved = afterHead - afterTail;
  return moved * (MOST_FLIPS + PRIOR_FLIPS + 1) <= 1 ? MOST_FLIPS : Math.max(0, 1 / moved - 1 - PRIOR_FLIPS);
}

/**
 * Pseudo-counts of the exact predictor, Beta(heads, tails), nearest to a network: least KL(network || exact predictor).
 * @param {ArrayLike<number>[]} probabilities of heads before each flip of each sequence
 * @param {ArrayLike<number>[]} sequences flips, 0 heads and 1 tails
 * @returns {{heads: number, tails: number, unexplained: number}} unexplained: the divergence left, in nats per sequence
 */
export function fitWorth(probabilities, sequences) {
  const states = gatherStates(probabilities, sequences);
  /** @type {[number, number]} */
  let at = [0, 0];
  let here = divergence(states, 0, 0), damping = 1e-6;
  for (let round = 0; round < ROUNDS; round++) {
    const next = newtonStep(at, here, damping), there = divergence(states, ...next);
    const moved = Math.abs(next[0] - at[0]) + Math.abs(next[1] - at[1]);
    if (there.value <= here.value) { at = next; here = there; damping /= 10; } else damping = Math.max(damping, 1e-5) * 8;
    if (moved < ENOUGH) break;
  }
  return { heads: Math.exp(at[0]), tails: Math.exp(at[1]), unexplained: Math.max(0, here.value) };
}

/** What was predicted, added up over all places with the same counts: an exact predictor says the same there. */
function gatherStates(probabilities, sequences) {
  const longest = Math.max(...sequences.map((one) => one.length));
  const size = (longest + 1) * (longest + 1), heads = new Float64Array(size), met = new Float64Array(size);
  let negativeEntropy = 0;
  sequences.forEach((flips, i) => {
    for (let t = 0, seen = 0; t < flips.length; t++) {
      const p = probabilities[i][t], state = t * (longest + 1) + seen;
      heads[state] += p;
      met[state]++;
      negativeEntropy += xlogx(p) + xlogx(1 - p);
      if (flips[t] === 0) seen++;
    }
  });
  const found = [...met.keys()].filter((state) => met[state]);
  const table = found.map((state) => [state % (longest + 1), Math.floor(state / (longest + 1)), heads[state], met[state]]);
  return { table, negativeEntropy, sequences: sequences.length };
}

/** KL(network || Beta(e^x, e^y)) per sequence with its slope and curvature in x and y. */
function divergence({ table, negativeEntropy, sequences }, x, y) {
  const a = Math.exp(x), b = Math.exp(y);
  let value = negativeEntropy, dx = 0, dy = 0, dxx = 0, dyy = 0, dxy = 0;
  for (const [seen, length, heads, met] of table) {
    const A = a + seen, B = b + length - seen, S = A + B, tails = met - heads;
    value += met * Math.log(S) - heads * Math.log(A) - tails * Math.log(B);
    const slopeA = met / S - heads / A, slopeB = met / S - tails / B, bend = -met / (S * S);
    dx += slopeA * a;
    dy += slopeB * b;
    dxx += (bend + heads / (A * A)) * a * a + slopeA * a;
    dyy += (bend + tails / (B * B)) * b * b + slopeB * b;
    dxy += bend * a * b;
  }
  const each = (sum) => sum / sequences;
  return { value: each(value), dx: each(dx), dy: each(dy), dxx: each(dxx), dyy: each(dyy), dxy: each(dxy) };
}

/**
 * A damped Newton step within the bounds; a count at its bound stays there while the slope pushes it out.
 * @returns {[number, number]}
 */
function newtonStep([x, y], { dx, dy, dxx, dyy, dxy }, damping) {
  const held = (at, slope) => (at <= LEAST && slope > 0) || (at >= MOST && slope < 0);
  const extra = damping * (Math.abs(dxx) + Math.abs(dyy));
  if (held(x, dx)) return [x, bounded(y - dy / positive(dyy + extra))];
  if (held(y, dy)) return [bounded(x - dx / positive(dxx + extra)), y];
  let lift = extra;
  while ((dxx + lift) * (dyy + lift) - dxy * dxy <= 0 || dxx + lift <= 0) lift = Math.max(lift * 4, 1e-9);
  const A = dxx + lift, B = dyy + lift, det = A * B - dxy * dxy;
  const moves = [-(B * dx - dxy * dy) / det, -(A * dy - dxy * dx) / det];
  const shrink = Math.min(1, LONGEST_MOVE / Math.max(Math.abs(moves[0]), Math.abs(moves[1]), 1e-300));
  return [bounded(x + shrink * moves[0]), bounded(y + shrink * moves[1])];
}

function positive(curvature) {
  return Math.max(Math.abs(curvature), 1e-9);
}

function bounded(x) {
  return Math.min(MOST, Math.max(LEAST, x));
}

function xlogx(p) {
  return p > 0 ? p * Math.log(p) : 0;
}

/**
 * Expected regret (nats) of the exact predictor Beta(heads, tails) after `flips` flips of a coin, over one who knows the coin.
 * Exact: a sum over all counts, weighted by how likely they are.
 * @param {number} coin probability of heads
 */
export function betaRegret(heads, tails, coin, flips) {
  const known = xlogx(coin) + xlogx(1 - coin);
  let regret = 0, likely = new Float64Array(flips + 1);
  likely[0] = 1;
  for (let t = 0; t < flips; t++) {
    const next = new Float64Array(flips + 1);
    for (let seen = 0; seen <= t; seen++) {
      const all = heads + tails + t;
      const loss = weighted(coin, (heads + seen) / all) + weighted(1 - coin, (tails + t - seen) / all);
      regret += likely[seen] * (known - loss);
      next[seen + 1] += likely[seen] * coin;
      next[seen] += likely[seen] * (1 - coin);
    }
    likely = next;
  }
  return regret;
}

/** p log q; a side that never falls costs nothing. */
function weighted(p, q) {
  return p > 0 ? p * Math.log(q) : 0;
}

/**
 * Regret (nats) of a network on sequences of a coin, over one who knows the coin.
 * That of its nearest exact predictor is known without sampling; only the difference between the two is an average over sequences.
 * @param {ArrayLike<number>[]} probabilities of heads before each flip
 * @param {ArrayLike<number>[]} sequences all of the same length
 * @param {number} coin probability of heads
 * @param {{heads: number, tails: number}} worth as from fitWorth
 */
export function estimateRegret(probabilities, sequences, coin, worth) {
  let away = 0;
  sequences.forEach((flips, i) => {
    for (let t = 0, seen = 0; t < flips.length; t++) {
      const exact = (worth.heads + seen) / (worth.heads + worth.tails + t), network = probabilities[i][t];
      away += weighted(coin, exact / network) + weighted(1 - coin, (1 - exact) / (1 - network));
      if (flips[t] === 0) seen++;
    }
  });
  return betaRegret(worth.heads, worth.tails, coin, sequences[0].length) + away / sequences.length;
}
