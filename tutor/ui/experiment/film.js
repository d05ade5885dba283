// The film of the network: noise opens into a fan, six vectors are put in front, and the tuning of them carries the red dot away.

/** A film as the server sends it, see film_files.py; its scenes are [until, caption]: noise, training, fan, prompt, tuning, ending. */
export class Film {
  /** @type {[number, string][]} */ scenes;
  /** @type {number[][]} */ hard;
  /** @type {number[][]} */ walk;
  /** @type {number[][]} */ states;
  /** @type {number[]} */ state_shares;
  /** @type {string[]} */ sequences;
  /** @type {number} */ coin;
  /** When which moment or point is reached: [second, place] @type {Record<"training" | "hard" | "walk", [number, number][]>} */ clock;
  /** The network as it is: [expects, flips, heads] @type {[number, number, number][]} */ fan;

  constructor(said) {
    const [moments, sequences, flips] = said.shape;
    for (const name of ["sequences", "coin", "hard", "walk", "states", "state_shares", "scenes", "fan", "clock"]) this[name] = said[name];
    const bytes = Uint8Array.from(atob(said.expects), (letter) => letter.charCodeAt(0));
    this.values = new Uint16Array(bytes.buffer);
    this.frame = (moment) => this.values.subarray(moment * sequences * flips, (moment + 1) * sequences * flips);
    this.flips = flips;
    this.moments = moments;
    this.shares = this.readShares(sequences, flips);
    const [, , fanned, prompted] = this.scenes.map(([until]) => until);
    this.fanned = fanned;
    this.prompted = prompted;
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

  /** Grey points [expects, flips] at a moment of the training, with a fraction between two. */
  cloud(place) {
    const moment = Math.min(Math.floor(place), this.moments - 2), between = place - moment;
    const now = this.frame(moment), next = this.frame(moment + 1);
    return Array.from(now, (value, i) => [(value + (next[i] - value) * between) / 65535, i % this.flips]);
  }

  /** What the map shows at a time (seconds). */
  scene(seconds) {
    const caption = (this.scenes.find(([until]) => seconds < until) ?? this.scenes.at(-1))[1], { clock } = this;
    const shown = { cloud: this.cloud(placeAt(clock.training, seconds)), shares: seconds < this.fanned ? this.shares : undefined, caption };
    if (seconds < this.fanned) return shown;
    const hard = seconds < this.prompted || !this.walk.length;
    const path = along(hard ? this.hard : this.walk, placeAt(hard ? clock.hard : clock.walk, seconds));
    return { ...shown, coin: this.coin, path, dot: path.at(-1), label: hard ? "after six flips" : "after six free vectors" };
  }
}

/** The place that is reached at a time, between those of two keys [second, place] in proportion. */
export function placeAt(keys, seconds) {
  const next = keys.findIndex(([second]) => second > seconds);
  if (next <= 0) return next ? keys.at(-1)[1] : keys[0][1];
  const [[before, from], [after, to]] = [keys[next - 1], keys[next]];
  return from + ((to - from) * (seconds - before)) / (after - before);
}

/** The beginning of a path of points, up to a place (with a fraction); flips are walked in their logarithm, as the map draws them. */
export function along(points, place) {
  const whole = Math.floor(place), rest = place - whole, walked = points.slice(0, whole + 1);
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
