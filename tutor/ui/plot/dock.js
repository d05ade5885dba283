// A bar that keeps to its place in the page, and goes to the bottom of the screen while that place is out of sight and a picture
// that it moves is not. The page then ends above the bar: it lies over nothing.

const ROOM = 96;        // pixels at the bottom of the screen that do not count as in sight, whether the bar is there or not
const HEADER = 60;      // pixels at the top that the page's header covers

export class Dock {
  /** place: where the bar belongs, which keeps its room; bar: what is moved. */
  constructor(place, bar) {
    this.place = place;
    this.bar = bar;
    /** @type {HTMLElement | null} */ this.main = null;      // what scrolls
    this.pictures = new Set();
    this.seen = new Set();
    const rootMargin = `${-HEADER}px 0px ${-ROOM}px 0px`;
    this.sight = new IntersectionObserver((entries) => this.look(entries), { rootMargin });
    this.sight.observe(place);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(bar);
  }

  /** These pictures are moved by the bar now. */
  follow(pictures) {
    for (const picture of this.pictures) if (!pictures.has(picture)) { this.sight.unobserve(picture); this.seen.delete(picture); }
    for (const picture of pictures) if (!this.pictures.has(picture)) this.sight.observe(picture);
    this.pictures = new Set(pictures);
    this.settle();
  }

  look(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.seen.add(target);
      else this.seen.delete(target);
    }
    this.settle();
  }

  settle() {
    const wanted = !this.seen.has(this.place) && [...this.seen].some((one) => this.pictures.has(one));
    if (wanted === this.docked) return;
    if (wanted) this.place.style.height = `${this.place.getBoundingClientRect().height}px`;
    else this.place.style.height = "";
    this.docked = wanted;
    this.bar.classList.toggle("pt-docked", wanted);
    this.fit();
  }

  /** The page ends where the bar begins, and the bar is as wide as the page. */
  fit() {
    this.main ??= this.place.closest("[data-testid=stMain]");
    if (!this.main) return;
    if (this.docked) this.sizes.observe(this.main);
    else this.sizes.unobserve(this.main);
    this.main.style.maxHeight = this.docked ? `calc(100% - ${this.bar.getBoundingClientRect().height}px)` : "";
    if (!this.docked) return;
    const { left, width } = this.main.getBoundingClientRect();
    Object.assign(this.bar.style, { left: `${left}px`, width: `${width}px` });
  }

  destroy() {
    this.sight.disconnect();
    this.sizes.disconnect();
    if (this.main) this.main.style.maxHeight = "";
  }
}
