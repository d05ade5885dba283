// Titles that fit: one that is longer than its axis, or wider than its picture, goes over several lines.

const BREAK = "<br>";
const EDGE = 8;      // pixels that a title keeps from both ends of the picture

/** Titles of the layout by where they stand in it, each in lines that fit; size: the picture's {width, height, l, r, t, b}, in pixels. */
export function fitted(layout, size) {
  const { font, title, margin } = layout.template.layout, inner = { ...margin, ...layout.margin, ...size };
  const long = { x: inner.width - inner.l - inner.r, y: inner.height - inner.t - inner.b };
  const found = {};
  if (layout.title?.text) found.title = lines(layout.title.text, inner.width - 2 * EDGE, measured(title.font.size, font.family));
  for (const [name, axis] of Object.entries(layout)) {
    const [, letter] = /^([xy])axis\d*$/.exec(name) ?? [];
    if (!letter || !axis.title?.text) continue;
    const [from, to] = axis.domain ?? [0, 1];
    const room = Math.max(to - from, 0.5) * long[letter];       // two panels: a title may reach half way over the gap between them
    found[name] = lines(axis.title.text, room, measured(layout.template.layout[`${letter}axis`].title.font.size, font.family));
  }
  return found;
}

/** A title as it was before it was broken into lines. */
export function whole(text) { return text.replaceAll(BREAK, " "); }

/** The text in as few lines as fit; a unit in brackets is kept in one piece where it can be. */
export function lines(text, room, wide) {
  const plain = whole(text);
  if (wide(plain) <= room) return plain;
  const parts = plain.match(/\([^()]*\)[^\s]*|[^\s]+/g), broken = [""];
  for (const part of parts.flatMap((one) => (wide(one) <= room ? [one] : one.split(" ")))) {
    const longer = broken.at(-1) ? `${broken.at(-1)} ${part}` : part;
    if (broken.at(-1) && wide(longer) > room) broken.push(part);
    else broken[broken.length - 1] = longer;
  }
  return broken.join(BREAK);
}

let pen = null;

/** How wide a text is in this font, without its tags. */
function measured(size, family) {
  pen ??= document.createElement("canvas").getContext("2d");
  return (text) => { pen.font = `${size}px ${family}`; return pen.measureText(text.replace(/<[^>]*>/g, "")).width; };
}
