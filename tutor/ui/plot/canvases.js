// WebGL, of which a browser gives a page only a few: two pictures may have it, the others draw their points as SVG.

const MOST = 2;
const holders = new Set();

/** The traces as this picture may draw them. */
export function granted(picture, traces) {
  if (!traces.some(({ type }) => type === "scattergl")) { holders.delete(picture); return traces; }
  if (holders.size < MOST) holders.add(picture);
  return holders.has(picture) ? traces : traces.map((trace) => (trace.type === "scattergl" ? { ...trace, type: "scatter" } : trace));
}

export function returned(picture) { holders.delete(picture); }
