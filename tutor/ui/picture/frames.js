// A slider through a run's frames. All frames are here already, so moving it asks nobody: no server, no Python.

import { Player } from "./player.js";

const SPEEDS = [0.5, 1, 2, 4, 8];
const PACE = 110;       // ms per frame at once the speed
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export class Frames {
  constructor(changed, announce) {
    this.changed = changed;
    this.announce = announce;
    this.bar = new Player(SPEEDS, 1, "Speed", () => (this.playing ? this.stop() : this.play()));
    this.bar.select.onchange = () => { if (this.playing) { this.stop(); this.play(); } };
    this.element = this.bar.element;
    this.slider = document.createElement("input");
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.step = 1;
    this.slider.oninput = () => { this.stop(); this.show(this.slider.valueAsNumber); };
    this.bar.output.before(this.slider);
    this.named(false);
  }

  async update(spec) {
    if (spec?.url === this.spec?.url) return;
    this.stop();
    this.leaving?.abort();
    this.spec = spec;
    this.bundle = null;
    this.element.hidden = true;
    if (!spec) return;
    this.leaving = new AbortController();
    try {
      const answer = await fetch(spec.url, { signal: this.leaving.signal });
      if (!answer.ok) throw new Error(`the frames answered ${answer.status}`);
      this.take(await answer.json());
    } catch (reason) {
      if (reason.name === "AbortError") return;
      console.error(reason);
      this.announce("The frames of this run could not be fetched; the picture shows its last state.");
    }
  }

  take(bundle) {
    this.bundle = bundle;
    this.ranges = null;
    this.slider.max = bundle.steps.length - 1;
    this.slider.setAttribute("aria-label", this.spec.label ?? "training step");
    this.element.hidden = false;
    this.show(this.spec.start ?? bundle.steps.length - 1, false);
  }

  /** What a trace looks like in the frame shown; bundle.x is frames by traces by points. */
  trace(index) {
    const at = this.bundle ? this.bundle.traces.indexOf(index) : -1;
    if (at < 0) return {};
    return { x: this.bundle.x[this.at][at], y: this.bundle.y[this.at][at] };
  }

  /** Axes stand still while frames pass: the range that holds every frame and all that stands still, unless the figure gives one. */
  axes(traces) {
    if (!this.bundle) return {};
    this.ranges ??= spans(this.bundle, traces);
    return this.ranges;
  }

  show(at, tell = true) {
    if (!this.bundle) return;
    this.at = Math.max(0, Math.min(this.bundle.steps.length - 1, at));
    this.slider.value = this.at;
    const label = `${this.spec.label ?? "step"} ${this.bundle.steps[this.at].toLocaleString("en")}`;
    this.bar.output.textContent = label;
    this.slider.setAttribute("aria-valuetext", label);
    this.changed(tell ? this.bundle.steps[this.at] : null);
  }

  /** Another picture moved to `step`: go to the last frame that is not later. */
  follow(step) {
    if (!this.bundle) return;
    this.stop();
    const later = this.bundle.steps.findIndex((mine) => mine > step);
    this.show(later < 0 ? this.bundle.steps.length - 1 : Math.max(0, later - 1), false);
  }

  move(by) { this.stop(); this.show(this.at + by); }

  play() {
    if (this.at === this.bundle.steps.length - 1) this.show(0);
    this.playing = setInterval(() => {
      if (this.at >= this.bundle.steps.length - 1) return this.stop();
      this.show(this.at + 1);
    }, (CALM.matches ? 800 : PACE) / this.bar.speed);
    this.named(true);
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.named(false);
  }

  named(playing) {
    this.bar.button.textContent = playing ? "❚❚" : "▶";
    this.bar.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.bar.button.title = playing ? "Pause" : "Play";
  }

  destroy() { this.stop(); this.leaving?.abort(); this.spec = undefined; }
}

function spans(bundle, traces) {
  const found = {};
  for (const letter of ["x", "y"]) {
    const widen = (index, values) => {
      const axis = `${letter}axis${(traces[index]?.[`${letter}axis`] ?? letter).slice(1)}`;
      const span = (found[axis] ??= [Infinity, -Infinity]);
      for (const value of values) {
        if (!Number.isFinite(value)) continue;
        if (value < span[0]) span[0] = value;
        if (value > span[1]) span[1] = value;
      }
    };
    bundle.traces.forEach((index, at) => bundle[letter].forEach((frame) => widen(index, frame[at])));
    traces.forEach((trace, index) => { if (!bundle.traces.includes(index)) widen(index, trace[letter] ?? []); });
  }
  for (const span of Object.values(found)) {
    const edge = 0.06 * (span[1] - span[0] || 1);
    span[0] -= edge;
    span[1] += edge;
  }
  return found;
}
