// The experiment: a belief map, the prompt as tiles, the coin, and what the prompt is worth. The network runs here, in the page.

import { NetworkClient } from "../network/client.js";
import { BeliefMap } from "./belief_map.js";
import { pageColours } from "./colours.js";
import { Film } from "./film.js";
import { FilmBar } from "./film_bar.js";
import { Numbers } from "./numbers.js";
import { promptText } from "./prompt_text.js";
import { makeScene } from "./scenes.js";
import { Tiles } from "./tiles.js";
import { Tour } from "./tour.js";

const GLIDE = 260;                                // ms in which the dot goes to its new place

const experiments = new WeakMap();

export function mount(component) {
  const host = component.parentElement;
  const experiment = experiments.get(host) ?? new Experiment(host, component);
  experiments.set(host, experiment);
  experiment.update(component);
  return () => { experiments.delete(host); experiment.destroy(); };
}

class Experiment {
  constructor(host, component) {
    styled();
    this.leaving = new AbortController();
    this.root = made("section", "pt-experiment");
    this.root.setAttribute("aria-label", "A prompt in front of a network that runs in this page");
    this.picture = made("div", "pt-map");
    this.canvas = made("canvas", "pt-canvas");
    this.canvas.setAttribute("aria-label", "A map of what the network expects");      // until there is more to say
    this.canvas.setAttribute("role", "img");
    this.tip = made("div", "pt-tip");
    this.tip.hidden = true;
    this.notice = made("p", "pt-notice");
    this.notice.setAttribute("role", "status");
    this.tiles = new Tiles((rows, { held }) => this.change({ rows, vectors: null }, held));
    this.numbers = new Numbers({
      moved: (coin, held) => this.change({ coin }, held), tune: () => this.tune(), reset: () => this.reset(),
      map: (kind) => { this.state.kind = kind; this.draw(); },
    });
    this.bar = new FilmBar(this);
    const strip = made("div", "pt-strip"), place = made("div", "pt-place");
    strip.append(this.numbers.switch, this.bar.element);
    place.append(this.canvas, this.tip, this.notice);
    this.picture.append(strip, place);
    this.hint = made("p", "pt-hint");
    this.hint.innerHTML = "<b>Press</b> a tile to turn it over, <b>drag</b> it to mix. H is a head that never happened, T a tail.";
    this.root.append(this.picture, this.tiles.element, this.hint, this.numbers.element);
    host.append(this.root);
    this.state = { rows: [], vectors: null, coin: 0.2, kind: "map" };
    this.page = this.colours(component.data);
    this.map = new BeliefMap(this.canvas, this.page);
    this.tour = new Tour((rows) => { this.change({ rows, vectors: null }, false, true); this.tiles.pulse(); }, this.leaving.signal);
    this.listen();
  }

  /** The page's colours, which the style sheet gets as well. */
  colours(data) {
    const page = pageColours(this.root, data.pairs, data.colours);
    for (const name of ["heads", "tails", "red", "green"]) this.root.style.setProperty(`--pt-${name}`, page[name]);
    return page;
  }

  /** As high as the screen leaves room for, above what the page draws below. */
  fit() {
    const top = this.root.getBoundingClientRect().top + (this.root.closest("[data-testid=stMain]")?.scrollTop ?? 0);
    const { height, below } = this.data;
    this.root.style.height = height ? `${height}px` : `max(430px, calc(100dvh - ${Math.round(top)}px - ${below}px))`;
  }

  listen() {
    const { signal } = this.leaving;
    addEventListener("resize", () => this.fit(), { signal });
    this.sizes = new ResizeObserver(() => { this.map.resize(); this.draw(); });
    this.sizes.observe(this.canvas);
    this.root.addEventListener("pointerdown", () => this.touched(), { signal, capture: true });
    this.root.addEventListener("keydown", () => this.touched(), { signal, capture: true });
    this.canvas.addEventListener("pointermove", (event) => this.point(event), { signal });
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; }, { signal });
  }

  touched() {
    this.tour.stop();
    this.tiles.invite(false);
  }

  update(component) {
    const { data } = component, before = this.data;
    this.component = component;
    this.data = data;
    Object.assign(this.page, this.colours(data));
    this.root.classList.toggle("pt-bare", !data.side);
    this.tiles.element.hidden = !data.tiles;
    this.hint.hidden = !data.tiles;
    this.numbers.parts(data);
    this.fit();
    if (before?.network !== data.network) this.open(data);
    else if (data.prompt !== before.prompt || data.coin !== before.coin) this.follow(data);
    else this.draw();
  }

  /** The page asks for a prompt or coin: what this browser sent itself is here already. */
  follow({ rows, prompt, coin }) {
    if (prompt === this.sent?.prompt && coin === this.sent?.coin) return;
    this.change({ rows, vectors: null, coin }, false, true);
  }

  async open(data) {
    this.client?.close();
    this.network = null;
    this.state = { ...this.state, rows: data.rows, vectors: null, coin: data.coin };
    this.tiles.show(data.rows);
    this.numbers.coin(data.coin);
    this.say("The network is on its way ...");
    const client = this.client = new NetworkClient(new URL(data.network, document.baseURI).href);
    try {
      const [network] = await Promise.all([client.ready, this.showFilm(data.film, client)]);
      if (client !== this.client) return;
      this.network = network;
    } catch (reason) {
      if (client === this.client) this.fail(reason);
      return;
    }
    this.bar.offer(Boolean(this.film));
    this.say("");
    await this.look("release");
    this.tiles.invite(data.tour);
    if (data.tour) this.tour.start(this.state.rows);
  }

  /** The map needs nothing but the film, so it is there before the network is. */
  async showFilm(address, client) {
    const said = await this.fetchFilm(address);
    if (client !== this.client) return;
    this.film = said && new Film(said);
    this.draw();
  }

  /** The film of the network; null where it has none. */
  async fetchFilm(address) {
    try {
      const answer = await fetch(new URL(address, document.baseURI), { signal: this.leaving.signal });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  fail(reason) {
    console.error(reason);
    this.say(`The network could not be opened in this browser: ${reason.message ?? reason}`);
  }

  say(text) { this.notice.textContent = text; this.notice.hidden = !text; }

  /** Another prompt or coin. While something is held the answer is quick; after it, exact, and the page is told. */
  change(what, held, quiet = false) {
    this.bar.close();
    this.halt();
    Object.assign(this.state, what);
    if (what.rows || what.vectors !== undefined) this.tiles.show(this.state.rows, this.state.vectors);
    if (what.coin !== undefined) this.numbers.coin(what.coin);
    this.glides = !held;
    this.look(held ? "drag" : "release").then((seen) => { if (seen && !held && !quiet) this.report(seen); });
  }

  async look(detail) {
    if (!this.network) return null;
    const { rows, vectors, coin } = this.state, began = performance.now();
    try {
      const seen = await this.client.look({ rows, vectors, coin, detail });
      if (!seen) return null;
      this.take(seen);
      this.root.dataset.waited = (performance.now() - began).toFixed(1);
      if (detail === "release") this.root.dataset.settled = String(Number(this.root.dataset.settled ?? 0) + 1);
      return seen;
    } catch (reason) {
      this.fail(reason);
      return null;
    }
  }

  /** What the network answers, on the map and in the numbers. */
  take(seen) {
    const from = this.seen && this.glides ? this.seen : null;
    this.seen = seen;
    this.numbers.take(seen, this.state);
    this.canvas.setAttribute("aria-label", this.numbers.sentence);
    cancelAnimationFrame(this.gliding);
    if (!from || from.path.length !== seen.path.length || calm()) { this.glide = null; this.draw(); return; }
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / GLIDE);
      this.glide = share < 1 ? { from, share: share * share * (3 - 2 * share) } : null;
      this.draw();
      if (this.glide) this.gliding = requestAnimationFrame(step);
    };
    step();
  }

  draw() {
    if (!this.map.width || this.bar.playing) return;
    this.map.draw(this.scene());
  }

  scene() { return makeScene({ ...this.state, seen: this.seen, film: this.film, glide: this.glide }); }

  point(event) {
    if (this.bar.playing || this.state.kind !== "map" || !this.film) return;
    const box = this.canvas.getBoundingClientRect(), found = this.map.nearest(event.clientX - box.x, event.clientY - box.y);
    this.tip.hidden = found < 0;
    if (found < 0) return;
    const [expects, flips, heads] = this.film.fan[found];
    this.tip.textContent = `after ${flips} flips, ${heads} of them heads: expects heads ${Math.round(expects * 100)} % of the time`;
    this.tip.style.left = `${Math.min(box.width - 240, event.clientX - box.x + 12)}px`;
    this.tip.style.top = `${event.clientY - box.y + 12}px`;
  }

  async tune() {
    if (this.run) { this.run.stop(); return; }
    if (!this.network) return;
    this.touched();
    this.bar.close();
    const { rows, vectors, coin } = this.state;
    this.glides = false;
    const { steps } = this.data, note = (step) => `Step ${step} of ${steps}. Only the vectors change; the network stays as it is.`;
    const run = this.run = this.client.tune({ rows, vectors, coin, steps, seed: 0 }, (seen) => this.tuned(seen, note(seen.step)));
    this.numbers.tuning(true);
    try {
      const seen = await run.done;
      if (run === this.run) { this.tuned(seen, `Tuned in ${seen.steps} steps, here in your browser.`); this.report(seen); }
    } catch (reason) {
      if (run === this.run) this.fail(reason);
    }
    if (run !== this.run) return;
    this.run = null;
    this.numbers.tuning(false);
  }

  /** Give up a tuning under way. */
  halt() {
    this.run?.stop();
    this.run = null;
    this.numbers.tuning(false);
    this.numbers.note("");
  }

  tuned(seen, note) {
    this.state.vectors = seen.vectors;
    this.tiles.show(this.state.rows, seen.vectors);
    this.numbers.note(note);
    this.take(seen);
  }

  reset() {
    this.change({ rows: this.data.first, vectors: null, coin: this.data.coin }, false);
    this.numbers.note("");
  }

  /** Tell the page, for its address and a lesson's facts, what stands here now. */
  report(seen) {
    const { rows, vectors, coin } = this.state;
    this.sent = { prompt: promptText(rows), coin };
    const { worth, regret, without, optimum, path } = seen, predicted = path.at(-1)[0];
    this.component.setStateValue("made", { rows, coin, tuned: Boolean(vectors), ...worth, regret, without, optimum, predicted });
  }

  destroy() {
    this.leaving.abort();
    this.sizes.disconnect();
    this.run?.stop();
    this.bar.close();
    this.client?.close();
    cancelAnimationFrame(this.gliding);
    this.root.remove();
  }
}

function calm() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }

function made(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

/** The style sheet, once per page. */
function styled() {
  if (document.getElementById("pt-experiment-style")) return;
  const link = document.createElement("link");
  Object.assign(link, { id: "pt-experiment-style", rel: "stylesheet", href: new URL("experiment.css", import.meta.url).href });
  document.head.append(link);
}
