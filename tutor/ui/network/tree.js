// The beginnings of several sequences as a tree: what two sequences share is read once.

/** Most nodes of a tree that a network reads at once: the sequences that judge a prompt and what is shown of them. */
export const MOST_NODES = 4096;
export const BOS = 2;
/** An input is 0 (heads), 1 (tails), BOS, or FIRST_VECTOR + k for prompt vector k. */
export const FIRST_VECTOR = 3;

/**
 * A tree in the order of its depth: the nodes of a depth lie side by side, behind those of the depth before.
 * @typedef {object} Levels
 * @property {number} size nodes
 * @property {Int32Array} parent of each node; -1 for the first
 * @property {Int32Array} input of each node
 * @property {Int32Array} depth of each node, which is its position in the sequence
 * @property {Int32Array} starts first node of each depth, and `size` behind the last
 * @property {Int32Array} trunk nodes of BOS and of each prompt vector
 * @property {Int32Array} place node of each number that `Tree` handed out
 */

/** Grows a tree from BOS and the prompt's vectors. */
export class Tree {
  /** @param {number} vectors of the prompt */
  constructor(vectors) {
    this.parent = [-1];
    this.input = [BOS];
    this.depth = [0];
    this.children = [];
    this.trunk = [0];
    for (let k = 0; k < vectors; k++) this.trunk.push(this.add(this.trunk[k], FIRST_VECTOR + k));
  }

  /** The node behind the prompt. */
  get root() {
    return this.trunk[this.trunk.length - 1];
  }

  /** The child of a node for heads (0) or tails (1), made where it is not there yet. */
  child(node, token) {
    const at = 2 * node + token;
    return (this.children[at] ??= this.add(node, token));
  }

  /**
   * Read tokens from a node on; returns the node before each token, and last the node after all of them.
   * @param {number} node @param {ArrayLike<number>} tokens
   */
  read(node, tokens) {
    const nodes = [node];
    for (let t = 0; t < tokens.length; t++) nodes.push(this.child(nodes[t], tokens[t]));
    return nodes;
  }

  /** Nodes after a head and after a tail at a node. */
  fork(node) {
    return [this.child(node, 0), this.child(node, 1)];
  }

  add(parent, input) {
    this.parent.push(parent);
    this.input.push(input);
    return this.depth.push(this.depth[parent] + 1) - 1;
  }

  /** @returns {Levels} */
  levels() {
    const size = this.parent.length, deepest = Math.max(...this.depth);
    const starts = new Int32Array(deepest + 2), place = new Int32Array(size);
    for (const depth of this.depth) starts[depth + 1]++;
    for (let d = 0; d <= deepest; d++) starts[d + 1] += starts[d];
    const next = starts.slice();
    this.depth.forEach((depth, node) => { place[node] = next[depth]++; });
    const parent = new Int32Array(size), input = new Int32Array(size), depth = new Int32Array(size);
    place.forEach((at, node) => {
      parent[at] = node ? place[this.parent[node]] : -1;
      input[at] = this.input[node];
      depth[at] = this.depth[node];
    });
    return { size, parent, input, depth, starts, trunk: Int32Array.from(this.trunk, (node) => place[node]), place };
  }
}
