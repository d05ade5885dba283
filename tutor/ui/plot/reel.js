// Moments that follow fast, on a canvas over the plot: plotly.js takes a tenth of a millisecond for each point, a canvas a hundredth
// of that.

import { lines, readied } from "./sketch.js";

const REST = 180;    // ms without a new moment; then plotly.js draws the last one, and it can be pointed at again

export class Reel {
  /** picture: whose moments these are; its draw() draws the last one for good. */
  constructor(picture) {
    this.picture = picture;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "pt-reel";
    this.canvas.setAttribute("aria-hidden", "true");
    this.hair = document.createElement("div");
    this.hair.className = "pt-hair";
    this.hair.hidden = true;
    picture.stage.append(this.canvas, this.hair);
    this.step = undefined;       // where the page's timeline is, while it is in this picture's phase
  }

  /** Show the moment that is current now. */
  show() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.picture.draw(), REST);
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.paint(); });
  }

  paint() {
    if (!this.picture.ready) return;
    const { data, page } = this.picture.spec(), { plot, stage } = this.picture;
    const traces = data.map((trace, i) => readied(trace, page.slots[i % page.slots.length]));
    if (traces.includes(null)) return this.picture.draw();       // something that only plotly.js can draw
    const { clientWidth: width, clientHeight: height } = stage;
    this.canvas.width = width * devicePixelRatio;
    this.canvas.height = height * devicePixelRatio;
    const pen = this.canvas.getContext("2d");
    pen.scale(devicePixelRatio, devicePixelRatio);
    for (const trace of traces) {
      const across = plot._fullLayout[trace.xaxis], up = plot._fullLayout[trace.yaxis];
      pen.save();
      pen.beginPath();
      pen.rect(across._offset, up._offset, across._length, up._length);
      pen.clip();
      lines(pen, trace, ({ x, y }, i) => [across._offset + across.d2p(x[i] ?? NaN), up._offset + up.d2p(y[i] ?? NaN)]);
      pen.restore();
    }
    stage.classList.add("pt-moving");
  }

  /** plotly.js has drawn: its picture is the one to look at again, unless the film went on meanwhile. */
  rest() {
    if (!this.asked) this.picture.stage.classList.remove("pt-moving");
    this.upright();
  }

  /** A thin upright line where the page's timeline is, on a picture that has steps across. */
  upright() {
    const layout = this.picture.plot._fullLayout;
    this.hair.hidden = this.step === undefined || !layout;
    if (this.hair.hidden) return;
    const { xaxis, _size } = layout, at = xaxis.d2p(this.step);
    this.hair.hidden = at < 0 || at > xaxis._length;
    Object.assign(this.hair.style, { left: `${xaxis._offset + at}px`, top: `${_size.t}px`, height: `${_size.h}px` });
  }

  destroy() {
    clearTimeout(this.resting);
    cancelAnimationFrame(this.asked);
  }
}
