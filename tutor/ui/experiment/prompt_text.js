// The prompt in letters, as the page's address holds it.

/** Vectors as the text that the page's address holds. */
export function promptText(rows) {
  const letter = { "1:0": "H", "0:1": "T" };
  const parts = rows.map(([heads, tails]) => `${+heads.toFixed(2)}:${+tails.toFixed(2)}`).map((pair) => letter[pair] ?? pair);
  return parts.every((part) => part.length === 1) ? parts.join("") : parts.join(",");
}
