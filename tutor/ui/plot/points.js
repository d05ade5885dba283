// Points of a picture: lit by the pointer, by the keyboard, or by another picture of the group; and the one that is pinned.

export class Points {
  constructor(picture) {
    this.picture = picture;
    this.pinned = null;
    const { group } = picture;
    group.on("light", (detail) => this.follow(detail));
    group.on("dim", () => this.dim());
  }

  /** What a point stands for: a thing (a flip, a state, a prompt vector; in the trace's meta), and the family of its trace (a method). */
  identity(trace, point) {
    const drawn = this.picture.drawn()[trace];
    return { thing: drawn?.meta?.[point], family: drawn?.legendgroup || drawn?.name, x: drawn?.x?.[point], across: this.across(drawn) };
  }

  /** What the horizontal axis of a trace means. */
  across(trace) {
    const name = `xaxis${(trace?.xaxis ?? "x").slice(1)}`;
    return this.picture.plot._fullLayout?.[name]?.title?.text;
  }

  light(trace, point, spoken = false) {
    const drawn = this.picture.drawn()[trace];
    if (!this.picture.ready || !drawn || point >= (drawn.x?.length ?? 0)) return;
    const subplot = drawn.xaxis ? `${drawn.xaxis}${drawn.yaxis}` : undefined;
    window.Plotly.Fx.hover(this.picture.plot, [{ curveNumber: trace, pointNumber: point }], subplot);
    if (!spoken) return;
    this.picture.say(`${drawn.name ?? ""} x ${short(drawn.x[point])}, y ${short(drawn.y[point])}`.trim());
    this.tell(trace, point);
  }

  tell(trace, point) { this.picture.group.tell("light", this.identity(trace, point)); }

  /** The pointer has left: what is pinned stays lit in the other pictures, anything else goes out. */
  rest() {
    if (this.pinned) this.tell(this.pinned.trace, this.pinned.point);
    else this.picture.group.tell("dim");
  }

  dim(told = false) {
    if (this.picture.ready) window.Plotly.Fx.unhover(this.picture.plot);
    if (told) this.picture.group.tell("dim");
  }

  /** The same thing here, else a point that stands for the family, else the family's trace: at that x, or at its end where x means
   * something else. */
  follow({ thing, family, x, across }) {
    const drawn = this.picture.drawn();
    for (const name of [thing, family]) {
      const at = name === undefined ? -1 : drawn.findIndex((one) => one.visible === true && one.meta?.includes?.(name));
      if (at >= 0) return this.light(at, drawn[at].meta.indexOf(name));
    }
    for (const name of [family, thing]) {
      const stands = (one) => one.visible === true && one.hoverinfo !== "skip" && (one.legendgroup || one.name) === name;
      const at = name ? drawn.findIndex(stands) : -1;
      if (at >= 0) return this.light(at, nearest(drawn[at].x, across === this.across(drawn[at]) ? x : NaN));
    }
    this.dim();
  }

  /** Keeps a point marked and tells Python; the same point again, or null, lets it go. */
  pin(trace, point) {
    const same = this.pinned && this.pinned.trace === trace && this.pinned.point === point;
    if (trace === null && !this.pinned) return;
    const drawn = trace === null ? null : this.picture.drawn()[trace];
    if (drawn && (drawn.hoverinfo === "skip" || trace >= this.picture.figure.data.length)) return;
    const [row, column] = Array.isArray(point) ? point : [point, point];   // a cell of a heatmap has two places
    this.pinned = same || trace === null ? null : {
      trace, point, name: drawn.name ?? null, thing: drawn.meta?.[point] ?? null,
      x: plain(drawn.x?.[column]), y: plain(drawn.y?.[row]), custom: plain(drawn.customdata?.[point]),
    };
    this.picture.component.setStateValue("pin", this.pinned);
    this.rest();
    this.picture.draw();
  }

  /** The ring around the pinned point, drawn over everything. */
  mark(data, page) {
    const trace = this.pinned && data[this.pinned.trace];
    const x = trace?.x?.[this.pinned.point], y = trace?.y?.[this.pinned.point];
    if (x === undefined || y === undefined || !["scatter", "scattergl"].includes(trace.type ?? "scatter")) return [];
    return [{
      type: "scatter", mode: "markers", x: [x], y: [y], xaxis: trace.xaxis, yaxis: trace.yaxis, hoverinfo: "skip", showlegend: false,
      marker: { symbol: "circle-open", size: 16, color: page.text, line: { width: 2 } },
    }];
  }
}

/** The index of the value next to x; the last one where there is no way to compare. */
function nearest(values, x) {
  if (!Number.isFinite(x)) return values.length - 1;
  let best = values.length - 1, least = Infinity;
  values.forEach((value, i) => { if (Math.abs(value - x) < least) { least = Math.abs(value - x); best = i; } });
  return best;
}

function short(value) { return typeof value === "number" ? Number(value.toPrecision(4)).toLocaleString("en") : String(value); }

function plain(value) {
  return value === undefined ? null : ArrayBuffer.isView(value) ? Array.from(/** @type {Float64Array} */ (value)) : value;
}
