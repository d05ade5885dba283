// What the Transformer's attention needs of each input: queries, keys and values. Those of heads and tails depend on nothing but
// their position, so they are computed once, and how much each looks at each other as well; those of a prompt once for each prompt.

import { embed } from "./embedding.js";
import { normalise, unnormalise } from "./layer_norm.js";
import { BOS, FIRST_VECTOR } from "./tree.js";

const LONGEST = 128;               // positions
const MOST_VECTORS = 64;
const TOKENS = 2 * LONGEST;        // inputs that are known beforehand: BOS, one unused, then heads and tails at each position
const ALL = TOKENS + MOST_VECTORS;
const CUT = 80;                    // of exponents: its exponential is still a number of 32 bits

/** Queries, keys and values of inputs, a row for each: of BOS and all tokens in their positions, then of the prompt's vectors. */
export class Inputs {
  /** @param {import("./network_file.js").Header} header @param {Record<string, Float32Array>} tensors
   *  @param {import("./kernels.js").Kernels} kernels */
  constructor(header, tensors, kernels) {
    const D = this.width = header.width, room = () => kernels.floats(ALL * D);
    this.heads = header.heads;
    this.tensors = tensors;
    this.kernels = kernels;
    const weights = ["q", "k", "v"].map((name) => tensors[`attn.${name}.weight`]);
    this.maps = weights.map((weight) => kernels.matrix(weight, D, D));
    this.backs = weights.map((weight) => kernels.matrix(weight, D, D, true));
    this.norms = [tensors["attn.q_norm.weight"], tensors["attn.k_norm.weight"]];
    this.x = room();
    this.hat = room();
    this.normed = room();
    this.raw = room();
    this.hats = [room(), room()];
    this.queries = room();
    this.keys = room();
    this.values = room();
    this.scales = [0, 0, 0].map(() => new Float64Array(ALL));
    this.looks = new Float32Array(ALL * ALL * this.heads);
    this.shifts = new Float64Array(ALL * this.heads);
    for (let row = 0; row < TOKENS; row++) this.place(row, row < 2 ? embed(tensors, 0, 0) : embed(tensors, 1 - row % 2, row % 2), row >> 1);
    this.map(0, TOKENS);
    this.lookAround();
  }

  /** Row of what a node reads. */
  row(input, depth) {
    return input >= FIRST_VECTOR ? TOKENS + input - FIRST_VECTOR : input === BOS ? 0 : 2 * depth + input;
  }

  /** Put an embedded vector into its position. */
  place(row, vector, position) {
    const { width, x, tensors } = this, lift = tensors["lift.weight"], E = vector.length;
    for (let j = 0; j < width; j++) {
      let lifted = lift ? 0 : vector[j];
      if (lift) for (let e = 0; e < E; e++) lifted += lift[j * E + e] * vector[e];
      x[row * width + j] = Math.fround(lifted) + sineCosine(position, j, width);
    }
  }

  /** Queries, keys and values of some rows. */
  map(first, count) {
    const { width, tensors, x, hat, normed, raw, kernels } = this, weight = tensors["attn_norm.weight"], bias = tensors["attn_norm.bias"];
    for (let row = first; row < first + count; row++) {
      this.scales[2][row] = normalise(x, row * width, width, hat, row * width);
      for (let j = 0; j < width; j++) normed[row * width + j] = hat[row * width + j] * weight[j] + bias[j];
    }
    [this.queries, this.keys].forEach((out, which) => {
      raw.fill(0, first * width, (first + count) * width);
      kernels.multiply(normed, first, this.maps[which], raw, first, count);
      for (let row = first; row < first + count; row++) {
        this.scales[which][row] = normalise(raw, row * width, width, this.hats[which], row * width);
        for (let j = 0; j < width; j++) out[row * width + j] = this.hats[which][row * width + j] * this.norms[which][j];
      }
    });
    this.values.fill(0, first * width, (first + count) * width);
    kernels.multiply(normed, first, this.maps[2], this.values, first, count);
  }

  /** How a head of one row looks at another, before the exponential. */
  score(query, key, head) {
    const { width, heads, queries, keys } = this, each = width / heads, a = query * width + head * each, b = key * width + head * each;
    let sum = 0;
    for (let j = 0; j < each; j++) sum += queries[a + j] * keys[b + j];
    return sum / Math.sqrt(each);
  }

  /** How tokens look at BOS and at tokens before them: exponentials, over the largest of each row. */
  lookAround() {
    const { heads, looks, shifts } = this, scores = new Float64Array(TOKENS);
    for (let row = 0; row < TOKENS; row++) {
      const end = row - row % 2 + 2;
      for (let head = 0; head < heads; head++) {
        let most = -Infinity;
        for (let key = 0; key < end; key++) most = Math.max(most, scores[key] = this.score(row, key, head));
        for (let key = 0; key < end; key++) looks[(row * ALL + key) * heads + head] = Math.exp(scores[key] - most);
        shifts[row * heads + head] = most;
      }
    }
  }

  /** Take a prompt: its vectors in their positions, and how they and the tokens behind them look at it. */
  takePrompt(vectors, deepest) {
    const K = vectors.length;
    if (deepest >= LONGEST) throw new Error(`Prompt and flips are ${deepest} long; at most ${LONGEST - 1} fit in the page.`);
    vectors.forEach((vector, k) => this.place(TOKENS + k, vector, k + 1));
    if (K) this.map(TOKENS, K);
    for (let k = 0; k < K; k++) {
      for (let head = 0; head < this.heads; head++) {
        this.shifts[(TOKENS + k) * this.heads + head] = this.score(TOKENS + k, TOKENS + k, head);
      }
      this.lookAt(TOKENS + k, 0);
      for (let before = 0; before <= k; before++) this.lookAt(TOKENS + k, TOKENS + before);
      for (let row = 2 * (k + 2); row < 2 * (deepest + 1); row++) this.lookAt(row, TOKENS + k);
    }
  }

  /** How all heads of a row look at a row before it: exponentials that are yet to be divided by their sum. */
  lookAt(row, key) {
    const { heads, looks, shifts } = this;
    for (let head = 0; head < heads; head++) {
      const away = this.score(row, key, head) - shifts[row * heads + head];
      looks[(row * ALL + key) * heads + head] = Math.exp(Math.max(-CUT, Math.min(CUT, away)));
    }
  }

  /** Where the looks of a row at another begin, one for each head. */
  lookIndex(row, key) {
    return (row * ALL + key) * this.heads;
  }

  /**
   * The gradient in the prompt's vectors.
   * @param {number} count vectors @param {Float32Array[]} ups gradients in queries, keys and values [vectors, width]
   * @param {Float32Array} beside the gradient in the vectors that does not come through these [vectors, width]
   */
  gradient(count, ups, beside) {
    const { width, hat, tensors, raw, normed: into, kernels } = this, d = beside.slice(0, count * width), first = TOKENS * width;
    into.fill(0, first);
    for (let which = 0; which < 3; which++) {
      raw.fill(0, first);
      if (which === 2) raw.set(ups[2].subarray(0, count * width), first);
      for (let k = 0; which < 2 && k < count; k++) {
        const row = TOKENS + k, at = row * width;
        unnormalise(ups[which], k * width, this.norms[which], this.hats[which], at, this.scales[which][row], width, raw, at);
      }
      kernels.multiply(raw, TOKENS, this.backs[which], into, TOKENS, count);
    }
    for (let k = 0; k < count; k++) {
      const row = TOKENS + k, at = row * width;
      unnormalise(into, at, tensors["attn_norm.weight"], hat, at, this.scales[2][row], width, d, k * width);
    }
    return Array.from({ length: count }, (_, k) => this.unlift(d.slice(k * width, (k + 1) * width)));
  }

  /** From the width of the block back to that of the embedding. */
  unlift(d) {
    const lift = this.tensors["lift.weight"], E = this.tensors["embed.bias"].length;
    return lift ? Float32Array.from({ length: E }, (_, e) => d.reduce((sum, x, j) => sum + x * lift[j * E + e], 0)) : d;
  }
}

/** Entry of the fixed position (sines in the first half, cosines in the second), rounded as on the server. */
function sineCosine(position, entry, width) {
  const half = Math.ceil(width / 2), pair = entry % half, rate = Math.fround(10000 ** Math.fround(-2 * pair / width));
  const angle = Math.fround(position * rate);
  return Math.fround(entry < half ? Math.sin(angle) : Math.cos(angle));
}
