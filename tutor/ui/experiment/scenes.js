// What the map shows of a prompt: the grey points of the network, the prompt's path, the red dot, and the flips read after it.

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];

/**
 * @param {object} shown
 * @param {any} shown.seen      what the network answered, see network/looks.js; nothing before the first answer
 * @param {any} shown.film      the film of the network; null where it has none
 * @param {string} shown.kind   "map", or "states" for the plane of the network's states
 * @param {number} shown.coin   how often the coin shows heads
 * @param {number[][]} shown.rows   vectors of the prompt
 * @param {{from: any, share: number} | null} shown.glide   the answer that the dot comes from, and how far it has come
 * @returns {import("./belief_map.js").Scene}
 */
export function makeScene({ seen, film, kind, coin, rows, glide }) {
  if (!seen) return { cloud: film?.fan ?? [], coin };
  const inPlane = kind === "states", path = slid(pathOf(seen, inPlane), glide && pathOf(glide.from, inPlane), glide?.share);
  const reading = glide ? undefined : readingOf(seen, inPlane), label = `after your ${named(rows.length)}`;
  const shown = { path, dot: path.at(-1), reading, label };
  if (!inPlane) return { ...shown, cloud: film?.fan ?? [], coin };
  const cloud = film?.states ?? [];
  return { ...shown, cloud, shares: film?.state_shares, plane: rangesOf([...cloud, ...path, ...seen.states.reading]) };
}

/** Where the prompt ends on the map: what the network expects there, and the flips that the prompt is worth. */
export function dotOf(seen) { return [seen.path.at(-1)[0], Math.max(0, seen.worth.heads) + Math.max(0, seen.worth.tails)]; }

function pathOf(seen, inPlane) { return inPlane ? seen.states.path : [...seen.path.slice(0, -1), dotOf(seen)]; }

/** What comes after the prompt: each flip of the coin that is read is one flip more than the prompt was worth. */
function readingOf(seen, inPlane) {
  const dot = dotOf(seen);
  return inPlane ? seen.states.reading : [dot, ...seen.reading.map(([expects], flips) => [expects, dot[1] + flips + 1])];
}

/** Points on their way from where they were. */
function slid(points, from, share) {
  if (!from) return points;
  return points.map((point, i) => point.map((value, axis) => from[i][axis] + (value - from[i][axis]) * share));
}

function named(vectors) { return vectors === 1 ? "vector" : `${NUMBERS[vectors] ?? vectors} vectors`; }

/** Ranges of some points, with a little room around. */
function rangesOf(points) {
  const range = (axis) => {
    const values = points.map((point) => point[axis]), low = Math.min(...values), high = Math.max(...values);
    const room = (high - low) * 0.05 || 1;
    return [low - room, high + room];
  };
  return { x: range(0), y: range(1) };
}
