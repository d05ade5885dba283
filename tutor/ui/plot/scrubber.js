// A slider through moments, with a button that plays them: under one picture, or above all pictures of a page.

import { Player } from "./player.js";

const SPEEDS = [0.5, 1, 2, 4, 8];
const PACE = 110;       // ms per moment at once the speed
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export class Scrubber {
  /** moved(at) is called when somebody drags, plays or presses a key; named(at) says where that is. */
  constructor(moved, named) {
    this.moved = moved;
    this.named = named;
    this.moments = [];
    this.at = this.last = 0;
    this.pace = [];        // ms that each moment stays, where a film is not played evenly
    this.bar = new Player(SPEEDS, 1, "Speed", () => (this.playing ? this.stop() : this.play()));
    this.bar.select.onchange = () => { if (this.playing) { this.stop(); this.play(); } };
    this.element = this.bar.element;
    this.slider = document.createElement("input");
    this.slider.type = "range";
    this.slider.min = "0";
    this.slider.step = "1";
    this.slider.oninput = () => { this.stop(); this.go(this.slider.valueAsNumber); };
    this.track = document.createElement("div");
    this.track.className = "pt-track";
    this.track.append(this.slider);
    this.bar.output.before(this.track);
    this.look(false);
  }

  label(text) { this.slider.setAttribute("aria-label", text); }

  /** These are the moments now, each a phase and a step, in order. Whoever stood at the end stays there; says whether it did. */
  take(moments) {
    const following = this.at === this.last, shown = this.moments[this.at];
    this.moments = moments;
    this.last = Math.max(0, moments.length - 1);
    this.slider.max = String(this.last);
    this.put(following ? this.last : this.nearest(shown));
    return following;
  }

  /** Where the last moment stands that is not later. */
  nearest([phase, step]) {
    const later = this.moments.findIndex(([other, when]) => other > phase || (other === phase && when > step));
    return later < 0 ? this.last : Math.max(0, later - 1);
  }

  put(at) {
    this.at = Math.max(0, Math.min(this.last, at));
    this.slider.value = String(this.at);
    const words = this.named(this.at);
    this.bar.output.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
  }

  go(at) {
    this.put(at);
    this.moved(this.at);
  }

  move(by) { this.stop(); this.go(this.at + by); }

  /** A mark on the track with a word, or none. */
  mark(at, word) {
    this.flag?.remove();
    this.flag = null;
    if (at === null || !this.last) return;
    this.flag = document.createElement("span");
    this.flag.className = "pt-mark";
    this.flag.textContent = word;
    const share = at / this.last;
    this.flag.dataset.side = share < 0.2 ? "right" : share > 0.8 ? "left" : "";      // a word at an end would be cut off
    this.flag.style.left = `calc(8px + (100% - 16px) * ${share})`;   // the thumb's middle is never nearer to an end
    this.track.append(this.flag);
  }

  play() {
    if (this.at === this.last) this.put(0);
    this.wait();
    this.look(true);
    this.moved(this.at);
  }

  /** Let the moment stand for its time, then go on to the next; playing ends with the last one. */
  wait() {
    this.stay = (CALM.matches ? 800 : this.pace[this.at] ?? PACE) / this.bar.speed;
    this.since = performance.now();
    this.playing = setTimeout(() => {
      if (this.at < this.last) this.put(this.at + 1);
      if (this.at < this.last) this.wait();
      else this.stop();
      this.moved(this.at);
    }, this.stay);
  }

  /** Whether something is shown between two moments: only of a film, while it plays. */
  get glides() { return Boolean(this.playing && this.pace.length && !CALM.matches); }

  /** How much of the way to the next moment is behind. */
  get between() { return this.glides ? Math.min(1, (performance.now() - this.since) / this.stay) : 0; }

  stop() {
    clearTimeout(this.playing);
    this.playing = null;
    this.look(false);
  }

  look(playing) {
    this.bar.button.textContent = playing ? "❚❚" : "▶";
    this.bar.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.bar.button.title = playing ? "Pause" : "Play";
  }
}
