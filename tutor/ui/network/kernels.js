// The inner loops of the networks, in WebAssembly (kernels.wat), and the memory that they share with JavaScript.

export const LANES = 8;
const ALIGNED = 16;

/**
 * Weights packed for `multiply`: panels of eight columns, so that they are read in order.
 * @typedef {{address: number, inner: number, columns: number}} Matrix
 */

export class Kernels {
  /** @param {BufferSource} bytes of kernels.wasm */
  constructor(bytes) {
    /** @type {any} */
    this.run = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    this.buffer = this.run.memory.buffer;
    this.used = ALIGNED;
  }

  /** Zeros that kernels can read and write; they are never given back. @param {number} count */
  floats(count) {
    const at = this.used;
    this.used += Math.ceil(4 * count / ALIGNED) * ALIGNED;
    if (this.used > this.buffer.byteLength) throw new Error("The network is too large for the memory that it has in the page.");
    return new Float32Array(this.buffer, at, count);
  }

  /**
   * Pack weights.
   * @param {Float32Array} weights [columns, inner], as in a linear layer of torch; [inner, columns] if transposed
   * @param {number} inner entries of a row that is multiplied
   * @param {number} columns entries of the product, a multiple of eight
   * @returns {Matrix}
   */
  matrix(weights, inner, columns, transposed = false) {
    if (columns % LANES) throw new Error(`A product has ${columns} columns; it must be a multiple of ${LANES}.`);
    const packed = this.floats(inner * columns);
    let at = 0;
    for (let panel = 0; panel < columns; panel += LANES) {
      for (let k = 0; k < inner; k++) {
        for (let c = panel; c < panel + LANES; c++) packed[at++] = transposed ? weights[k * columns + c] : weights[c * inner + k];
      }
    }
    return { address: packed.byteOffset, inner, columns };
  }

  /**
   * Add the product of rows with a matrix to what `out` holds.
   * @param {Float32Array} x rows of matrix.inner entries @param {number} first row of x to begin with
   * @param {Matrix} matrix
   * @param {Float32Array} out rows of matrix.columns entries @param {number} onto row of out to begin with
   * @param {number} count rows
   */
  multiply(x, first, { address, inner, columns }, out, onto, count) {
    this.run.multiply(x.byteOffset + 4 * first * inner, address, out.byteOffset + 4 * onto * columns, inner, columns, count);
  }
}
