// The LSTM, one layer: what it expects after every beginning of a tree, and the gradient of its loss in the prompt's vectors.

import { embed } from "./embedding.js";
import { MOST_NODES } from "./tree.js";

const TAPE = 512;      // nodes whose gates are kept for a gradient; also the most of one depth

/** @typedef {import("./networks.js").Network} Network */
/** @typedef {import("./tree.js").Levels} Levels */

/** @implements {Network} */
export class Lstm {
  /** @param {import("./network_file.js").Header} header @param {Record<string, Float32Array>} tensors
   *  @param {import("./kernels.js").Kernels} kernels */
  constructor(header, tensors, kernels) {
    const D = this.width = header.width, E = this.embedding = tensors["embed.bias"].length;
    this.glances = 6;
    this.tensors = tensors;
    this.kernels = kernels;
    this.input = kernels.matrix(tensors["input.weight"], E, 4 * D);
    this.recurrent = kernels.matrix(tensors["recurrent.weight"], D, 4 * D);
    this.back = kernels.matrix(tensors["recurrent.weight"], 4 * D, D, true);
    this.towardsHeads = tensors["unembed.weight"].slice(0, D).map((w, k) => w - tensors["unembed.weight"][D + k]);
    this.atRest = tensors["unembed.bias"][0] - tensors["unembed.bias"][1];
    this.hidden = kernels.floats(MOST_NODES * D);
    this.cells = kernels.floats(MOST_NODES * D);
    this.nothing = kernels.floats(D);
    this.before = kernels.floats(TAPE * D);
    this.said = kernels.floats(TAPE * D);
    this.gates = kernels.floats(TAPE * 4 * D);
    this.dGates = kernels.floats(TAPE * 4 * D);
    this.dBefore = kernels.floats(TAPE * D);
    this.dHidden = new Float32Array(TAPE * D);
    this.dCells = new Float32Array(TAPE * D);
    this.heads = new Float64Array(MOST_NODES);
  }

  /** What each input says to the gates: heads, tails, BOS, then the prompt's vectors. @param {Float32Array[]} vectors */
  inputGates(vectors) {
    const { input, tensors, embedding, before: x, dGates: gates } = this;
    const rows = [embed(tensors, 1, 0), embed(tensors, 0, 1), embed(tensors, 0, 0), ...vectors];
    rows.forEach((row, i) => {
      x.set(row, i * embedding);
      gates.set(tensors["input.bias"], i * input.columns);
    });
    this.kernels.multiply(x, 0, input, gates, 0, rows.length);
    return gates.slice(0, rows.length * input.columns);
  }

  /** @param {Float32Array[]} vectors @param {Levels} levels */
  read(vectors, levels) {
    this.forward(vectors, levels, false);
    return { heads: this.heads, states: this.cells };
  }

  /** Read a tree depth by depth; `kept` says whether the gates of every node stay, or those of the last depth alone. */
  forward(vectors, { parent, input, starts, size }, kept) {
    const D = this.width, { hidden, before, gates, kernels } = this, given = this.inputGates(vectors);
    if (size > (kept ? TAPE : MOST_NODES)) throw new Error("The prompt and its flips are too long to be read in the page.");
    for (let depth = 0; depth + 1 < starts.length; depth++) {
      const first = starts[depth], end = starts[depth + 1], shift = kept ? 0 : first;
      for (let node = first; node < end; node++) {
        gates.set(given.subarray(input[node] * 4 * D, (input[node] + 1) * 4 * D), (node - shift) * 4 * D);
        if (depth) before.set(hidden.subarray(parent[node] * D, (parent[node] + 1) * D), (node - first) * D);
      }
      if (depth) kernels.multiply(before, 0, this.recurrent, gates, first - shift, end - first);
      for (let node = first; node < end; node++) this.remember(node, parent[node], node - shift);
    }
  }

  /** The cell, the hidden state and the prediction of a node, from what its gates were told in a row. */
  remember(node, parent, row) {
    const D = this.width, at = node * D, { gates, cells, said, hidden, nothing, towardsHeads } = this;
    const before = parent < 0 ? nothing.byteOffset : cells.byteOffset + 4 * parent * D;
    this.kernels.run.remember(gates.byteOffset + 16 * row * D, before, cells.byteOffset + 4 * at, said.byteOffset + 4 * row * D,
      hidden.byteOffset + 4 * at, D);
    let score = this.atRest;
    for (let j = 0; j < D; j++) score += towardsHeads[j] * hidden[at + j];
    this.heads[node] = 1 / (1 + Math.exp(-score));
  }

  /** @param {Float32Array[]} vectors @param {Levels} levels @param {Float64Array} weights @param {number} coin */
  gradient(vectors, levels, weights, coin) {
    this.forward(vectors, levels, true);
    const D = this.width, { parent, starts, size, trunk } = levels, { dHidden, dCells, dBefore, towardsHeads } = this;
    dHidden.fill(0, 0, size * D);
    dCells.fill(0, 0, size * D);
    for (let node = 0; node < size; node++) {
      const pull = weights[node] * (this.heads[node] - coin);
      if (pull) for (let j = 0; j < D; j++) dHidden[node * D + j] = pull * towardsHeads[j];
    }
    for (let depth = starts.length - 2; depth > 0; depth--) {
      const first = starts[depth], end = starts[depth + 1];
      for (let node = first; node < end; node++) this.unremember(node, parent[node]);
      dBefore.fill(0, 0, (end - first) * D);
      this.kernels.multiply(this.dGates, first, this.back, dBefore, 0, end - first);
      for (let node = first; node < end; node++) {
        for (let j = 0, from = (node - first) * D, to = parent[node] * D; j < D; j++) dHidden[to + j] += dBefore[from + j];
      }
    }
    return vectors.map((_, k) => this.intoInput(trunk[k + 1]));
  }

  /** Through one step backwards: the gradient in its gates, and its part of that in the cell before. */
  unremember(node, parent) {
    const D = this.width, at = node * D, from = parent * D, gate = node * 4 * D, { gates, dGates, dHidden, dCells, cells, said } = this;
    for (let j = 0; j < D; j++) {
      const q = gate + j, i = gates[q], f = gates[q + D], g = gates[q + 2 * D], o = gates[q + 3 * D];
      const out = said[at + j], up = dHidden[at + j], d = dCells[at + j] + up * o * (1 - out * out);
      dGates[q] = d * g * i * (1 - i);
      dGates[q + D] = d * cells[from + j] * f * (1 - f);
      dGates[q + 2 * D] = d * i * (1 - g * g);
      dGates[q + 3 * D] = up * out * o * (1 - o);
      dCells[from + j] += d * f;
    }
  }

  /** The gradient in the vector that a node read. */
  intoInput(node) {
    const E = this.embedding, weights = this.tensors["input.weight"], found = new Float32Array(E);
    for (let row = 0; row < 4 * this.width; row++) {
      const d = this.dGates[node * 4 * this.width + row];
      for (let e = 0; e < E; e++) found[e] += d * weights[row * E + e];
    }
    return found;
  }
}
