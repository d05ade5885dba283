// One picture: a figure drawn by plotly.js on one DOM node that stays, whatever data or theme arrive.

import { granted, returned } from "./canvases.js";
import { configured } from "./exports.js";
import { Frames } from "./frames.js";
import { glimpse, WORTH } from "./glimpse.js";
import { everywhere, Group, shout } from "./group.js";
import { Handle } from "./handle.js";
import { Cursor } from "./keys.js";
import { Live } from "./live.js";
import { Pacer } from "./pacer.js";
import { painted, plotly } from "./loader.js";
import { Points } from "./points.js";
import { Reel } from "./reel.js";
import { Replay } from "./replay.js";
import { sketch } from "./sketch.js";
import { Table } from "./table.js";
import { colours, enlarged, recolour, styled, template } from "./theme.js";
import { fitted } from "./titles.js";
import { inTurn } from "./turns.js";
import { explain } from "./words.js";

const NEAR = "600px";    // how far off the screen a picture is drawn in advance
const NARROW = 560;      // pixels: a phone, or half a page

const ENOUGH = 0.15;     // share of a picture that must be on the screen before it follows every moment

const UNSEEN = 3000;     // ms between two questions for points of a picture that nobody sees

const FINGERS = matchMedia("(pointer: coarse)");

const pictures = new WeakMap();

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
    this.turned = false;
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
    this.leaving = new AbortController();
    this.group = new Group(this.leaving.signal);
    this.pacer = new Pacer(() => this.grow());
    const finished = (end) => this.component.setTriggerValue("finished", end);
    this.live = new Live(() => this.pacer.ask(), finished, () => (this.visible ? this.pacer.pause : UNSEEN));
    this.frames = new Frames(this);
    this.points = new Points(this);
    this.replay = new Replay(() => this.draw());
    this.table = new Table(() => this.data());
    this.cursor = new Cursor(this);
    this.handle = new Handle(this);
    this.config = configured(this);        // made once: plotly.js starts the picture anew when it changes
    this.stage.append(this.canvas, this.plot, this.message);
    this.reel = new Reel(this);
    Object.assign(this.stage.style, { position: "relative", marginTop: "var(--pt-strip, 26px)" });    // a sketch does not wait for styles
    const whole = { position: "absolute", inset: "0", width: "100%", height: "100%" };
    for (const layer of [this.canvas, this.plot]) Object.assign(layer.style, whole);
    this.root.append(this.stage, this.frames.element, this.replay.element, this.spoken, this.table.element);
    host.append(this.root);
    this.listen();
  }

  listen() {
    const { signal } = this.leaving;
    this.stage.addEventListener("keydown", (event) => event.target === this.stage && this.cursor.press(event), { signal });
    everywhere("again", () => { if (!this.ready) { this.message.replaceChildren(); this.draw(); } }, signal);
    this.group.on("frame", ({ moment }) => this.measure(moment));
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    this.sight = new IntersectionObserver((entries) => this.seen(entries.at(-1).isIntersecting), { rootMargin: NEAR, scrollMargin: NEAR });
    this.sight.observe(this.stage);
    this.gaze = new IntersectionObserver((entries) => this.looked(entries.at(-1).intersectionRatio >= ENOUGH), { threshold: ENOUGH });
    this.gaze.observe(this.stage);
  }

  update(component) {
    const { data } = component;
    this.component = component;
    this.name = data.name;
    this.group.join(data.link);
    this.stage.setAttribute("aria-label", data.alt);
    this.stage.style.height = `${data.height}px`;
    const around = JSON.stringify([data.height, data.type, data.live, data.frames, data.pairs, colours(this.root)]);
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
    if (this.ready) this.turn();
    this.draw();
  }

  /** Show what has changed at once, if plotly.js will take its time for it. */
  turn() {
    if (!this.visible || this.pacer.cost < WORTH || this.outgrown() || !glimpse(this.reel.canvas, this.spec(), this.plot)) return;
    this.turned = true;
    this.stage.classList.add("pt-turning");
    this.shown();
  }

  /** Count what has been shown, for whoever wants to know when. */
  shown() { this.stage.dataset.shown = String(Number(this.stage.dataset.shown ?? 0) + 1); }

  /** What is drawn now: the figure in the page's colours, with what is live, framed and pinned put in. */
  spec() {
    const page = colours(this.root);
    this.theme ??= recolour({ data: this.figure.data, layout: this.figure.layout ?? {} }, page, this.component.data.pairs);
    const data = this.theme.data.map((trace, i) => (
      { ...trace, ...this.live.trace(i), ...this.frames.trace(i, trace), ...this.handle.points(i), ...this.replay.points(i, trace) }));
    const layout = structuredClone(this.theme.layout);
    for (const [axis, range] of Object.entries(this.frames.axes(this.theme.data))) {
      layout[axis] = layout[axis]?.range ? layout[axis] : { ...layout[axis], range, autorange: false };
    }
    layout.showlegend ??= data.some((trace) => trace.showlegend) || data.filter((trace) => trace.showlegend !== false).length > 1;
    data.push(...this.points.mark(data, page));
    const { type } = this.component.data;
    const look = enlarged(template(page, this.isNarrow()), type);
    Object.assign(layout, enlarged(layout, type), { template: look, autosize: true, uirevision: layout.uirevision ?? "kept" });
    if (type) layout.uniformtext = { minsize: type, mode: "hide" };
    if (FINGERS.matches) layout.dragmode ??= false;   // a finger on a picture scrolls the page
    delete layout.width;
    delete layout.height;
    this.titles = fitted(layout, this.room());
    for (const [name, text] of Object.entries(this.titles)) {
      if (name === "title") layout.title.text = text;
      else layout[name].title.text = text;
    }
    return { data: granted(this, enlarged(data, type)), layout, config: this.config, page };
  }

  /** A picture that is far off the screen keeps its sketch; what it should look like waits until somebody scrolls there. */
  seen(near) {
    this.near = near;
    if (near && this.waiting) this.draw();
  }

  /** A picture that nobody sees does not follow every moment of a film; it catches up when it comes into sight. */
  looked(visible) {
    this.visible = visible;
    if (visible && this.behind) this.draw();
  }

  /** Another moment is to be shown. */
  redraw() {
    this.behind = !this.visible;
    if (!this.visible) return;
    if (this.ready) this.reel.show();
    else this.draw();
  }

  /** More points have arrived; a picture that nobody sees gets them when it comes into sight. */
  grow() {
    this.behind = !this.visible;
    if (this.visible) this.draw();
  }

  draw() {
    this.behind = false;
    this.waiting = !this.near || this.frames.opening;
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
    if (this.turned) await painted();
    if (this.handle.held === null) await inTurn(() => this.visible, () => this.leaving.signal.aborted || this.react(Plotly));
    else await this.react(Plotly);             // what is being dragged waits for nobody
    if (this.leaving.signal.aborted) return;
    if (this.outgrown()) await Plotly.Plots.resize(this.plot);
    if (this.cramped()) await this.react(Plotly);
    this.reel.rest();
    this.turned = Boolean(this.again && this.turned);
    this.stage.classList.toggle("pt-turning", this.turned);
    this.shown();
    explain(this.plot, this.component.data.words);
    if (this.frames.bundle) this.table.refresh();
    this.stage.dataset.points = this.plot.data[0]?.x?.length ?? "";
    if (this.ready || this.leaving.signal.aborted) return;
    this.ready = true;
    this.canvas.remove();
    this.message.replaceChildren();
    this.stage.dataset.drawn = "true";
    this.plot.on("plotly_hover", ({ points: [point] }) => this.points.tell(point.curveNumber, point.pointNumber));
    this.plot.on("plotly_unhover", () => this.points.rest());
    this.plot.on("plotly_click", ({ points: [point] }) => this.points.pin(point.curveNumber, point.pointNumber));
    this.plot.on("plotly_relayout", () => this.reel.upright());
    this.handle.listen(this.leaving.signal);
  }

  async react(Plotly) {
    const began = performance.now(), { data, layout, config } = this.spec();
    await Plotly.react(this.plot, data, layout, config);
    this.pacer.took(performance.now() - began);
  }

  fail(sentence) {
    const retry = made("button");
    retry.type = "button";
    retry.textContent = "Try again";
    retry.onclick = () => shout("again");
    this.message.replaceChildren(document.createTextNode(`${sentence} `), retry);
  }

  sketch() {
    if (this.ready || !this.component || this.frames.opening) return;
    try {
      sketch(this.canvas, this.spec());
      this.stage.dataset.sketched = "true";
    }
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

  /** The picture in pixels with its margins, as far as they are known. */
  room() { return { ...this.plot._fullLayout?._size, width: this.stage.clientWidth, height: this.stage.clientHeight }; }

  /** Whether titles fit otherwise now that the legend has taken its room. */
  cramped() { return JSON.stringify(fitted(this.plot.layout, this.room())) !== JSON.stringify(this.titles); }

  isNarrow() { return this.root.clientWidth < NARROW; }

  drawn() { return this.plot._fullData ?? []; }

  /** A curve over steps shows where the page's timeline is, if the moment is of its own phase. */
  measure([phase, step]) {
    if (this.component.data.phase === null) return;
    this.reel.step = phase === this.component.data.phase ? step : undefined;
    this.reel.upright();
  }

  say(sentence) { this.spoken.textContent = sentence; }

  /** The table: as Python made it, or, while points arrive or another moment is shown, those points. */
  data() {
    const live = [...this.live.columns, ...this.frames.columns].filter(([, column]) => column.x.length);
    const { words } = this.component.data;
    if (!live.length) return { name: this.name, words, ...JSON.parse(this.numbers) };
    const traces = live.flatMap(([index, { x }]) => x.map(() => this.figure.data[index]?.name ?? `trace ${index}`));
    const columns = [traces, ...["x", "y"].map((axis) => live.flatMap(([, column]) => column[axis]))];
    return { name: this.name, words, names: ["trace", "x", "y"], columns };
  }

  destroy() {
    this.leaving.abort();
    this.live.stop();
    this.pacer.stop();
    this.frames.destroy();
    this.replay.destroy();
    this.reel.destroy();
    this.sizes.disconnect();
    this.sight.disconnect();
    this.gaze.disconnect();
    returned(this);
    if (this.ready) window.Plotly.purge(this.plot);
    this.root.remove();
  }
}

function made(tag, name = "") {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
