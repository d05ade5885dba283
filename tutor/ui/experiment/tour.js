// Until somebody touches it, the experiment moves by itself: every other second another tile is turned over, and the dot follows.

const PACE = 1800;                                // ms from one turn to the next
const TURNS = [1, 2, 0, 3, 1, 4, 5, 2, 0, 3, 4, 5];     // which tiles, in a round that ends where it began

export class Tour {
  /** show(rows): puts these vectors in front of the network; signal: ends the tour for good. */
  constructor(show, signal) {
    this.show = show;
    signal.addEventListener("abort", () => this.stop());
  }

  start(rows) {
    if (this.touched || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.rows = rows.map((row) => [...row]);
    let turn = 0;
    this.timer = setInterval(() => {
      if (document.hidden) return;
      const k = TURNS[turn++ % TURNS.length] % this.rows.length;
      this.rows[k] = [...this.rows[k]].reverse();
      this.show(this.rows);
    }, PACE);
  }

  /** Somebody took over. */
  stop() {
    this.touched = true;
    clearInterval(this.timer);
  }
}
