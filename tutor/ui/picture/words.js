// What a word on a picture means: a tooltip on axis titles and legend entries, and a list beside the data.

const known = new Map();    // what was said of a text before

/** Give every axis title and legend entry of a drawn plot the meanings of the words in it; words: {word: meaning}, longest first. */
export function explain(plot, words) {
  for (const text of plot.querySelectorAll(".infolayer :is(.xtitle, .ytitle, .x2title, .y2title, .legendtext, .cbtitle text)")) {
    const place = text.closest(".traces") ?? text;       // the whole entry of a legend answers, not its letters alone
    if (place.querySelector(":scope > title")) continue;
    const said = text.dataset.unformatted ?? text.textContent;
    if (!known.has(said)) known.set(said, meanings(said, words));
    const meant = known.get(said);
    if (!meant) continue;
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = meant;
    place.append(title);
    if (place === text) Object.assign(text.style, { pointerEvents: "all", cursor: "help" });
  }
}

function meanings(text, words) {
  let rest = text;
  const found = [];
  for (const [word, meaning] of Object.entries(words)) {
    const at = new RegExp(`(?<![\\w+-])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`);
    if (!at.test(rest)) continue;
    rest = rest.replace(at, " ");
    found.push(`${word}: ${meaning}`);
  }
  return found.join("\n");
}

/** The same as a list, for the keyboard and for fingers. */
export function listed(words) {
  const list = document.createElement("dl");
  list.className = "pt-words";
  for (const [word, meaning] of Object.entries(words).sort(([one], [other]) => one.localeCompare(other))) {
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = word;
    said.textContent = meaning;
    list.append(term, said);
  }
  return list;
}
