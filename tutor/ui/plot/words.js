// What a word on a picture means: a tooltip on axis titles and legend entries, and a list beside the data.

import { whole } from "./titles.js";

const TEXTS = ".infolayer :is(.xtitle, .ytitle, .x2title, .y2title, .legendtext, .annotation-text, .cbtitle text)";

/** Give every axis title and legend entry of a drawn plot the meanings of the words in it; words: {text: {word: meaning}}. */
export function explain(plot, words) {
  for (const text of plot.querySelectorAll(TEXTS)) {
    const place = text.closest(".traces") ?? text;       // the whole entry of a legend answers, not its letters alone
    if (place.querySelector(":scope > title")) continue;
    const meant = words[whole(text.dataset.unformatted ?? text.textContent)];
    if (!meant) continue;
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = Object.entries(meant).map(([word, meaning]) => `${word}: ${meaning}`).join("\n");
    place.append(title);
    if (place === text) Object.assign(text.style, { pointerEvents: "all", cursor: "help" });
  }
}

/** The same as a list, for the keyboard and for fingers. */
export function listed(words) {
  const list = document.createElement("dl");
  list.className = "pt-words";
  const all = Object.assign({}, ...Object.values(words));
  for (const [word, meaning] of Object.entries(all).sort(([one], [other]) => one.localeCompare(other))) {
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = word;
    said.textContent = meaning;
    list.append(term, said);
  }
  return list;
}
