// How long each moment of a film stays: it lasts 6 to 10 seconds, longer where there are more moments, and most of that where most moves.

const EACH = 600;                         // ms from one moment to the next, on average
const [SHORTEST, LONGEST] = [6000, 10000];    // ms of a film
const EVEN = 0.4;                         // share of the time that all moments get alike; the rest goes by how far the points move

/** ms that each moment stays until the next one; the last has none. */
export function pacedBy(bundle) {
  const count = bundle.steps.length - 1, whole = Math.min(LONGEST, Math.max(SHORTEST, EACH * count));
  const ways = Array.from({ length: count }, (_, at) => wayFrom(bundle, at)), all = ways.reduce((sum, way) => sum + way, 0);
  return ways.map((way) => whole * (all ? EVEN / count + ((1 - EVEN) * way) / all : 1 / count));
}

/** How far points move from one moment to the next, on average; none where one of the two leaves the figure's own points. */
function wayFrom({ x, y }, at) {
  const ways = x[at].flatMap((now, trace) => {
    const next = x[at + 1][trace];
    if (now?.length !== next?.length) return [];
    return (now ?? []).map((_, i) => Math.hypot(next[i] - now[i], y[at + 1][trace][i] - y[at][trace][i]));
  });
  return ways.length ? ways.reduce((sum, way) => sum + way, 0) / ways.length : 0;
}
