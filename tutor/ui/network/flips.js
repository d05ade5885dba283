// Flips of a coin, 0 heads and 1 tails: those that judge a prompt, a typical sequence, and the batches of a tuning.

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The sequences on which the server judges a prompt: a flip is heads where its chance lies below that of heads.
 * @param {Float32Array} quantiles [sequences, length] chances @param {number} length @param {number} coin probability of heads
 */
export function judgingFlips(quantiles, length, coin) {
  const all = Uint8Array.from(quantiles, (chance) => (chance >= coin ? 1 : 0));
  return Array.from({ length: all.length / length }, (_, i) => all.subarray(i * length, (i + 1) * length));
}

/** A few of several sequences that spread as they do: in the middle of equal parts when sorted by their heads. */
export function spreadSequences(sequences, few) {
  const counted = sequences.map((flips) => ({ flips, tails: flips.reduce((sum, flip) => sum + flip, 0) }));
  counted.sort((a, b) => a.tails - b.tails);
  return Array.from({ length: few }, (_, i) => counted[Math.floor((i + 0.5) * sequences.length / few)].flips);
}

/** A typical sequence of a coin, always the same: after any number of flips its share of heads is as near the coin's as can be. */
export function typicalFlips(coin, length) {
  return Uint8Array.from({ length }, (_, t) => ((0.5 + (t + 1) * GOLDEN) % 1 >= coin ? 1 : 0));
}

/** Random numbers in [0, 1) from a seed (Mulberry32). @param {number} seed @returns {() => number} */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sequences of a coin whose chances are spread evenly at each position (a Latin hypercube), as the server's tuning draws them. */
export function drawBatch(coin, sequences, length, random) {
  const batch = Array.from({ length: sequences }, () => new Uint8Array(length));
  const cells = Array.from({ length: sequences }, (_, i) => i);
  for (let t = 0; t < length; t++) {
    for (let i = sequences - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [cells[i], cells[j]] = [cells[j], cells[i]];
    }
    batch.forEach((flips, i) => { flips[t] = (cells[i] + random()) / sequences >= coin ? 1 : 0; });
  }
  return batch;
}
