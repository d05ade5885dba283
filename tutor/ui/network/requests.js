// What a page may ask of a network: checked, and refused in one sentence.

import { embed } from "./embedding.js";

const MOST_VECTORS = 64, MOST_AMOUNT = 1e4, MOST_STEPS = 10000;

/** The vectors of a request, from amounts of heads and tails or as they are. @returns {Float32Array[]} */
export function readVectors({ rows, vectors }, tensors, embedding) {
  const given = rows ?? vectors;
  if (!Array.isArray(given) || given.length > MOST_VECTORS) throw new Error(`A prompt is a list of at most ${MOST_VECTORS} vectors.`);
  const wide = rows ? 2 : embedding;
  const fits = (row) => row?.length === wide && Array.from(row).every((x) => Number.isFinite(x) && Math.abs(x) <= MOST_AMOUNT);
  if (!given.every(fits)) throw new Error(`Every vector of the prompt needs ${wide} numbers between -${MOST_AMOUNT} and ${MOST_AMOUNT}.`);
  return rows ? rows.map(([heads, tails]) => embed(tensors, heads, tails)) : vectors.map((one) => Float32Array.from(one));
}

/** @returns {number} */
export function readCoin({ coin }) {
  if (!(coin >= 0 && coin <= 1)) throw new Error("The coin's probability of heads must lie between 0 and 1.");
  return coin;
}

/** @returns {"drag" | "release"} */
export function readDetail({ detail = "release" }) {
  if (detail !== "drag" && detail !== "release") throw new Error('The detail of a look is "drag" or "release".');
  return detail;
}

/** Steps and seed of a tuning. */
export function readTuning({ steps, seed = 0 }, recipe) {
  const asked = steps ?? recipe.steps;
  if (!Number.isInteger(asked) || asked < 1 || asked > MOST_STEPS) throw new Error(`A tuning takes between 1 and ${MOST_STEPS} steps.`);
  if (!Number.isInteger(seed)) throw new Error("The seed of a tuning must be a whole number.");
  return { recipe: { ...recipe, steps: asked }, seed };
}
