// Points that arrive while a run is being computed: polled from a route, byte offset by byte offset, never through Python's script.

const MOST = 2000;            // points drawn per trace
const PACE = 150;             // ms between two questions at least: more than five pictures a second
const SLOWEST = 2000;         // while nothing new comes
const HIDDEN = 5000;          // a tab nobody looks at still keeps its lease
export const FINAL = new Set(["done", "paused", "diverged", "failed", "interrupted"]);

export class Live {
  /** pause() says how many ms the picture has no use for anything new. */
  constructor(arrived, finished, pause = () => 0) {
    this.arrived = arrived;
    this.finished = finished;
    this.pause = pause;
    this.feeds = new Map();
  }

  /** specs: [{url, traces: [{index, x, y, where, mean}]}]; a feed that is asked for again goes on where it is. */
  update(specs, session) {
    const wanted = new Map(specs.map((spec) => [JSON.stringify([spec, session]), spec]));
    for (const [name, feed] of this.feeds) if (!wanted.has(name)) { feed.stop(); this.feeds.delete(name); }
    for (const [name, spec] of wanted) {
      if (!this.feeds.has(name)) this.feeds.set(name, new Feed(spec, session, this));
    }
  }

  trace(index) {
    for (const feed of this.feeds.values()) if (feed.columns.has(index)) return feed.points(index);
    return {};
  }

  /** All points so far, by trace; a gap is none. */
  get columns() {
    const points = ({ x, y }) => ({ x: x.filter((value) => !Number.isNaN(value)), y: y.filter((value) => !Number.isNaN(value)) });
    return [...this.feeds.values()].flatMap((feed) => [...feed.columns].map(([index, column]) => [index, points(column)]));
  }

  stop() { this.update([], ""); }
}

class Feed {
  constructor(spec, session, { arrived, finished, pause }) {
    this.spec = spec;
    this.query = `viewer=${viewer()}&session=${encodeURIComponent(session)}`;
    this.columns = new Map(spec.traces.map(({ index }) => [index, { x: [], y: [] }]));
    this.leaving = new AbortController();
    this.poll(arrived, finished, pause);
  }

  stop() { this.leaving.abort(); }

  points(index) {
    const { x, y } = this.columns.get(index);
    const { mean } = this.spec.traces.find((trace) => trace.index === index);
    return x.length ? thinned(x, mean ? averaged(y, mean) : y) : {};
  }

  async poll(arrived, finished, pause) {
    let from = 0, wait = PACE;
    while (!this.leaving.signal.aborted) {
      try {
        const answer = await fetch(`${this.spec.url}?from=${from}&${this.query}`, { signal: this.leaving.signal, cache: "no-store" });
        if (!answer.ok) throw new Error(`${answer.status}`);
        const text = await answer.text();
        const state = answer.headers.get("X-State");
        if (answer.headers.get("X-Restart")) this.forget();
        from = Number(answer.headers.get("X-Next"));
        if (text) { this.append(text); arrived(); }
        else if (FINAL.has(state)) return finished({ url: this.spec.url, state });
        wait = text ? PACE : Math.min(wait * 1.5, SLOWEST);
        wait = Math.max(wait, document.hidden ? HIDDEN : pause());
      } catch {
        if (this.leaving.signal.aborted) return;
        wait = Math.min(wait * 2, HIDDEN);
      }
      await paused(wait, this.leaving.signal);
    }
  }

  append(text) {
    for (const line of text.split("\n")) {
      if (!line) continue;
      let event;
      try { event = JSON.parse(line); } catch { continue; }
      for (const { index, x, y, where } of this.spec.traces) {
        if (where && Object.entries(where).some(([name, value]) => event[name] !== value)) continue;
        if (!Number.isFinite(event[x]) || !Number.isFinite(event[y])) continue;
        const column = this.columns.get(index);
        if (column.x.at(-1) > event[x]) { column.x.push(NaN); column.y.push(NaN); }   // the next repetition starts: a gap, no line back
        column.x.push(event[x]);
        column.y.push(event[y]);
      }
    }
  }

  forget() { for (const column of this.columns.values()) column.x.length = column.y.length = 0; }
}

/** Waits, but a tab that is looked at again does not wait on.
 * @returns {Promise<void>} */
export function paused(wait, signal) {
  return new Promise((go) => {
    const done = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      go();
    };
    const timer = setTimeout(done, wait);
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}

/** The mean over a window centred on each point, as far as it lies within the curve; NaN is a gap, over which no mean reaches. */
export function averaged(values, window) {
  const half = Math.floor(window / 2), means = values.slice();
  for (let from = 0; from < values.length; from++) {
    if (Number.isNaN(values[from])) continue;
    const sums = [0];
    for (let i = from; i < values.length && !Number.isNaN(values[i]); i++) sums.push(sums.at(-1) + values[i]);
    const many = sums.length - 1;
    for (let i = 0; i < many; i++) {
      const first = Math.max(0, i - half), end = Math.min(many, i + half + 1);
      means[from + i] = (sums[end] - sums[first]) / (end - first);
    }
    from += many;
  }
  return means;
}

/** At most `most` points that keep every bucket's lowest and highest value: a spike is never thinned away. */
export function thinned(x, y, most = MOST) {
  if (x.length <= most) return { x: x.slice(), y: y.slice() };
  const size = Math.ceil(x.length / (most / 2));
  const kept = { x: [], y: [] };
  for (let start = 0; start < x.length; start += size) {
    const end = Math.min(start + size, x.length);
    const keep = new Set();
    let low = null, high = null;
    for (let i = start; i < end; i++) {
      if (Number.isNaN(y[i])) { keep.add(i); continue; }
      if (low === null || y[i] < y[low]) low = i;
      if (high === null || y[i] > y[high]) high = i;
    }
    if (low !== null) keep.add(low).add(high);
    for (const i of [...keep].sort((a, b) => a - b)) { kept.x.push(x[i]); kept.y.push(y[i]); }
  }
  return kept;
}

let unkept = null;    // the tab's name where the browser keeps nothing

/** One name per browser tab, so that the server can tell one visitor's reload from a second visitor. */
function viewer() {
  try {
    let name = sessionStorage.getItem("tutor-viewer");
    if (!name) sessionStorage.setItem("tutor-viewer", (name = random()));
    return name;
  } catch {
    return (unkept ??= random());
  }
}

function random() { return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join(""); }
