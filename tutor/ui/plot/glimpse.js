// Another picture in the place of a drawn one, on a canvas, until plotly.js has drawn it: a change is seen a tenth of a second sooner.

import { sketch } from "./sketch.js";

const KINDS = new Set(["scatter", "scattergl", "bar"]);
export const WORTH = 40;      // ms that plotly.js takes for a picture; one that it draws sooner does not need a glimpse

/** Draw it where plotly.js has its axes now; false where a canvas cannot draw all of it. */
export function glimpse(canvas, { data, layout, page }, plot) {
  if (!data.every(({ type }) => KINDS.has(type ?? "scatter"))) return false;
  const { l, r, t, b } = plot._fullLayout._size;
  sketch(canvas, { data, layout: { ...layout, ...held(layout, plot._fullLayout), margin: { l, r, t, b } }, page });
  return true;
}

/** The axes that a visitor has zoomed stay where they are, as plotly.js leaves them. */
function held(layout, drawn) {
  const zoomed = Object.entries(layout).filter(([name, axis]) => {
    const now = /^[xy]axis\d*$/.test(name) && !axis.range && drawn[name];
    return now && now.autorange === false && now.type === (axis.type ?? now.type);
  });
  return Object.fromEntries(zoomed.map(([name, axis]) => [name, { ...axis, range: drawn[name].range }]));
}
