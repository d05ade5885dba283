// Layer normalisation of rows, forwards and backwards.

const EPSILON = 1e-5;    // as in torch

/**
 * Centre a row and scale it to unit variance.
 * @param {Float32Array} x @param {number} at where the row begins @param {Float32Array} hat the same place is written @param {number} to
 * @returns {number} what the row was multiplied by
 */
export function normalise(x, at, width, hat, to) {
  let sum = 0, squares = 0;
  for (let j = 0; j < width; j++) sum += x[at + j];
  const mean = sum / width;
  for (let j = 0; j < width; j++) squares += (x[at + j] - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / width + EPSILON);
  for (let j = 0; j < width; j++) hat[to + j] = (x[at + j] - mean) * scale;
  return scale;
}

/**
 * Add to `d` the gradient in a row, from that in its normalised row times `weight`.
 * @param {Float32Array} up gradient in the result @param {number} from where its row begins
 * @param {Float32Array} weight of each entry @param {Float32Array} hat the normalised row @param {number} at where it begins
 * @param {number} scale as from `normalise` @param {Float32Array} d @param {number} to
 */
export function unnormalise(up, from, weight, hat, at, scale, width, d, to) {
  let sum = 0, along = 0;
  for (let j = 0; j < width; j++) {
    const u = up[from + j] * weight[j];
    sum += u;
    along += u * hat[at + j];
  }
  const mean = sum / width, slope = along / width;
  for (let j = 0; j < width; j++) d[to + j] += scale * (up[from + j] * weight[j] - mean - hat[at + j] * slope);
}
