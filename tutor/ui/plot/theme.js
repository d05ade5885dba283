// The page's colours, read from Streamlit's CSS variables, and a figure redrawn in them: pictures are made once, in light colours.

const CLEAR = "rgba(0,0,0,0)";
const BULKY = new Set(["x", "y", "z", "text", "hovertext", "customdata", "meta", "name", "legendgroup", "hovertemplate"]);

export function colours(element) {
  const style = getComputedStyle(element);
  const value = (name, otherwise) => {
    const found = style.getPropertyValue(name).trim();
    return found && found !== "unset" ? found : otherwise;
  };
  const background = value("--st-background-color", "#ffffff");
  const text = value("--st-text-color", "#0b1118");
  return {
    background, text,
    surface: value("--st-secondary-background-color", "#f4f6f8"),
    border: value("--st-border-color", "#dce1e7"),
    font: value("--st-font", "sans-serif"),
    slots: value("--st-chart-categorical-colors", "").split(",").filter(Boolean),
    dark: brightness(background) < 0.4,
    variable: (name) => value(name, text),
  };
}

/** Every colour of the light theme becomes its partner in the dark one; `var(--st-...)` becomes the page's value. */
export function recolour(node, page, pairs) {
  if (typeof node === "string") return one(node, page, pairs);
  if (Array.isArray(node)) return typeof node.at(-1) === "number" ? node : node.map((item) => recolour(item, page, pairs));
  if (!node || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, BULKY.has(key) ? value : recolour(value, page, pairs)]));
}

function one(text, page, pairs) {
  if (text.startsWith("var(--")) return page.variable(text.slice(4, -1).trim());
  if (!page.dark) return text;
  if (/^#[0-9a-f]{6}([0-9a-f]{2})?$/i.test(text)) {
    const partner = pairs[text.slice(0, 7).toLowerCase()];
    return partner ? partner + text.slice(7) : text;
  }
  const parts = text.match(/^rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*([\d.]+)\s*)?\)$/i);
  const partner = parts && pairs["#" + parts.slice(1, 4).map((part) => (+part).toString(16).padStart(2, "0")).join("")];
  if (!partner) return text;
  const [red, green, blue] = channels(partner);
  return `rgba(${red}, ${green}, ${blue}, ${parts[4] ?? 1})`;
}

/** The template under the figure's own layout: what a figure says itself, wins. */
export function template(page, narrow) {
  const grid = faded(page.text, page.dark ? 0.14 : 0.1);
  const axis = {
    gridcolor: grid, zerolinecolor: faded(page.text, 0.3), linecolor: faded(page.text, 0.45), tickcolor: faded(page.text, 0.45),
    showline: true, zeroline: false, ticks: "outside", ticklen: 4, automargin: true,
    title: { standoff: narrow ? 6 : 10, font: { size: narrow ? 12 : 14 } },
  };
  const bar = { outlinewidth: 0, thickness: narrow ? 10 : 16, ticklen: 3 };
  const room = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, backgroundcolor: CLEAR, showbackground: false };
  return {
    layout: {
      paper_bgcolor: CLEAR, plot_bgcolor: CLEAR, colorway: page.slots, hovermode: "closest",
      font: { family: page.font, color: page.text, size: narrow ? 11 : 13 },
      title: {
        x: 0, xanchor: "left", y: 1, yref: "paper", yanchor: "bottom", automargin: true, pad: { t: 2, b: 10 },
        font: { size: narrow ? 14 : 16 },
      },
      margin: narrow ? { l: 44, r: 8, t: 12, b: 40 } : { l: 60, r: 16, t: 16, b: 48 },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom", bgcolor: CLEAR, tracegroupgap: 0 },
      hoverlabel: {
        bgcolor: page.surface, bordercolor: page.border, font: { family: page.font, color: page.text, size: 13 }, align: "left",
      },
      modebar: { bgcolor: CLEAR, color: faded(page.text, 0.5), activecolor: page.text },
      coloraxis: { colorbar: bar },
      xaxis: axis, yaxis: axis, scene: { xaxis: room, yaxis: room, zaxis: room },
      shapedefaults: { line: { color: faded(page.text, 0.6) } }, annotationdefaults: { arrowcolor: faded(page.text, 0.6) },
    },
    data: {
      bar: [{ error_y: { color: page.text, thickness: 1.5 }, marker: { line: { width: 0 } } }],
      scatter: [{ marker: { colorbar: bar } }], scattergl: [{ marker: { colorbar: bar } }], heatmap: [{ colorbar: bar }],
    },
  };
}

/** Fonts of a figure, a layout or a template that are no smaller than so many pixels; without a size all stay as they are. */
export function enlarged(node, least) {
  if (!least || !node || typeof node !== "object" || ArrayBuffer.isView(node)) return node;
  if (Array.isArray(node)) return typeof node[0] === "object" ? node.map((item) => enlarged(item, least)) : node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => {
    if (BULKY.has(key)) return [key, value];
    if (/font$/i.test(key) && value) return [key, { ...value, size: Math.max(least, value.size ?? 0) }];
    return [key, enlarged(value, least)];
  }));
}

export function faded(colour, share) {
  const [red, green, blue] = channels(colour);
  return `rgba(${red}, ${green}, ${blue}, ${share})`;
}

export function channels(colour) {
  const hex = colour.match(/^#([0-9a-f]{6}|[0-9a-f]{3})/i);
  if (!hex) return (colour.match(/\d+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
  const digits = hex[1].length === 3 ? [...hex[1]].map((digit) => digit + digit).join("") : hex[1];
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

function brightness(colour) {
  const [red, green, blue] = channels(colour);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

/** The style sheet, once per page. */
export function styled() {
  if (document.getElementById("pt-style")) return;
  const link = document.createElement("link");
  link.id = "pt-style";
  link.rel = "stylesheet";
  link.href = new URL("picture.css", import.meta.url).href;
  document.head.append(link);
}
