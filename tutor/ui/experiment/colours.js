// The colours of the belief map: those of the page, light or dark, and those of heads, tails and the red dot.

import { channels, colours, faded } from "../plot/theme.js";

/** Colours and font of the page around an element; `pairs` maps colours of the light theme to those of the dark one. */
export function pageColours(element, pairs, { heads, tails, red, green }) {
  const page = colours(element);
  const own = (colour) => (page.dark ? pairs[colour.toLowerCase()] ?? colour : colour);
  return {
    background: page.background, text: page.text, family: page.font, dark: page.dark,
    soft: mixed(page.background, page.text, 0.66), grid: faint(page.text, page.dark ? 0.16 : 0.1),
    heads: own(heads), tails: own(tails), red: own(red), green: own(green),
    font: parseFloat(getComputedStyle(element).fontSize) || 15,
  };
}

/** A colour with a share of its opacity. */
export function faint(colour, share) { return faded(colour, share); }

/** What lies between two colours: 0 is the first and 1 the second. */
export function mixed(first, second, share, opacity = 1) {
  const [a, b] = [channels(first), channels(second)];
  return `rgba(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(", ")}, ${opacity})`;
}
