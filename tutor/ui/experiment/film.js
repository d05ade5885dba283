// The film of the network: noise opens into a fan, six vectors are put in front, and the tuning of them carries the red dot away.

const QUIET = 0.03;                               // share of the training's change that the first scene shows
const REST = 1;                                   // seconds at the end of a walk in which the dot stands still

/** A film as the server sends it, see film_files.py; its scenes are [until, caption]: noise, training, fan, prompt, tuning, ending. */
export class Film {
  /** @type {[number, string][]} */ scenes;
  /** @type {number[][]} */ hard;
  /** @type {number[][]} */ walk;
  /** @type {number[][]} */ states;
  /** @type {number[]} */ state_shares;
  /** @type {string[]} */ sequences;
  /** @type {number} */ coin;
  /** The network as it is: [expects, flips, heads] @type {[number, number, number][]} */ fan;

  constructor(said) {
    const [moments, sequences, flips] = said.shape;
    for (const name of ["sequences", "coin", "hard", "walk", "states", "state_shares", "scenes", "fan"]) this[name] = said[name];
    const bytes = Uint8Array.from(atob(said.expects), (letter) => letter.charCodeAt(0));
    this.values = new Uint16Array(bytes.buffer);
    this.frame = (moment) => this.values.subarray(moment * sequences * flips, (moment + 1) * sequences * flips);
    this.flips = flips;
    this.moments = moments;
    this.shares = this.readShares(sequences, flips);
    this.clock = contentClock(moments, (moment) => this.frame(moment));
    const [noise, trained, fanned, prompted, tuned] = this.scenes.map(([until]) => until);
    this.ends = { noise, trained, fanned, prompted, tuned };
    this.seconds = this.scenes.at(-1)[0];
  }

  /** Share of heads that each point has read so far. */
  readShares(sequences, flips) {
    const shares = new Float32Array(sequences * flips);
    for (let b = 0; b < sequences; b++) {
      for (let t = 0, heads = 0; t < flips; t++) {
        shares[b * flips + t] = t ? heads / t : 0.5;
        heads += this.sequences[b][t] === "H" ? 1 : 0;
      }
    }
    return shares;
  }

  /** Grey points [expects, flips] at a place of the training between 0 and 1, by how much has changed until then. */
  cloud(place) {
    const { moment, between } = at(this.clock, place), now = this.frame(moment), next = this.frame(Math.min(moment + 1, this.moments - 1));
    return Array.from(now, (value, i) => [(value + (next[i] - value) * between) / 65535, i % this.flips]);
  }

  /** What the map shows at a time (seconds). */
  scene(seconds) {
    const { noise, trained, fanned, prompted, tuned } = this.ends;
    const caption = (this.scenes.find(([until]) => seconds < until) ?? this.scenes.at(-1))[1];
    const place = seconds < noise ? (QUIET * seconds) / noise : Math.min(1, QUIET + (seconds - noise) / (trained - noise));
    const shown = { cloud: this.cloud(place), shares: seconds < fanned ? this.shares : undefined, caption };
    if (seconds < fanned) return shown;
    const hard = seconds < prompted || !this.walk.length;
    const [points, from, until] = hard ? [this.hard, fanned, prompted] : [this.walk, prompted, tuned];
    const path = along(points, Math.min(1, (seconds - from) / (until - from - REST)));
    return { ...shown, coin: this.coin, path, dot: path.at(-1), label: hard ? "after six flips" : "after six free vectors" };
  }
}

/** How far the training has come at each moment, from 0 to 1, by how much the expectations have changed: the film runs by content. */
function contentClock(moments, frame) {
  const clock = [0];
  for (let m = 1; m < moments; m++) {
    const [before, now] = [frame(m - 1), frame(m)];
    let change = 0;
    for (let i = 0; i < now.length; i++) change += Math.abs(now[i] - before[i]);
    clock.push(clock[m - 1] + change);
  }
  const whole = clock.at(-1) || 1;
  return clock.map((value) => value / whole);
}

function at(clock, place) {
  let moment = 0;
  while (moment < clock.length - 2 && clock[moment + 1] <= place) moment++;
  const step = clock[moment + 1] - clock[moment];
  return { moment, between: step > 0 ? Math.min(1, Math.max(0, (place - clock[moment]) / step)) : 0 };
}

/** The beginning of a path of points, up to a share of its pieces; flips are walked in their logarithm, as the map draws them. */
export function along(points, share) {
  const way = share * (points.length - 1), whole = Math.floor(way), rest = way - whole, walked = points.slice(0, whole + 1);
  if (rest > 0) {
    const [a, b] = [points[whole], points[whole + 1]], log = (value) => Math.log1p(Math.max(0, value));
    walked.push([a[0] + (b[0] - a[0]) * rest, Math.expm1(log(a[1]) + (log(b[1]) - log(a[1])) * rest)]);
  }
  return walked;
}

/** Record a film as it is drawn, on a canvas of its own: the bytes of a WebM (or MP4) file, or null where the browser cannot. */
export async function recordFilm(canvas, draw, { seconds, told, signal }) {
  const kind = ["video/webm;codecs=vp9", "video/webm", "video/mp4"].find((name) => window.MediaRecorder?.isTypeSupported(name));
  if (!kind) return null;
  const stream = canvas.captureStream(30), parts = [];
  const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 2_500_000 });
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  const began = performance.now();
  await new Promise((/** @type {(value?: any) => void} */ done) => {
    const tick = () => {
      const now = (performance.now() - began) / 1000;
      if (now >= seconds || signal?.aborted) { done(); return; }
      draw(now);
      told?.(now / seconds);
      requestAnimationFrame(tick);
    };
    tick();
  });
  recorder.stop();
  await stopped;
  for (const track of stream.getTracks()) track.stop();
  return signal?.aborted ? null : new Blob(parts, { type: kind.split(";")[0] });
}
