// Pictures of one page that share a link hear of each other: which point is lit, which moment is shown.

const bus = (window.__tutorBus ??= new EventTarget());

export class Group {
  constructor(signal) { this.signal = signal; }

  join(link) { this.link = link; }

  tell(kind, detail = {}) {
    if (this.link) bus.dispatchEvent(new CustomEvent(kind, { detail: { ...detail, from: this, link: this.link } }));
  }

  /** What the others of the group tell. */
  on(kind, heard) {
    const check = (/** @type {CustomEvent} */ { detail }) => {
      if (this.link && detail.link === this.link && detail.from !== this) heard(detail);
    };
    bus.addEventListener(kind, check, { signal: this.signal });
  }
}

/** What every picture of the page hears, whatever its link. */
export function everywhere(kind, heard, signal) { bus.addEventListener(kind, heard, { signal }); }

export function shout(kind) { bus.dispatchEvent(new CustomEvent(kind)); }
