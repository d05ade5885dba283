// The first picture, before plotly.js is compiled: lines, points, bands and bars on a canvas, in the same place and colours.

import { channels } from "./theme.js";

export function sketch(canvas, { data, layout, page }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  const pen = canvas.getContext("2d");
  pen.scale(devicePixelRatio, devicePixelRatio);
  const base = layout.template.layout;
  const margin = { ...base.margin, ...layout.margin };
  const area = { left: margin.l, top: margin.t, width: width - margin.l - margin.r, height: height - margin.t - margin.b };
  const traces = data.map((trace, i) => readied(trace, page.slots[i % page.slots.length])).filter(Boolean);
  const axes = axesOf(traces, layout);
  const bottom = area.top + area.height;
  const place = ({ x, y, xaxis, yaxis }, i) => [at(axes[xaxis], x[i], area.left, area.width), at(axes[yaxis], y[i], bottom, -area.height)];
  pen.font = `${base.font.size - 2}px ${page.font}`;
  const panels = new Set(traces.map(({ xaxis, yaxis }) => `${xaxis} ${yaxis}`));
  for (const [x, y] of [...panels].map((names) => names.split(" "))) frame(pen, axes[x], axes[y], area, base, page);
  for (const trace of traces) (trace.bar ? bars : lines)(pen, trace, place, axes[trace.yaxis], area);
}

/** What a canvas needs to know of a trace; null where it cannot draw it. */
export function readied(trace, slot) {
  const kind = trace.type ?? "scatter";
  if (!["scatter", "scattergl", "bar"].includes(kind) || trace.visible === false || trace.visible === "legendonly") return null;
  const y = trace.y ?? [];
  const x = trace.x ?? y.map((_, i) => i);
  const name = (letter) => `${letter}axis${(trace[`${letter}axis`] ?? letter).slice(1)}`;
  const mode = trace.mode ?? (kind === "bar" ? "" : x.length > 20 ? "lines" : "lines+markers");
  const colour = trace.line?.color ?? (typeof trace.marker?.color === "string" ? trace.marker.color : null) ?? slot;
  return {
    x, y, mode, bar: kind === "bar", xaxis: name("x"), yaxis: name("y"), colour, opacity: trace.opacity ?? 1,
    width: trace.line?.width ?? 2, dash: trace.line?.dash, size: typeof trace.marker?.size === "number" ? trace.marker.size : 6,
    colours: shades(trace.marker),
    fill: trace.fill && trace.fill !== "none" ? trace.fillcolor : null, to: trace.fill,
  };
}

/** One colour per point, when the points have values on a colour scale or colours of their own. */
function shades(marker) {
  const values = marker?.color;
  if (!Array.isArray(values)) return null;
  if (typeof values[0] === "string") return values;
  const scale = marker.colorscale;
  if (!Array.isArray(scale)) return null;
  const known = values.filter(Number.isFinite);
  const low = marker.cmin ?? known.reduce((a, b) => Math.min(a, b), Infinity);
  const high = marker.cmax ?? known.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((value) => {
    const share = Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
    const next = Math.max(1, scale.findIndex(([stop]) => stop >= share));
    const [[from, dark], [to, bright]] = [scale[next - 1], scale[next]];
    const mix = (share - from) / (to - from || 1), ends = [channels(dark), channels(bright)];
    return `rgb(${ends[0].map((one, i) => Math.round(one + mix * (ends[1][i] - one))).join(",")})`;
  });
}

function axesOf(traces, layout) {
  const axes = {};
  for (const trace of traces) for (const letter of ["x", "y"]) {
    const name = trace[`${letter}axis`];
    const said = layout[name] ?? {};
    const unseen = { low: Infinity, high: -Infinity, words: [], edge: 0 };
    const axis = (axes[name] ??= { ...unseen, domain: said.domain ?? [0, 1], log: said.type === "log", range: said.range });
    if (letter === "y" || trace.bar || trace.mode.includes("markers")) axis.edge = 0.05;
    for (const raw of trace[letter]) {
      let value = raw;
      if (typeof raw === "string") { if (!axis.words.includes(raw)) axis.words.push(raw); value = axis.words.indexOf(raw); }
      if (value === null || !Number.isFinite(value) || (axis.log && value <= 0)) continue;
      const shown = axis.log ? Math.log10(value) : value;
      axis.low = Math.min(axis.low, shown);
      axis.high = Math.max(axis.high, shown);
    }
    if (trace.bar && letter === "y") axis.low = Math.min(axis.low, 0);
  }
  for (const axis of Object.values(axes)) {
    if (axis.range?.length === 2 && axis.range.every(Number.isFinite)) [axis.low, axis.high] = axis.range;
    else if (axis.words.length) { axis.low = -0.5; axis.high = axis.words.length - 0.5; }
    else { const edge = axis.edge * (axis.high - axis.low || 1); axis.low -= edge; axis.high += edge; }
  }
  return axes;
}

function at(axis, raw, start, length) {
  const value = typeof raw === "string" ? axis.words.indexOf(raw) : axis.log ? Math.log10(raw) : raw;
  if (raw === null || !Number.isFinite(value)) return NaN;
  const share = (value - axis.low) / (axis.high - axis.low);
  return start + length * (axis.domain[0] + share * (axis.domain[1] - axis.domain[0]));
}

function frame(pen, x, y, area, base, page) {
  const left = area.left + x.domain[0] * area.width, right = area.left + x.domain[1] * area.width;
  const bottom = area.top + (1 - y.domain[0]) * area.height, top = area.top + (1 - y.domain[1]) * area.height;
  pen.lineWidth = 1;
  pen.fillStyle = page.text;
  const mark = (value, axis) => (axis.log ? 10 ** value : value).toLocaleString("en", { maximumSignificantDigits: 3 });
  for (const value of ticks(x)) {
    const place = left + ((value - x.low) / (x.high - x.low)) * (right - left);
    stroke(pen, base.xaxis.gridcolor, [place, top], [place, bottom]);
    pen.textAlign = "center";
    pen.fillText(x.words[value] ?? mark(value, x), place, bottom + 18);
  }
  for (const value of ticks(y)) {
    const place = bottom - ((value - y.low) / (y.high - y.low)) * (bottom - top);
    stroke(pen, base.xaxis.gridcolor, [left, place], [right, place]);
    pen.textAlign = "right";
    pen.fillText(y.words[value] ?? mark(value, y), left - 8, place + 4);
  }
  stroke(pen, base.xaxis.linecolor, [left, top], [left, bottom], [right, bottom]);
}

function ticks(axis) {
  if (axis.words.length) return axis.words.map((_, i) => i);
  const rough = (axis.high - axis.low) / 5;
  if (!(rough > 0)) return [];
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const found = [];
  for (let value = Math.ceil(axis.low / step) * step; value <= axis.high && found.length < 20; value += step) {
    found.push(Number(value.toPrecision(12)));
  }
  return found;
}

function stroke(pen, colour, ...points) {
  pen.strokeStyle = colour;
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

/** Lines and markers of a readied trace; place(trace, i) says where on the canvas a point is. */
export function lines(pen, trace, place) {
  const points = trace.x.map((_, i) => place(trace, i));
  const path = () => {
    pen.beginPath();
    let down = false;
    for (const [x, y] of points) {
      if (Number.isNaN(x) || Number.isNaN(y)) { down = false; continue; }
      if (down) pen.lineTo(x, y); else pen.moveTo(x, y);
      down = true;
    }
  };
  pen.globalAlpha = trace.opacity;
  if (trace.to === "toself" && trace.fill) { path(); pen.fillStyle = trace.fill; pen.fill(); }
  if (trace.mode.includes("lines") && trace.width > 0) {
    path();
    pen.strokeStyle = trace.colour;
    pen.lineWidth = trace.width;
    pen.setLineDash(trace.dash && trace.dash !== "solid" ? [6, 4] : []);
    pen.stroke();
    pen.setLineDash([]);
  }
  if (trace.mode.includes("markers")) points.forEach(([x, y], i) => {
    if (Number.isNaN(x) || Number.isNaN(y)) return;
    pen.fillStyle = trace.colours?.[i] ?? trace.colour;
    pen.beginPath();
    pen.arc(x, y, trace.size / 2, 0, 7);
    pen.fill();
  });
  pen.globalAlpha = 1;
}

function bars(pen, trace, place, axis, area) {
  const zero = at(axis, 0, area.top + area.height, -area.height);
  const wide = (0.6 * area.width) / Math.max(1, trace.x.length);
  pen.globalAlpha = trace.opacity;
  trace.x.forEach((_, i) => {
    const [x, y] = place(trace, i);
    pen.fillStyle = trace.colours?.[i] ?? trace.colour;
    if (!Number.isNaN(y)) pen.fillRect(x - wide / 2, Math.min(y, zero), wide, Math.abs(zero - y));
  });
  pen.globalAlpha = 1;
}
