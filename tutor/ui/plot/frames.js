// The moments of a run that a picture can show. All are here already, so going from one to another asks nobody: no server, no Python.

import { pacedBy } from "./film_pace.js";
import { FINAL, paused } from "./live.js";
import { Scrubber } from "./scrubber.js";

const PACE = 1500;      // ms between two questions while a run is being computed: its film grows slower than that
const UNSEEN = 6000;    // while the picture is out of sight: every answer takes its share of the cores that train
const CALM = 12;        // so many times as long as an answer took, nothing is asked

export class Frames {
  /** picture: whoever is drawn anew and announces; its group hears which moments there are and which one is shown. */
  constructor(picture) {
    this.picture = picture;
    this.scrubber = new Scrubber((at) => { this.picture.redraw(); this.tell(at); this.glide(); }, (at) => this.words(at));
    this.element = this.scrubber.element;
    const { group } = picture;
    group.on("frame", ({ moment }) => this.follow(moment));
    group.on("moments?", () => this.offer());
  }

  async update(spec) {
    if (spec?.url === this.spec?.url) return;
    this.scrubber.stop();
    this.leaving?.abort();
    this.spec = spec;
    this.bundle = null;
    this.opening = Boolean(spec?.film);      // its end would be given away before it begins
    this.scrubber.take([]);
    this.element.hidden = true;
    this.offer();
    if (!spec) return;
    this.leaving = new AbortController();
    try { await this.fetch(spec, this.leaving.signal); }
    catch (reason) {
      if (reason.name === "AbortError") return;
      console.error(reason);
      this.picture.say("The frames of this run could not be fetched; the picture shows its last state.");
    }
    if (!this.opening) return;
    this.opening = false;                    // there is no film: the picture shows its own points
    this.picture.redraw();
  }

  /** A run that is still computed is asked again and again: each answer holds all its frames, in the newest plane. */
  async fetch(spec, signal) {
    for (let known = 0; !signal.aborted;) {
      const began = performance.now(), answer = await fetch(known ? `${spec.url}&known=${known}` : spec.url, { signal });
      if (!answer.ok) throw new Error(`the frames answered ${answer.status}`);
      if (answer.status !== 204) {
        const bundle = await answer.json();
        known = bundle.steps.length;
        if (known) this.take(bundle);
      }
      const state = answer.headers.get("X-State") ?? "done";
      if (FINAL.has(state)) return;
      await paused(Math.max(this.picture.visible ? PACE : UNSEEN, CALM * (performance.now() - began)), signal);
    }
  }

  take(bundle) {
    this.bundle = bundle;
    this.ranges = null;
    this.element.hidden = Boolean(this.spec.timeline) || bundle.steps.length < 2;
    this.scrubber.label(this.spec.label ?? "training step");
    this.scrubber.take(bundle.steps.map((step, at) => [bundle.phases?.[at] ?? 0, step]));
    if (this.spec.film) this.scrubber.pace = pacedBy(bundle);
    if (this.opening) this.scrubber.put(0);
    this.opening = false;
    this.picture.redraw();
    this.offer();
  }

  /** While a film plays, points are drawn on their way to the next moment. */
  glide() {
    if (this.gliding || !this.scrubber.glides) return;
    this.gliding = requestAnimationFrame(() => {
      this.gliding = null;
      if (!this.scrubber.glides) return;
      this.picture.redraw();
      this.glide();
    });
  }

  words(at) { return this.bundle ? `${this.spec.label ?? "step"} ${this.bundle.steps[at].toLocaleString("en")}` : ""; }

  offer() { this.picture.group.tell("moments", { moments: this.scrubber.moments, stage: this.picture.stage }); }

  tell(at) { this.picture.group.tell("frame", { moment: this.scrubber.moments[at] }); }

  /** What a trace looks like in the frame shown; bundle.x is frames by traces by points, null where the figure's own stay. */
  trace(index, own) {
    const at = this.bundle ? this.bundle.traces.indexOf(index) : -1;
    if (at < 0 || this.bundle.x[this.scrubber.at][at] === null) return {};
    const shown = Object.fromEntries(["x", "y", "z"].filter((axis) => this.bundle[axis]).map((axis) => [axis, this.passed(axis, at)]));
    const colour = this.bundle.colour;
    return colour ? { ...shown, customdata: colour, marker: { ...own.marker, color: colour } } : shown;
  }

  /** Where the points of a trace are on one axis: at the moment shown, or on their way from it to the next. */
  passed(axis, trace) {
    const { at, between } = this.scrubber, now = this.bundle[axis][at][trace], next = this.bundle[axis][at + 1]?.[trace];
    if (!between || next?.length !== now.length) return now;
    return now.map((value, i) => (value === null || next[i] === null ? value : value + (next[i] - value) * between));
  }

  /** The points of the moment that is shown, by trace; none where the figure's own stay. */
  get columns() {
    const at = this.scrubber.at;
    const moved = (this.bundle?.x[at] ?? []).map((x, i) => [this.bundle.traces[i], { x, y: this.bundle.y[at][i] }]);
    return moved.filter(([, { x }]) => x !== null).map(([index, { x, y }]) => {
      const kept = x.map((_, i) => i).filter((i) => x[i] !== null);        // a gap is no point
      return [index, { x: kept.map((i) => x[i]), y: kept.map((i) => y[i]) }];
    });
  }

  /** Axes stand still while frames pass: the range that holds every frame and all that stands still, unless the figure gives one. */
  axes(traces) {
    if (!this.bundle || this.bundle.z) return {};        // a scene in three dimensions gives its own
    this.ranges ??= spans(this.bundle, traces);
    return this.ranges;
  }

  /** Another picture shows this moment: go to the last frame that is not later. */
  follow(moment) {
    if (!this.bundle) return;
    this.scrubber.stop();
    const at = this.scrubber.nearest(moment);
    if (at === this.scrubber.at) return;
    this.scrubber.put(at);
    this.picture.redraw();
  }

  /** The keyboard on the picture: the page's timeline moves, where there is one, else this picture's own. */
  move(by) {
    if (this.spec.timeline) this.picture.group.tell("nudge", { by });
    else this.scrubber.move(by);
  }

  destroy() {
    this.scrubber.stop();
    this.leaving?.abort();
    this.spec = undefined;
    this.picture.group.tell("moments", { moments: [] });
  }
}

function spans(bundle, traces) {
  const found = {};
  for (const letter of ["x", "y"]) {
    const widen = (index, values) => {
      const axis = `${letter}axis${(traces[index]?.[`${letter}axis`] ?? letter).slice(1)}`;
      const span = (found[axis] ??= [Infinity, -Infinity]);
      for (const value of values ?? []) {
        if (value === null || !Number.isFinite(value)) continue;
        if (value < span[0]) span[0] = value;
        if (value > span[1]) span[1] = value;
      }
    };
    bundle.traces.forEach((index, at) => bundle[letter].forEach((frame) => widen(index, frame[at])));
    traces.forEach((trace, index) => widen(index, trace[letter]));
  }
  for (const span of Object.values(found)) {
    const edge = 0.06 * (span[1] - span[0] || 1);
    span[0] -= edge;
    span[1] += edge;
  }
  return found;
}
