// Ways out of a picture: SVG, PNG, full screen; what is exported carries its sentence and its runs below it.

import { colours } from "./theme.js";

const SHAPES = {
  full: { width: 24, height: 24, path: "M3 3h7v3H6v4H3zM14 3h7v7h-3V6h-4zM3 14h3v4h4v3H3zM18 14h3v7h-7v-3h4z" },
  svg: { width: 24, height: 24, path: "M4 20h16v2H4zM11 2h2v11l4-4 1.4 1.4L12 17l-6.4-6.6L7 9l4 4z" },
  png: { width: 24, height: 24, path: "M3 4h18v16H3zM5 6v9l4-4 4 4 3-3 3 3V6zM15 8h2v2h-2z" },
};

/** plotly.js's configuration of a picture: zoom, pan, and the ways out. */
export function configured(picture) {
  const button = (name, title, icon, click) => ({ name, title, icon, click });
  return {
    displaylogo: false, displayModeBar: "hover", responsive: false, doubleClick: "reset", scrollZoom: false,
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"], [
      button("svg", "Download SVG", SHAPES.svg, () => save(picture, "svg", 1)),
      button("png", "Download PNG", SHAPES.png, () => save(picture, "png", 3)),
      button("full", "Full screen", SHAPES.full, () => fill(picture)),
    ]],
  };
}

/** What is seen, zoom and legend included, on the page's background. */
async function save(picture, format, scale) {
  const { plot } = picture, { width, height } = plot.getBoundingClientRect();
  const { background, text } = colours(picture.root);
  const { alt, credit } = picture.component.data;
  const lines = [...wrapped(alt, width), ...wrapped(credit, width)], room = 18 * lines.length + 12;
  const bottom = plot._fullLayout._size.b;
  const caption = {
    text: lines.join("<br>"), xref: "paper", yref: "paper", x: 0, y: 0, yshift: -bottom - 6, xanchor: "left", yanchor: "top", align: "left",
    showarrow: false, font: { size: 12, color: text },
  };
  const { margin, annotations = [] } = plot.layout;
  const layout = {
    ...plot.layout, paper_bgcolor: background, plot_bgcolor: background, annotations: [...annotations, caption],
    margin: { ...margin, b: bottom + room, autoexpand: true },
  };
  await window.Plotly.downloadImage({ data: plot.data, layout }, { format, scale, width, height: height + room, filename: picture.name });
}

function fill(picture) {
  if (document.fullscreenElement) document.exitFullscreen();
  else picture.root.requestFullscreen().catch(() => picture.say("This browser does not allow full screen here."));
}

/** A sentence in lines that fit under a picture. */
function wrapped(sentence, width) {
  const most = Math.max(30, Math.floor(width / 6.6)), lines = [""];
  for (const word of sentence.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}
