// The keyboard's way through a picture: arrows walk from point to point, Enter pins, Escape lets go.

export class Cursor {
  constructor(picture) {
    this.picture = picture;
    this.trace = this.point = 0;
    this.active = false;
  }

  press(event) {
    const move = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.shiftKey && move && this.picture.handle.active) {
      event.preventDefault();
      if (this.trace !== this.picture.handle.trace) { this.trace = this.picture.handle.trace; this.point = 0; }
      return this.picture.handle.nudge(this.point, ...move);
    }
    const act = {
      ArrowRight: () => this.sideways(1), ArrowLeft: () => this.sideways(-1),
      ArrowUp: () => this.otherTrace(-1), ArrowDown: () => this.otherTrace(1),
      Home: () => this.to(0), End: () => this.to(Infinity),
      Enter: () => this.active && this.picture.points.pin(this.trace, this.point),
      Escape: () => this.leave(),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  sideways(by) {
    if (this.picture.frames.bundle) this.picture.frames.move(by);
    else this.to(this.active ? this.point + by : 0);
  }

  otherTrace(by) {
    const drawn = this.picture.drawn();
    const usable = [...drawn.keys()].filter((i) => drawn[i].visible === true && drawn[i].hoverinfo !== "skip" && drawn[i].x?.length);
    if (!usable.length) return;
    const at = usable.indexOf(this.trace);
    this.trace = usable[(at + by + usable.length) % usable.length];
    this.to(this.point);
  }

  to(point) {
    const trace = this.picture.drawn()[this.trace];
    if (!trace?.x?.length || trace.hoverinfo === "skip") return this.trace === 0 && !this.active ? this.enter() : undefined;
    this.active = true;
    this.point = Math.max(0, Math.min(trace.x.length - 1, point));
    this.picture.points.light(this.trace, this.point, true);
  }

  enter() {
    this.active = true;
    this.otherTrace(1);
  }

  leave() {
    this.active = false;
    this.picture.points.pin(null);
    this.picture.points.dim(true);
  }
}
