// The same numbers as a table: made when it is opened, and given out as CSV without asking the server.

import { listed } from "./words.js";

const ROWS = 200;   // shown; the download has all

export class Table {
  constructor(contents) {
    this.contents = contents;
    this.element = document.createElement("details");
    this.element.className = "pt-data";
    const summary = document.createElement("summary");
    summary.textContent = "Show data";
    this.body = document.createElement("div");
    this.element.append(summary, this.body);
    this.element.ontoggle = () => this.refresh();
  }

  refresh() {
    if (!this.element.open) return this.body.replaceChildren();
    const { name, names, columns, words } = this.contents();
    const rows = columns[0]?.length ?? 0;
    const download = document.createElement("button");
    download.type = "button";
    download.textContent = "Download CSV";
    download.onclick = () => save(`${name}.csv`, written(names, columns));
    const note = document.createElement("span");
    note.textContent = rows > ROWS ? `${rows.toLocaleString("en")} rows, the first ${ROWS} shown.` : `${rows} rows.`;
    const pane = document.createElement("div");
    pane.className = "pt-rows";
    pane.tabIndex = 0;
    pane.setAttribute("role", "region");
    pane.setAttribute("aria-label", "Data of the picture");
    pane.append(drawn(names, columns, Math.min(rows, ROWS)));
    const bar = document.createElement("div");
    bar.className = "pt-bar";
    bar.append(download, note);
    this.body.replaceChildren(bar, pane, ...(Object.keys(words).length ? [listed(words)] : []));
  }
}

function drawn(names, columns, rows) {
  const table = document.createElement("table");
  const line = (cells, tag) => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(tag);
      if (tag === "th") cell.scope = "col";
      else if (typeof text === "number") cell.className = "pt-number";
      cell.textContent = told(text);
      row.append(cell);
    }
    return row;
  };
  table.createTHead().append(line(names, "th"));
  const body = table.createTBody();
  for (let row = 0; row < rows; row++) body.append(line(columns.map((column) => column[row]), "td"));
  return table;
}

/** RFC 4180: a cell with a comma, a quote or a line break stands in quotes, its own quotes doubled. */
export function written(names, columns) {
  const lines = [names, ...columns[0]?.map((_, row) => columns.map((column) => told(column[row]))) ?? []];
  return lines.map((cells) => cells.map(quoted).join(",") + "\n").join("");
}

/** Six digits that matter; nothing where there is no number. */
function told(value) { return typeof value === "number" ? String(Number(value.toPrecision(6))) : value ?? ""; }

function quoted(text) { return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; }

export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
