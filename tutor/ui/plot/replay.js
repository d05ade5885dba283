// A finished training once more, at the pace at which it went or faster: the points come back one after another, without a server.

import { Player } from "./player.js";

const SPEEDS = [1, 2, 5, 10];
const FRAME = 60;   // ms

export class Replay {
  constructor(changed) {
    this.changed = changed;
    this.bar = new Player(SPEEDS, 5, "Speed of the replay", () => (this.timer ? this.stop() : this.play()));
    this.element = this.bar.element;
    this.named();
  }

  /** spec: {traces, steps, seconds}: the step and the second of every point, and which traces have steps on their x axis. */
  update(spec) {
    if (JSON.stringify(spec) === JSON.stringify(this.spec)) return;
    this.stop();
    this.spec = spec;
    this.element.hidden = !spec;
  }

  /** The part of a trace that has come back so far. */
  points(index, trace) {
    if (this.step === undefined || !this.spec?.traces.includes(index)) return {};
    const many = trace.x.findIndex((step) => step > this.step);
    return many < 0 ? {} : { x: trace.x.slice(0, many), y: trace.y.slice(0, many) };
  }

  play() {
    const { steps, seconds } = this.spec;
    let passed = 0, before = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      passed += ((now - before) / 1000) * this.bar.speed;
      before = now;
      const next = seconds.findIndex((second) => second > passed);
      if (next < 0) return this.stop();
      this.step = steps[Math.max(0, next - 1)];
      this.bar.output.textContent = `step ${this.step.toLocaleString("en")}, ${passed.toFixed(1)} s`;
      this.changed();
    }, FRAME);
    this.named();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.bar.output.textContent = "";
    this.named();
    if (this.step !== undefined) { this.step = undefined; this.changed(); }
  }

  named() { this.bar.button.textContent = this.timer ? "■ Stop" : "▶ Replay the training"; }

  destroy() { clearInterval(this.timer); }
}
