// What a network makes of a prompt: where it stands after each vector and after a few flips, what the prompt is worth, what it loses.

import { estimateRegret, fitWorth, readoutFlips } from "./coin_math.js";
import { LookPlans } from "./look_plans.js";

/** @typedef {[number, number][]} Points */
/**
 * @typedef {object} Look
 * @property {Points} path [expects, flips] before the prompt and after each of its vectors
 * @property {Points} reading the same after each of 50 flips of a typical sequence of the coin
 * @property {{path: Points, reading: Points}} states the same moments in the plane of the network's states
 * @property {{heads: number, tails: number, unexplained: number}} worth flips that the prompt adds to the network's prior
 * @property {number} regret after 50 flips of the coin, nats
 * @property {number} without the same without a prompt
 * @property {number} optimum the best that is possible
 * @property {Float32Array[]} vectors
 * @property {number} ms that the network took
 */

const OPTIMUM = 0;     // who knows the coin loses nothing
const KEPT = 200;

export class Looks {
  /** @param {import("./networks.js").Network} network @param {import("./network_file.js").Header} header
   *  @param {Record<string, Float32Array>} tensors */
  constructor(network, header, tensors) {
    this.network = network;
    this.header = header;
    this.plane = { mean: tensors["plane.mean"], basis: tensors["plane.basis"] };
    this.plans = new LookPlans(tensors.quantiles, header.length, network.glances);
    /** @type {Map<string, number>} */
    this.withouts = new Map();
  }

  /** @param {Float32Array[]} vectors @param {number} coin @param {"drag" | "release"} detail @returns {Look} */
  look(vectors, coin, detail) {
    const begun = performance.now(), without = this.findWithout(coin, detail), plan = this.plans.find(vectors.length, coin, detail);
    const { heads, states } = this.network.read(vectors, plan.levels);
    /** @returns {[number, number]} */
    const stand = ([node, afterHead, afterTail]) => [heads[node], readoutFlips(heads[afterHead], heads[afterTail])];
    const place = ([node]) => this.project(states, node);
    return {
      path: plan.path.map(stand), reading: plan.reading.map(stand),
      states: { path: plan.path.map(place), reading: plan.reading.map(place) },
      ...this.judge(heads, plan, coin), without, optimum: OPTIMUM, vectors: vectors.map((one) => one.slice()),
      ms: performance.now() - begun,
    };
  }

  /** @param {Float64Array} heads @param {import("./look_plans.js").LookPlan} plan @param {number} coin */
  judge(heads, plan, coin) {
    const probabilities = plan.places.map((nodes) => nodes.map((node) => heads[node]));
    const counts = fitWorth(probabilities, plan.sequences), [ofHeads, ofTails] = this.header.prior;
    const worth = { heads: counts.heads - ofHeads, tails: counts.tails - ofTails, unexplained: counts.unexplained };
    return { worth, regret: estimateRegret(probabilities, plan.sequences, coin, counts) };
  }

  /** Regret without a prompt; while something is dragged, the exact one where it is known. */
  findWithout(coin, detail) {
    const known = this.withouts.get(`${coin} release`) ?? this.withouts.get(`${coin} ${detail}`);
    if (known !== undefined) return known;
    const plan = this.plans.plain(coin, detail), { regret } = this.judge(this.network.read([], plan.levels).heads, plan, coin);
    if (this.withouts.size >= KEPT) this.withouts.clear();
    this.withouts.set(`${coin} ${detail}`, regret);
    return regret;
  }

  /** @returns {[number, number]} */
  project(states, node) {
    const { mean, basis } = this.plane, width = mean.length;
    let x = 0, y = 0;
    for (let j = 0; j < width; j++) {
      const away = states[node * width + j] - mean[j];
      x += away * basis[j];
      y += away * basis[width + j];
    }
    return [x, y];
  }
}
