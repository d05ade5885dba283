// The prompt as a row of tiles: drag one up or down to mix heads and tails, press it to turn it over.

const REACH = 96;        // pixels of a drag from tails to heads
const STILL = 5;         // pixels within which a drag is a press
const STEP = 0.1;        // of an arrow key
const WHOLE = 0.03;      // this near to a flip it is one

export class Tiles {
  /** changed(rows, {held}): called with the new vectors [[heads, tails], ...], with `held` while a tile is still dragged. */
  constructor(changed) {
    this.changed = changed;
    this.element = document.createElement("div");
    this.element.className = "pt-tiles";
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "The prompt");
    this.rows = [];
    this.free = null;
  }

  /** Show these vectors; `free` are the tuned vectors (Float32Array) where the prompt is no longer made of heads and tails. */
  show(rows, free = null) {
    this.rows = rows.map((row) => [...row]);
    this.free = free;
    if (this.element.children.length !== rows.length) this.element.replaceChildren(...rows.map((_, k) => this.make(k)));
    rows.forEach((_, k) => this.paint(k));
  }

  /** Draw the eye to the first tile, until it is touched. */
  invite(on) { this.element.classList.toggle("pt-inviting", on); }

  /** Let what invites glow or fade: driven by the tour, because an endless animation would keep the browser painting. */
  pulse() { this.element.classList.toggle("pt-lit"); }

  make(k) {
    const tile = document.createElement("div");
    tile.className = "pt-tile";
    tile.tabIndex = 0;
    tile.setAttribute("role", "slider");
    tile.setAttribute("aria-orientation", "vertical");
    for (const [name, value] of [["aria-label", `Vector ${k + 1}: share of heads`], ["aria-valuemin", 0], ["aria-valuemax", 100]]) {
      tile.setAttribute(String(name), String(value));
    }
    const fill = document.createElement("div"), stripes = document.createElement("canvas"), name = document.createElement("span");
    fill.className = "pt-fill";
    stripes.className = "pt-stripes";
    name.className = "pt-name";
    tile.append(fill, stripes, name);
    this.listen(tile, k);
    return tile;
  }

  paint(k) {
    const tile = this.element.children[k], heads = share(this.rows[k]);
    const [fill, stripes, name] = /** @type {HTMLElement[]} */ ([...tile.children]);
    tile.classList.toggle("pt-free", Boolean(this.free));
    const said = this.free ? "free" : short(heads);
    if (name.textContent !== said) name.textContent = said;
    fill.style.height = this.free ? "0" : `${heads * 100}%`;
    tile.setAttribute("aria-valuenow", String(Math.round(heads * 100)));
    tile.setAttribute("aria-valuetext", this.free ? `free, ${this.free[k].length} numbers` : long(heads));
    stripes.hidden = !this.free;
    if (this.free) drawStripes(stripes, this.free[k]);
  }

  listen(tile, k) {
    let from = null;
    tile.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      tile.setPointerCapture(event.pointerId);
      from = { y: event.clientY, heads: share(this.rows[k]), moved: false };
    });
    tile.addEventListener("pointermove", (event) => {
      if (!from) return;
      const way = from.y - event.clientY;
      from.moved ||= Math.abs(way) > STILL;
      if (from.moved) this.set(k, from.heads + way / REACH, true);
    });
    const end = (turn) => {
      if (!from) return;
      const { moved, heads } = from;
      from = null;
      if (moved) this.set(k, share(this.rows[k]), false);
      else if (turn) this.set(k, this.free || heads <= 0.5 ? 1 : 0, false);
    };
    tile.addEventListener("pointerup", () => end(true));
    tile.addEventListener("pointercancel", () => end(false));
    tile.addEventListener("keydown", (event) => this.press(event, k));
  }

  press(event, k) {
    const heads = share(this.rows[k]);
    const wanted = { ArrowUp: heads + STEP, ArrowDown: heads - STEP, Home: 0, End: 1, " ": heads > 0.5 ? 0 : 1, Enter: heads > 0.5 ? 0 : 1,
      h: 1, t: 0 }[event.key];
    if (wanted === undefined) {
      const next = { ArrowRight: k + 1, ArrowLeft: k - 1 }[event.key];
      if (next !== undefined) /** @type {HTMLElement} */ (this.element.children[next])?.focus();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.set(k, wanted, false);
  }

  set(k, heads, held) {
    const near = Math.min(1, Math.max(0, heads)), whole = near > 1 - WHOLE ? 1 : near < WHOLE ? 0 : near;
    this.rows[k] = [whole, 1 - whole];
    const tuned = this.free;
    this.free = null;
    if (tuned) this.rows.forEach((_, i) => this.paint(i));
    else this.paint(k);
    this.changed(this.rows.map((row) => [...row]), { held });
  }
}

/** Share of heads in a vector [heads, tails], between 0 and 1. */
export function share([heads, tails]) {
  const total = Math.max(0, heads) + Math.max(0, tails);
  return total > 0 ? Math.max(0, heads) / total : 0.5;
}

/** A share of heads in letters: H, T, or the amount of heads. */
export function short(heads) { return heads === 1 ? "H" : heads === 0 ? "T" : `${heads.toFixed(2)} H`; }

function long(heads) {
  return heads === 1 ? "heads" : heads === 0 ? "tails" : `${Math.round(heads * 100)} % heads, ${Math.round(100 - heads * 100)} % tails`;
}

/** The numbers of a free vector as stripes: red above zero, blue below. */
function drawStripes(canvas, vector) {
  canvas.width = vector.length;
  canvas.height = 1;
  const pen = canvas.getContext("2d"), image = pen.createImageData(vector.length, 1);
  vector.forEach((value, i) => {
    const strength = Math.min(1, Math.abs(value) * 1.2) * 255;
    image.data.set(value > 0 ? [213, 94, 0, strength] : [0, 114, 178, strength], i * 4);
  });
  pen.putImageData(image, 0, 0);
}
