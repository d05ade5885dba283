// What a network reads for one look: the path through the prompt, one typical sequence behind it, and the sequences that judge it.

import { judgingFlips, spreadSequences, typicalFlips } from "./flips.js";
import { Tree } from "./tree.js";

const KEPT = 12;

/**
 * @typedef {object} LookPlan
 * @property {import("./tree.js").Levels} levels
 * @property {number[][]} path nodes before the prompt and after each vector, each with those after one more head and one more tail
 * @property {number[][]} reading the same after each flip of the typical sequence
 * @property {Uint8Array[]} sequences that judge the prompt
 * @property {number[][]} places node before each of their flips
 */

/** Plans of one network, of which the last few are kept: while a prompt is dragged they are the same. */
export class LookPlans {
  /** @param {Float32Array} quantiles [sequences, length] @param {number} length @param {number} glances sequences while dragging */
  constructor(quantiles, length, glances) {
    this.quantiles = quantiles;
    this.length = length;
    this.glances = glances;
    /** @type {Map<string, LookPlan>} */
    this.known = new Map();
  }

  /** @param {number} vectors of the prompt @param {number} coin @param {"drag" | "release"} detail @returns {LookPlan} */
  find(vectors, coin, detail) {
    const name = `${vectors} ${coin} ${detail}`, plan = this.known.get(name) ?? this.make(vectors, this.choose(coin, detail), coin);
    this.known.delete(name);
    this.known.set(name, plan);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
    return plan;
  }

  /** A plan that only judges the network without a prompt. @returns {LookPlan} */
  plain(coin, detail) {
    return this.make(0, this.choose(coin, detail), null);
  }

  /** The sequences that judge a prompt. @returns {Uint8Array[]} */
  choose(coin, detail) {
    const all = judgingFlips(this.quantiles, this.length, coin);
    return detail === "drag" ? spreadSequences(all, this.glances) : all;
  }

  /** @param {number} vectors @param {Uint8Array[]} sequences @param {number | null} typical coin that is read, where one is */
  make(vectors, sequences, typical) {
    const tree = new Tree(vectors), flips = typical === null ? [] : typicalFlips(typical, this.length);
    const [, ...read] = tree.read(tree.root, flips);
    const forked = (node) => [node, ...tree.fork(node)];
    const path = tree.trunk.map(forked), reading = read.map(forked);
    const places = sequences.map((one) => tree.read(tree.root, one.subarray(0, -1)));
    const levels = tree.levels(), placed = (rows) => rows.map((nodes) => nodes.map((node) => levels.place[node]));
    return { levels, path: placed(path), reading: placed(reading), sequences, places: placed(places) };
  }
}
