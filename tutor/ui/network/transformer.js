// The Transformer, one block: what it expects after every beginning of a tree, and the gradient of its loss in the prompt's vectors.
// With one block no place waits for another, so all are computed side by side, a few at a time to stay in the cache.

import { Inputs } from "./attention.js";
import { normalise, unnormalise } from "./layer_norm.js";
import { FIRST_VECTOR, MOST_NODES } from "./tree.js";

const BLOCK = 32;      // nodes at a time
const DEEPEST = 128;   // positions

/** @typedef {import("./networks.js").Network} Network */
/** @typedef {import("./tree.js").Levels} Levels */

/** @implements {Network} */
export class Transformer {
  /** @param {import("./network_file.js").Header} header @param {Record<string, Float32Array>} tensors
   *  @param {import("./kernels.js").Kernels} kernels */
  constructor(header, tensors, kernels) {
    const D = this.width = header.width;
    this.embedding = tensors["embed.bias"].length;
    this.glances = 2;
    this.heads = header.heads;
    this.kernels = kernels;
    this.inputs = new Inputs(header, tensors, kernels);
    this.takeWeights(tensors);
    this.makeRoom(D);
    this.probabilities = new Float64Array(MOST_NODES);
    this.states = kernels.floats(MOST_NODES * D);
    this.rows = new Int32Array(MOST_NODES);
  }

  takeWeights(tensors) {
    const { kernels, width: D } = this, mix = tensors["attn.o.weight"], widen = tensors["mlp.0.weight"], narrow = tensors["mlp.2.weight"];
    this.mix = kernels.matrix(mix, D, D);
    this.mixBack = kernels.matrix(mix, D, D, true);
    this.widen = kernels.matrix(widen, D, 4 * D);
    this.widenBack = kernels.matrix(widen, 4 * D, D, true);
    this.narrow = kernels.matrix(narrow, 4 * D, D);
    this.narrowBack = kernels.matrix(narrow, D, 4 * D, true);
    this.mlpWeight = tensors["mlp_norm.weight"];
    this.mlpBias = tensors["mlp_norm.bias"];
    const unembed = tensors["unembed.weight"], bias = tensors["unembed.bias"];
    const towards = unembed.slice(0, D).map((w, j) => w - unembed[D + j]);
    this.towardsHeads = towards.map((w, j) => w * tensors["out_norm.weight"][j]);
    this.atRest = towards.reduce((sum, w, j) => sum + w * tensors["out_norm.bias"][j], bias[0] - bias[1]);
  }

  makeRoom(D) {
    const room = (width) => this.kernels.floats(BLOCK * width);
    this.attended = room(D);
    this.mid = room(D);
    this.midHat = room(D);
    this.normed = room(D);
    this.out = room(D);
    this.outHat = room(D);
    this.inner = room(4 * D);
    this.active = room(4 * D);
    this.d = room(D);
    this.dMid = room(D);
    this.dNormed = room(D);
    this.dAttended = room(D);
    this.dActive = room(4 * D);
    this.shares = this.kernels.floats(BLOCK * DEEPEST * this.heads);
    this.seen = new Int32Array(this.kernels.buffer, this.kernels.floats(DEEPEST).byteOffset, DEEPEST);
    this.midScale = new Float64Array(BLOCK);
    this.outScale = new Float64Array(BLOCK);
    this.ones = new Float32Array(D).fill(1);
  }

  /** Place the inputs of a tree. @param {Float32Array[]} vectors @param {Levels} levels */
  begin(vectors, levels) {
    if (levels.size > MOST_NODES) throw new Error("The prompt and its flips are too long to be read in the page.");
    this.inputs.takePrompt(vectors, levels.starts.length - 2);
    for (let node = 0; node < levels.size; node++) this.rows[node] = this.inputs.row(levels.input[node], levels.depth[node]);
  }

  /** @param {Float32Array[]} vectors @param {Levels} levels */
  read(vectors, levels) {
    this.begin(vectors, levels);
    const nodes = Int32Array.from({ length: levels.size }, (_, node) => node);
    for (let at = 0; at < nodes.length; at += BLOCK) this.forward(nodes.subarray(at, at + BLOCK), levels);
    return { heads: this.probabilities, states: this.states };
  }

  /** Read some nodes. @param {Int32Array} nodes @param {Levels} levels */
  forward(nodes, levels) {
    const D = this.width, n = nodes.length, { mid, attended, inner, active, out, kernels } = this;
    nodes.forEach((node, r) => this.attend(node, levels, r));
    mid.fill(0);
    kernels.multiply(attended, 0, this.mix, mid, 0, n);
    nodes.forEach((node, r) => this.rejoin(node, r));
    inner.fill(0);
    kernels.multiply(this.normed, 0, this.widen, inner, 0, n);
    kernels.run.gelu(inner.byteOffset, active.byteOffset, n * 4 * D);
    out.set(mid);
    kernels.multiply(active, 0, this.narrow, out, 0, n);
    nodes.forEach((node, r) => {
      this.outScale[r] = normalise(out, r * D, D, this.outHat, r * D);
      let score = this.atRest;
      for (let j = 0; j < D; j++) score += this.outHat[r * D + j] * this.towardsHeads[j];
      this.probabilities[node] = 1 / (1 + Math.exp(-score));
    });
  }

  /** What a node's heads gather from BOS, the prompt and the flips up to it: `shares` tells how much from each position. */
  attend(node, { parent, depth }, r) {
    const { width: D, heads, inputs, rows, attended, shares, seen } = this;
    const row = rows[node], base = r * DEEPEST * heads, count = depth[node] + 1;
    for (let before = node, at = count - 1; before >= 0; before = parent[before], at--) {
      seen[at] = inputs.values.byteOffset + 4 * rows[before] * D;
      for (let head = 0, from = inputs.lookIndex(row, rows[before]); head < heads; head++) {
        shares[base + at * heads + head] = inputs.looks[from + head];
      }
    }
    for (let head = 0; head < heads; head++) {
      let sum = 0;
      for (let at = 0; at < count; at++) sum += shares[base + at * heads + head];
      for (let at = 0; at < count; at++) shares[base + at * heads + head] /= sum;
    }
    this.kernels.run.gather(seen.byteOffset, shares.byteOffset + 4 * base, attended.byteOffset + 4 * r * D, D, heads, count);
  }

  /** The stream after attention, and what the MLP reads of it. */
  rejoin(node, r) {
    const { width: D, mid, midHat, normed, mlpWeight, mlpBias, states } = this, { x } = this.inputs, from = this.rows[node] * D, at = r * D;
    for (let j = 0; j < D; j++) {
      states[node * D + j] = mid[at + j];
      mid[at + j] += x[from + j];
    }
    this.midScale[r] = normalise(mid, at, D, midHat, at);
    for (let j = 0; j < D; j++) normed[at + j] = midHat[at + j] * mlpWeight[j] + mlpBias[j];
  }

  /** @param {Float32Array[]} vectors @param {Levels} levels @param {Float64Array} weights @param {number} coin */
  gradient(vectors, levels, weights, coin) {
    this.begin(vectors, levels);
    const K = vectors.length, room = () => new Float32Array(K * this.width), beside = room();
    /** @type {[Float32Array, Float32Array, Float32Array]} in queries, keys and values */
    const ups = [room(), room(), room()];
    const nodes = Int32Array.from(weights.keys()).filter((node) => weights[node]);
    for (let at = 0; at < nodes.length; at += BLOCK) {
      const some = nodes.subarray(at, at + BLOCK);
      this.forward(some, levels);
      this.backward(some, weights, coin);
      some.forEach((node, r) => this.unattend(node, r, levels, ups));
      const root = some.indexOf(levels.trunk[K]);
      if (root >= 0 && K) this.throughRoot(root, levels, ups, beside);
    }
    return this.inputs.gradient(K, ups, beside);
  }

  /** From the loss of some nodes back to the stream after attention, and to what their heads gathered. */
  backward(nodes, weights, coin) {
    const D = this.width, n = nodes.length, { d, dMid, dNormed, dActive, dAttended, kernels } = this, up = new Float32Array(D);
    d.fill(0);
    nodes.forEach((node, r) => {
      const pull = weights[node] * (this.probabilities[node] - coin);
      for (let j = 0; j < D; j++) up[j] = pull * this.towardsHeads[j];
      unnormalise(up, 0, this.ones, this.outHat, r * D, this.outScale[r], D, d, r * D);
    });
    dActive.fill(0);
    kernels.multiply(d, 0, this.narrowBack, dActive, 0, n);
    kernels.run.slope(this.inner.byteOffset, dActive.byteOffset, n * 4 * D);
    dNormed.fill(0);
    kernels.multiply(dActive, 0, this.widenBack, dNormed, 0, n);
    dMid.set(d);
    for (let r = 0; r < n; r++) unnormalise(dNormed, r * D, this.mlpWeight, this.midHat, r * D, this.midScale[r], D, dMid, r * D);
    dAttended.fill(0);
    kernels.multiply(dMid, 0, this.mixBack, dAttended, 0, n);
  }

  /** The gradient in the keys and values of the prompt, from what a node's heads gathered. */
  unattend(node, r, { input, trunk }, ups) {
    const { width: D, heads, inputs, rows, shares, dAttended } = this, each = D / heads, { queries } = inputs;
    const [, dKeys, dValues] = ups, last = input[node] >= FIRST_VECTOR ? input[node] - FIRST_VECTOR + 1 : trunk.length - 1;
    for (let head = 0; head < heads; head++) {
      const at = r * D + head * each, q = rows[node] * D + head * each;
      for (let k = 1; k <= last; k++) {
        const to = (k - 1) * D + head * each, share = shares[(r * DEEPEST + k) * heads + head];
        const pull = this.pull(r, head, rows[trunk[k]], share);
        for (let j = 0; j < each; j++) {
          dValues[to + j] += share * dAttended[at + j];
          dKeys[to + j] += pull * queries[q + j];
        }
      }
    }
  }

  /** The gradient in the score by which a head of a node gave this share to a row. */
  pull(r, head, row, share) {
    const { width: D, heads, attended, dAttended } = this, { values } = this.inputs, each = D / heads, at = r * D + head * each;
    let along = 0;
    for (let j = 0, v = row * D + head * each; j < each; j++) along += dAttended[at + j] * (values[v + j] - attended[at + j]);
    return share * along / Math.sqrt(each);
  }

  /** The last vector of the prompt predicts the first flip: it also has a query, and its own place in the stream. */
  throughRoot(r, { trunk }, ups, beside) {
    const { width: D, heads, inputs, rows, shares } = this, each = D / heads, { keys } = inputs;
    const own = (trunk.length - 2) * D, dQueries = ups[0];
    for (let j = 0; j < D; j++) beside[own + j] += this.dMid[r * D + j];
    for (let head = 0; head < heads; head++) {
      for (let k = 0; k < trunk.length; k++) {
        const share = shares[(r * DEEPEST + k) * heads + head], from = rows[trunk[k]] * D + head * each;
        const pull = this.pull(r, head, rows[trunk[k]], share);
        for (let j = 0; j < each; j++) dQueries[own + head * each + j] += pull * keys[from + j];
      }
    }
  }
}
