// The kinds of network that run in the page. A new kind is one file and one line here.

import { Lstm } from "./lstm.js";
import { Transformer } from "./transformer.js";

/** @typedef {import("./tree.js").Levels} Levels */
/** @typedef {import("./network_file.js").Header} Header */
/** @typedef {import("./kernels.js").Kernels} Kernels */
/**
 * A network with its weights.
 * @typedef {object} Network
 * @property {number} width of its states
 * @property {number} embedding width of a prompt's vectors
 * @property {number} glances sequences that it can read while something is dragged
 * @property {(vectors: Float32Array[], levels: Levels) => {heads: Float64Array, states: Float32Array}} read
 *   The probability of heads after each node of a tree, and the states of the nodes [nodes, width]; valid until the next call.
 * @property {(vectors: Float32Array[], levels: Levels, weights: Float64Array, coin: number) => Float32Array[]} gradient
 *   The gradient in the prompt's vectors: of the cross entropy to a coin at each node, times the node's weight, all added up.
 */

/** @type {Record<string, new (header: Header, tensors: Record<string, Float32Array>, kernels: Kernels) => Network>} */
const KINDS = { lstm: Lstm, transformer: Transformer };

/** @param {Header} header @param {Record<string, Float32Array>} tensors @param {Kernels} kernels @returns {Network} */
export function buildNetwork(header, tensors, kernels) {
  const Kind = KINDS[header.kind];
  if (!Kind || header.layers > 1) throw new Error(`A ${header.kind} of ${header.layers} layers does not run in the page.`);
  return new Kind(header, tensors, kernels);
}
