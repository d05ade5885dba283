// One picture: a figure drawn by plotly.js on one DOM node that stays, whatever data or theme arrive.

import { Cursor } from "./keys.js";
import { Frames } from "./frames.js";
import { Handle } from "./handle.js";
import { Live } from "./live.js";
import { plotly } from "./loader.js";
import { Replay } from "./replay.js";
import { sketch } from "./sketch.js";
import { Table } from "./table.js";
import { colours, recolour, template } from "./theme.js";

const NEAR = "600px";    // how far off the screen a picture is drawn in advance
const NARROW = 560;      // pixels: a phone, or half a page

const FINGERS = matchMedia("(pointer: coarse)");

const pictures = new WeakMap();
const bus = (window.__tutorBus ??= new EventTarget());   // pictures of one page that share a link group talk here

const SHAPES = {
  full: { width: 24, height: 24, path: "M3 3h7v3H6v4H3zM14 3h7v7h-3V6h-4zM3 14h3v4h4v3H3zM18 14h3v7h-7v-3h4z" },
  svg: { width: 24, height: 24, path: "M4 20h16v2H4zM11 2h2v11l4-4 1.4 1.4L12 17l-6.4-6.6L7 9l4 4z" },
  png: { width: 24, height: 24, path: "M3 4h18v16H3zM5 6v9l4-4 4 4 3-3 3 3V6zM15 8h2v2h-2z" },
};

export function mount(component) {
  const host = component.parentElement;
  const picture = pictures.get(host) ?? new Picture(host);
  pictures.set(host, picture);
  picture.update(component);
  return () => { pictures.delete(host); picture.destroy(); };
}

class Picture {
  constructor(host) {
    styled();
    this.root = made("div", "pt-picture");
    this.stage = made("div", "pt-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.canvas = made("canvas", "pt-sketch");
    this.canvas.setAttribute("aria-hidden", "true");
    this.plot = made("div", "pt-plot");
    this.message = made("div", "pt-message");
    this.message.setAttribute("role", "status");
    this.spoken = made("p", "pt-spoken");
    this.spoken.setAttribute("aria-live", "polite");
    this.live = new Live(() => this.draw(), (end) => this.component.setTriggerValue("finished", end));
    this.frames = new Frames((step) => this.framed(step), (sentence) => this.say(sentence));
    this.replay = new Replay(() => this.draw());
    this.table = new Table(() => this.data());
    this.cursor = new Cursor(this);
    this.handle = new Handle(this);
    this.config = this.configured();
    this.pinned = null;
    this.leaving = new AbortController();
    this.stage.append(this.canvas, this.plot, this.message);
    this.stage.style.position = "relative";                       // said here, since a sketch does not wait for the style sheet
    for (const layer of [this.canvas, this.plot]) Object.assign(layer.style, { position: "absolute", inset: "0", width: "100%", height: "100%" });
    this.root.append(this.stage, this.frames.element, this.replay.element, this.spoken, this.table.element);
    host.append(this.root);
    this.listen();
  }

  listen() {
    const { signal } = this.leaving;
    this.stage.addEventListener("keydown", (event) => event.target === this.stage && this.cursor.press(event), { signal });
    bus.addEventListener("light", ({ detail }) => this.others(detail) && this.follow(detail), { signal });
    bus.addEventListener("dim", ({ detail }) => this.others(detail) && this.dim(), { signal });
    bus.addEventListener("again", () => { if (!this.ready) { this.message.replaceChildren(); this.draw(); } }, { signal });
    bus.addEventListener("frame", ({ detail }) => this.others(detail) && this.frames.follow(detail.step), { signal });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    this.sight = new IntersectionObserver((entries) => this.seen(entries.at(-1).isIntersecting), { rootMargin: NEAR, scrollMargin: NEAR });
    this.sight.observe(this.stage);
  }

  update(component) {
    const { data } = component;
    this.component = component;
    this.name = data.name;
    this.link = data.link;
    this.stage.setAttribute("aria-label", data.alt);
    this.stage.style.height = `${data.height}px`;
    const around = JSON.stringify([data.height, data.live, data.frames, data.pairs, colours(this.root)]);
    const news = data.figure !== this.source || around !== this.around;
    this.around = around;
    if (data.figure !== this.source) {
      this.source = data.figure;
      this.figure = JSON.parse(data.figure);
      delete this.figure.layout?.template;   // the page's own takes its place
    }
    this.numbers = data.table;
    this.live.update(data.live, data.session);
    this.frames.update(data.frames);
    this.handle.update(data.handle);
    this.replay.update(data.replay);
    this.table.refresh();
    if (!news && this.ready) return;         // a click elsewhere on the page reaches every picture
    this.theme = null;
    this.draw();
  }

  /** What is drawn now: the figure in the page's colours, with what is live, framed and pinned put in. */
  spec() {
    const page = colours(this.root);
    this.theme ??= recolour({ data: this.figure.data, layout: this.figure.layout ?? {} }, page, this.component.data.pairs);
    const data = this.theme.data.map((trace, i) => ({ ...trace, ...this.live.trace(i), ...this.frames.trace(i), ...this.handle.points(i), ...this.replay.points(i, trace) }));
    const layout = structuredClone(this.theme.layout);
    for (const [axis, range] of Object.entries(this.frames.axes(data))) {
      layout[axis] = layout[axis]?.range ? layout[axis] : { ...layout[axis], range, autorange: false };
    }
    layout.showlegend ??= data.some((trace) => trace.showlegend) || data.filter((trace) => trace.showlegend !== false).length > 1;
    if (this.pinned) data.push(...this.mark(data, page));
    Object.assign(layout, { template: template(page, this.isNarrow()), autosize: true, uirevision: layout.uirevision ?? "kept" });
    if (FINGERS.matches) layout.dragmode ??= false;   // a finger on a picture scrolls the page
    delete layout.width;
    delete layout.height;
    return { data, layout, config: this.config, page };
  }

  /** Made once: plotly.js starts the picture anew when its configuration changes. */
  configured() {
    const button = (name, title, icon, click) => ({ name, title, icon, click });
    return {
      displaylogo: false, displayModeBar: "hover", responsive: false, doubleClick: "reset", scrollZoom: false,
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"], [
        button("svg", "Download SVG", SHAPES.svg, () => this.export("svg", 1)),
        button("png", "Download PNG", SHAPES.png, () => this.export("png", 3)),
        button("full", "Full screen", SHAPES.full, () => this.fullscreen()),
      ]],
    };
  }

  /** A picture that is far off the screen keeps its sketch; what it should look like waits until somebody scrolls there. */
  seen(near) {
    this.near = near;
    if (near && this.waiting) this.draw();
  }

  draw() {
    this.waiting = !this.near;
    if (this.waiting) return this.sketch();
    if (this.drawing) { this.again = true; return; }
    this.drawing = this.paint().catch((reason) => {
      if (this.leaving.signal.aborted) return;             // gone while plotly was at work
      console.error(reason);
      this.fail("This picture could not be drawn.");
    }).finally(() => {
      this.drawing = null;
      if (this.again && !this.leaving.signal.aborted) { this.again = false; this.draw(); }
    });
  }

  async paint() {
    if (!window.Plotly) this.sketch();
    let Plotly;
    try { Plotly = await plotly(this.component.data.plotly); }
    catch (reason) {
      console.error(reason);
      return this.fail("This picture could not be drawn in full: the drawing library did not arrive.");
    }
    if (this.leaving.signal.aborted) return;
    const { data, layout, config } = this.spec();
    await Plotly.react(this.plot, data, layout, config);
    if (this.outgrown()) await Plotly.Plots.resize(this.plot);
    this.stage.dataset.points = data[0]?.x?.length ?? "";
    if (this.ready || this.leaving.signal.aborted) return;
    this.ready = true;
    this.canvas.remove();
    this.message.replaceChildren();
    this.stage.dataset.drawn = "true";
    this.plot.on("plotly_hover", ({ points: [point] }) => this.tell("light", this.identity(point.curveNumber, point.pointNumber)));
    this.plot.on("plotly_unhover", () => this.tell("dim", {}));
    this.plot.on("plotly_click", ({ points: [point] }) => this.pin(point.curveNumber, point.pointNumber));
    this.handle.listen(this.leaving.signal);
  }

  fail(sentence) {
    const retry = made("button");
    retry.type = "button";
    retry.textContent = "Try again";
    retry.onclick = () => bus.dispatchEvent(new CustomEvent("again"));
    this.message.replaceChildren(document.createTextNode(`${sentence} `), retry);
  }

  sketch() {
    if (this.ready || !this.component) return;
    try { sketch(this.canvas, this.spec()); }
    catch (reason) { console.warn("no sketch of this picture:", reason); }   // plotly.js will draw it
  }

  resize() {
    if (!this.ready) return this.sketch();
    if (this.outgrown()) this.draw();
  }

  outgrown() {
    const { width, height } = this.plot._fullLayout;
    return this.stage.clientWidth > 0 && (Math.abs(width - this.stage.clientWidth) > 1 || Math.abs(height - this.stage.clientHeight) > 1);
  }

  isNarrow() { return this.root.clientWidth < NARROW; }

  drawn() { return this.plot._fullData ?? []; }

  // --- points: lit by the pointer, by the keyboard, or by another picture of the group -------------------------------

  identity(trace, point) {
    const drawn = this.drawn()[trace];
    return { trace, point, name: drawn?.name, id: drawn?.ids?.[point] };
  }

  light(trace, point, spoken = false) {
    const drawn = this.drawn()[trace];
    if (!this.ready || !drawn || point >= (drawn.x?.length ?? 0)) return;
    const subplot = drawn.xaxis ? `${drawn.xaxis}${drawn.yaxis}` : undefined;
    window.Plotly.Fx.hover(this.plot, [{ curveNumber: trace, pointNumber: point }], subplot);
    if (spoken) {
      this.say(`${drawn.name ?? ""} x ${short(drawn.x[point])}, y ${short(drawn.y[point])}`.trim());
      this.tell("light", this.identity(trace, point));
    }
  }

  dim(told = false) {
    if (this.ready) window.Plotly.Fx.unhover(this.plot);
    if (told) this.tell("dim", {});
  }

  /** The same point here: the one with its id, else the same place in the trace of that name, else in that trace. */
  follow({ id, name, trace, point }) {
    const drawn = this.drawn();
    if (id !== undefined) {
      const at = drawn.findIndex((one) => one.ids?.includes(id));
      if (at >= 0) this.light(at, drawn[at].ids.indexOf(id));
      return;
    }
    const named = drawn.findIndex((one) => one.name === name);
    this.light(named >= 0 ? named : trace, point);
  }

  /** Keeps a point marked and tells Python; the same point again, or null, lets it go. */
  pin(trace, point) {
    const same = this.pinned && this.pinned.trace === trace && this.pinned.point === point;
    if (trace === null && !this.pinned) return;
    const drawn = trace === null ? null : this.drawn()[trace];
    if (drawn && (drawn.hoverinfo === "skip" || trace >= this.figure.data.length)) return;
    const [row, column] = Array.isArray(point) ? point : [point, point];   // a cell of a heatmap has two places
    this.pinned = same || trace === null ? null : {
      trace, point, name: drawn.name ?? null, id: drawn.ids?.[point] ?? null,
      x: plain(drawn.x?.[column]), y: plain(drawn.y?.[row]), custom: plain(drawn.customdata?.[point]),
    };
    this.component.setStateValue("pin", this.pinned);
    this.draw();
  }

  mark(data, page) {
    const trace = data[this.pinned.trace];
    const x = trace?.x?.[this.pinned.point], y = trace?.y?.[this.pinned.point];
    if (x === undefined || y === undefined || !["scatter", "scattergl"].includes(trace.type ?? "scatter")) return [];
    return [{
      type: "scatter", mode: "markers", x: [x], y: [y], xaxis: trace.xaxis, yaxis: trace.yaxis, hoverinfo: "skip", showlegend: false,
      marker: { symbol: "circle-open", size: 16, color: page.text, line: { width: 2 } },
    }];
  }

  framed(step) {
    if (step !== null) this.tell("frame", { step });
    this.draw();
  }

  tell(kind, detail) { if (this.link) bus.dispatchEvent(new CustomEvent(kind, { detail: { ...detail, from: this, link: this.link } })); }

  others(detail) { return this.link && detail.link === this.link && detail.from !== this; }

  say(sentence) { this.spoken.textContent = sentence; }

  // --- ways out -------------------------------------------------------------------------------------------------------

  /** The table: as Python made it, or, while points arrive, the points that have arrived. */
  data() {
    const live = this.live.columns.filter(([, column]) => column.x.length);
    if (!live.length) return { name: this.name, ...JSON.parse(this.numbers) };
    const traces = live.flatMap(([index, { x }]) => x.map(() => this.figure.data[index]?.name ?? `trace ${index}`));
    return { name: this.name, names: ["trace", "x", "y"], columns: [traces, ...["x", "y"].map((axis) => live.flatMap(([, column]) => column[axis]))] };
  }

  /** What is seen, zoom and legend included, on the page's background, with its sentence and its runs below. */
  async export(format, scale) {
    const { width, height } = this.plot.getBoundingClientRect();
    const { background, text } = colours(this.root);
    const { alt, credit } = this.component.data;
    const lines = [...wrapped(alt, width), ...wrapped(credit, width)], room = 18 * lines.length + 12;
    const bottom = this.plot._fullLayout._size.b;
    const caption = {
      text: lines.join("<br>"), xref: "paper", yref: "paper", x: 0, y: 0, yshift: -bottom - 6, xanchor: "left", yanchor: "top", align: "left",
      showarrow: false, font: { size: 12, color: text },
    };
    const { margin, annotations = [] } = this.plot.layout;
    const layout = {
      ...this.plot.layout, paper_bgcolor: background, plot_bgcolor: background, annotations: [...annotations, caption],
      margin: { ...margin, b: bottom + room, autoexpand: true },
    };
    await window.Plotly.downloadImage({ data: this.plot.data, layout }, { format, scale, width, height: height + room, filename: this.name });
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen().catch(() => this.say("This browser does not allow full screen here."));
  }

  destroy() {
    this.leaving.abort();
    this.live.stop();
    this.frames.destroy();
    this.replay.destroy();
    this.sizes.disconnect();
    this.sight.disconnect();
    if (this.ready) window.Plotly.purge(this.plot);
    this.root.remove();
  }
}

function styled() {
  if (document.getElementById("pt-style")) return;
  const link = document.createElement("link");
  link.id = "pt-style";
  link.rel = "stylesheet";
  link.href = new URL("picture.css", import.meta.url).href;
  document.head.append(link);
}

function made(tag, name = "") {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

/** A sentence in lines that fit under a picture. */
function wrapped(sentence, width) {
  const most = Math.max(30, Math.floor(width / 6.6)), lines = [""];
  for (const word of sentence.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}

function short(value) { return typeof value === "number" ? Number(value.toPrecision(4)).toLocaleString("en") : String(value); }

function plain(value) { return value === undefined ? null : ArrayBuffer.isView(value) ? [...value] : value; }
