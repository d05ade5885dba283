// Drawing that is asked for often is done as often as is useful: the longer it takes, the rarer. What trains needs the same cores.

const SHARE = 0.12;     // of the time is spent on drawing at most
const LEAST = 250;      // ms from one drawing to the next at least

export class Pacer {
  constructor(draw, clock = () => performance.now()) {
    this.draw = draw;
    this.clock = clock;
    this.cost = 0;
    this.next = 0;
  }

  /** Draw as soon as it is time; whoever asks again until then is served by the same drawing. */
  ask() { this.waiting ??= setTimeout(() => { this.waiting = null; this.draw(); }, Math.max(0, this.next - this.clock())); }

  /** A drawing has taken so long (ms); one that was slower than usual counts half. */
  took(cost) {
    this.cost = this.cost ? (this.cost + cost) / 2 : cost;
    this.next = this.clock() + this.pause;
  }

  /** ms between two drawings. */
  get pause() { return Math.max(LEAST, this.cost / SHARE - this.cost); }

  stop() {
    clearTimeout(this.waiting);
    this.waiting = null;
  }
}
