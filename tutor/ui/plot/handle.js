// Points that a visitor drags: moved in the browser at once, told to Python while they move, and by the keyboard in small steps.

const REACH = 18;    // pixels around a point that still take hold of it
const PACE = 200;    // ms between two messages while a point moves
const STEP = 0.1;    // data units of one key press

export class Handle {
  constructor(picture) {
    this.picture = picture;
    this.trace = null;
    this.held = null;
    this.own = null;   // where the points are while the server does not know yet
    this.told = 0;
  }

  /** spec: {trace, only, step}: whose points can be dragged, along which axis where not along both, and in which steps. */
  update(spec) {
    this.trace = spec?.trace ?? null;
    this.only = spec?.only;
    this.step = spec?.step ?? STEP;
    this.grain = spec?.step ?? 0.01;
    if (this.held === null) this.own = null;
  }

  /** Listen once the plot is there; plotly must not see the press that takes hold of a point. */
  listen(signal) {
    const { stage } = this.picture;
    const hide = (event) => {
      if (this.held === null) return;
      event.stopPropagation();
      event.preventDefault();
    };
    for (const kind of ["mousedown", "touchstart"]) stage.addEventListener(kind, hide, { capture: true, passive: false, signal });
    stage.addEventListener("pointerdown", (event) => this.take(event), { capture: true, signal });
    stage.addEventListener("pointermove", (event) => this.drag(event), { signal });
    stage.addEventListener("pointerleave", () => stage.classList.remove("pt-grab"), { signal });
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, () => this.drop(), { signal });
  }

  /** The trace as it is shown while points are being moved. */
  points(index) { return this.own && index === this.trace ? this.own : {}; }

  get active() { return this.trace !== null && this.picture.ready; }

  take(event) {
    if (!this.active || event.button) return;
    const found = this.near(event);
    if (found < 0) return;
    this.held = found;
    this.picture.stage.classList.add("pt-held");
    this.picture.stage.setPointerCapture(event.pointerId);
    this.copy();
  }

  drag(event) {
    if (!this.active) return;
    if (this.held === null) { this.picture.stage.classList.toggle("pt-grab", this.near(event) >= 0); return; }
    const [x, y] = this.data(event);
    this.put(this.held, x, y);
  }

  drop() {
    if (this.held === null) return;
    this.held = null;
    this.picture.stage.classList.remove("pt-held");
    this.tell(true);
  }

  /** A key moves a point by a tenth. */
  nudge(point, across, up) {
    if (!this.active) return;
    this.copy();
    this.put(point, this.own.x[point] + across * this.step, this.own.y[point] + up * this.step);
    this.tell(true);
  }

  copy() {
    const { x, y } = this.picture.drawn()[this.trace];
    this.own ??= { x: [...x], y: [...y] };
  }

  put(point, x, y) {
    const { xaxis, yaxis } = this.picture.plot._fullLayout;
    const within = (value, [low, high]) => {
      const kept = Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
      return Number((Math.round(kept / this.grain) * this.grain).toFixed(4));
    };
    if (this.only !== "y") this.own.x[point] = within(x, xaxis.range);
    if (this.only !== "x") this.own.y[point] = within(y, yaxis.range);
    this.picture.draw();
    this.tell(false);
  }

  /** Each message has a number, so that none equals the last: the server would pass over it and take the prompt from the address that
   * came along, which may still be the old one. */
  tell(now) {
    const send = () => {
      this.waiting = null;
      this.picture.component.setStateValue("moved", { x: [...this.own.x], y: [...this.own.y], told: ++this.told });
    };
    if (now) { clearTimeout(this.waiting); send(); }
    else this.waiting ??= setTimeout(send, PACE);
  }

  /** The point under the pointer, -1 where there is none. */
  near(event) {
    const { x, y } = this.points(this.trace).x ? this.own : this.picture.drawn()[this.trace] ?? { x: [], y: [] };
    const { xaxis, yaxis } = this.picture.plot._fullLayout;
    const box = this.picture.plot.getBoundingClientRect();
    const away = [...x].map((value, i) => Math.hypot(
      xaxis.d2p(value) + xaxis._offset - (event.clientX - box.left), yaxis.d2p(y[i]) + yaxis._offset - (event.clientY - box.top)));
    const least = Math.min(Infinity, ...away);
    return least <= REACH ? away.indexOf(least) : -1;
  }

  data(event) {
    const { xaxis, yaxis } = this.picture.plot._fullLayout;
    const box = this.picture.plot.getBoundingClientRect();
    return [xaxis.p2d(event.clientX - box.left - xaxis._offset), yaxis.p2d(event.clientY - box.top - yaxis._offset)];
  }
}
