// The same numbers as a table: made when it is opened, and given out as CSV without asking the server.

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
    const { name, csv } = this.contents();
    const [header, ...rows] = parsed(csv);
    const download = document.createElement("button");
    download.type = "button";
    download.textContent = "Download CSV";
    download.onclick = () => save(`${name}.csv`, csv);
    const note = document.createElement("span");
    note.textContent = rows.length > ROWS ? `${rows.length.toLocaleString("en")} rows, the first ${ROWS} shown.` : `${rows.length} rows.`;
    const pane = document.createElement("div");
    pane.className = "pt-rows";
    pane.tabIndex = 0;
    pane.setAttribute("role", "region");
    pane.setAttribute("aria-label", "Data of the picture");
    pane.append(drawn(header ?? [], rows.slice(0, ROWS)));
    const bar = document.createElement("div");
    bar.className = "pt-bar";
    bar.append(download, note);
    this.body.replaceChildren(bar, pane);
  }
}

function drawn(header, rows) {
  const table = document.createElement("table");
  const line = (cells, tag) => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(tag);
      if (tag === "th") cell.scope = "col";
      else if (text !== "" && Number.isFinite(Number(text))) cell.className = "pt-number";
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  };
  table.createTHead().append(line(header, "th"));
  const body = table.createTBody();
  for (const row of rows) body.append(line(row, "td"));
  return table;
}

/** RFC 4180: quotes, doubled quotes, commas and line breaks inside quotes. */
export function parsed(csv) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < csv.length; i++) {
    const letter = csv[i];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (csv[i + 1] === '"') { cell += '"'; i++; }
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") { row.push(cell); cell = ""; }
    else if (letter === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; }
    else if (letter !== "\r") cell += letter;
  }
  if (cell || row.length) { row.push(cell); rows.push(row); }
  return rows;
}

export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
