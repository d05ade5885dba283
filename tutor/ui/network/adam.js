// The optimiser of a tuning: Adam with clipped gradients, warm-up and cosine decay, as the recipe of the server says it.

const TINY = 1e-8, CLIP_TINY = 1e-6;     // as in torch

export class Adam {
  /** @param {import("./network_file.js").Recipe} recipe @param {Float32Array[]} vectors what is tuned, changed in place */
  constructor(recipe, vectors) {
    this.recipe = recipe;
    this.vectors = vectors;
    this.steps = 0;
    this.means = vectors.map((one) => new Float32Array(one.length));
    this.squares = vectors.map((one) => new Float32Array(one.length));
  }

  /** Learning rate of a step, counted from 0. */
  rate(step) {
    const { steps, learning_rate, warmup, cosine } = this.recipe;
    const rising = Math.min(1, (step + 1) / Math.max(1, warmup * steps));
    return learning_rate * rising * (cosine ? 0.5 * (1 + Math.cos(Math.PI * step / Math.max(1, steps))) : 1);
  }

  /** Take one step. @param {Float32Array[]} gradients @returns {number} norm of the gradient before it was clipped */
  step(gradients) {
    const { beta1, beta2, clip } = this.recipe;
    const norm = Math.sqrt(gradients.reduce((sum, one) => sum + one.reduce((square, g) => square + g * g, 0), 0));
    const shrink = Math.min(1, clip / (norm + CLIP_TINY)), rate = this.rate(this.steps++);
    const mean = 1 - beta1 ** this.steps, square = Math.sqrt(1 - beta2 ** this.steps);
    this.vectors.forEach((vector, k) => {
      const m = this.means[k], v = this.squares[k];
      for (let i = 0; i < vector.length; i++) {
        const g = gradients[k][i] * shrink;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        vector[i] -= (rate / mean) * m[i] / (Math.sqrt(v[i]) / square + TINY);
      }
    });
    return norm;
  }
}
