// What the modules ask of a browser, as far as their tests need it: elements that remember what they were given.

export function element(tag = "div") {
  const attributes = new Map(), classes = new Set();
  return {
    tag, style: {}, dataset: {}, children: [], hidden: false, value: "", textContent: "",
    classList: {
      add: (name) => classes.add(name), remove: (name) => classes.delete(name), contains: (name) => classes.has(name),
      toggle: (name, on) => (on ? classes.add(name) : classes.delete(name)),
    },
    setAttribute: (name, value) => attributes.set(name, String(value)), getAttribute: (name) => attributes.get(name) ?? null,
    append(...more) { this.children.push(...more); },
    before(...more) { this.preceding = more; },
    add(option) { this.children.push(option); if (option.selected) this.value = String(option.value); },
    replaceChildren(...more) { this.children = more; },
    addEventListener() {},
    remove() { this.gone = true; },
  };
}

/** A page in which nothing is drawn and nobody has asked for calm. */
export function pretend({ calm = false } = {}) {
  Object.assign(globalThis, {
    window: globalThis,
    document: Object.assign(new EventTarget(), {
      hidden: false, createElement: element, getElementById: () => null, head: element("head"),
    }),
    matchMedia: () => ({ matches: calm }),
    Option: class { constructor(text, value, _, selected) { Object.assign(this, { text, value, selected }); } },
    devicePixelRatio: 1,
  });
}

/** Time that passes when a test says so. */
export async function settled() { for (let turn = 0; turn < 10; turn++) await null; }
