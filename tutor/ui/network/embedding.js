// How amounts of heads and tails become a vector that a network reads.

/** The vector of amounts of heads and tails. @param {Record<string, Float32Array>} tensors @param {number} heads @param {number} tails */
export function embed(tensors, heads, tails) {
  const weight = tensors["embed.weight"];
  return tensors["embed.bias"].map((b, e) => b + heads * weight[2 * e] + tails * weight[2 * e + 1]);
}
