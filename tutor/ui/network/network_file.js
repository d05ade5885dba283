// The file of a network: a header that names its numbers, then the numbers. Written by network_files.py.

/**
 * @typedef {object} Recipe how prompts are tuned, as the server says it
 * @property {number} steps @property {number} batch @property {number} length @property {number} learning_rate @property {number} clip
 * @property {number} warmup @property {boolean} cosine @property {number} beta1 @property {number} beta2
 */
/**
 * @typedef {object} Header
 * @property {string} key of the run @property {string} kind @property {string} label
 * @property {number} width @property {number} layers @property {number} heads of attention, 1 where there is none
 * @property {[number, number]} prior pseudo-counts of the source that it was pretrained on; zeros where that has none
 * @property {Recipe} recipe @property {number} length flips after which a prompt is judged
 * @property {[string, number[]][]} tensors names and shapes, in the order of the numbers
 */

/** @param {ArrayBuffer} bytes @returns {{header: Header, tensors: Record<string, Float32Array>}} */
export function parseNetwork(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const tensors = {};
  let at = 4 + length;
  for (const [name, shape] of header.tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    tensors[name] = new Float32Array(bytes, at, count);
    at += 4 * count;
  }
  if (at !== bytes.byteLength) throw new Error("The network's file is not as long as its header says.");
  return { header, tensors };
}
