// Tuning a soft prompt to a coin, one step at a time, as the server's recipe says.

import { Adam } from "./adam.js";
import { drawBatch, randomNumbers } from "./flips.js";
import { Tree } from "./tree.js";

export class Tuning {
  /**
   * @param {import("./networks.js").Network} network @param {import("./network_file.js").Recipe} recipe
   * @param {Float32Array[]} vectors where it begins; they are not changed
   * @param {number} coin @param {number} seed of the flips
   */
  constructor(network, recipe, vectors, coin, seed) {
    if (!vectors.length) throw new Error("The prompt has no vectors; tuning needs at least one.");
    this.network = network;
    this.recipe = recipe;
    this.coin = coin;
    this.vectors = vectors.map((one) => one.slice());
    this.adam = new Adam(recipe, this.vectors);
    this.random = randomNumbers(seed);
  }

  get step() {
    return this.adam.steps;
  }

  get done() {
    return this.step >= this.recipe.steps;
  }

  /** Take one step. Raises an Error where numbers stop being numbers. */
  advance() {
    const { batch, length } = this.recipe, tree = new Tree(this.vectors.length);
    const sequences = drawBatch(this.coin, batch, length, this.random);
    const places = sequences.flatMap((flips) => tree.read(tree.root, flips.subarray(0, -1)));
    const levels = tree.levels(), weights = new Float64Array(levels.size);
    for (const node of places) weights[levels.place[node]] += 1 / places.length;
    const norm = this.adam.step(this.network.gradient(this.vectors, levels, weights, this.coin));
    if (!Number.isFinite(norm)) throw new Error(`The tuning diverged at step ${this.step}: its gradient is no number any more.`);
  }
}
