// The belief map, drawn on a canvas: across how often the network expects heads, up how many flips it acts as if it had seen.

import { faint, mixed } from "./colours.js";

const TOP = 260;                                  // flips at the upper edge
const TICKS = [0, 1, 3, 10, 30, 100];
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const NEAR = 18;                                  // pixels within which a point is the one that is pointed at

/**
 * What one drawing shows; points are [expects, flips] unless `plane` names the ranges of a plane of states.
 * @typedef {object} Scene
 * @property {number[][]} cloud        grey points: what the network expects after real flips
 * @property {ArrayLike<number>} [shares]                    share of heads that each grey point has read, which colours it
 * @property {number} [coin]                          how often the coin shows heads
 * @property {number[][]} [path]                      the prompt, vector by vector
 * @property {number[]} [dot]                         where the prompt ends
 * @property {number[][]} [reading]                   flips of the coin that are read after the prompt
 * @property {string} [label]                         stands beside the dot
 * @property {string} [caption]                       stands across the top
 * @property {{x: number[], y: number[]}} [plane]     ranges of a plane of states, in place of the two axes of the map
 */

export class BeliefMap {
  /** canvas: where to draw; page: the colours and the font size of the page, see colours.js. */
  constructor(canvas, page) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.page = page;
    this.resize();
  }

  /** Fit the canvas to its place on the page; sizes in pixels may be given for a canvas that is on no page. */
  resize(width = this.canvas.clientWidth, height = this.canvas.clientHeight, density = devicePixelRatio || 1) {
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    this.pen.setTransform(density, 0, 0, density, 0, 0);
    const narrow = width < 560, font = this.page.font * (narrow ? 0.9 : 1);
    this.font = font;
    this.left = font * (narrow ? 3.8 : 4.4);
    this.right = width - font * 1.6;
    this.top = font * 1.5;
    this.bottom = height - font * 3.6;
  }

  across(value) {
    const [low, high] = this.scene?.plane?.x ?? [0, 1];
    return this.left + ((value - low) / (high - low)) * (this.right - this.left);
  }

  up(value) {
    const plane = this.scene?.plane;
    const share = plane ? (value - plane.y[0]) / (plane.y[1] - plane.y[0]) : Math.log10(1 + Math.max(0, value)) / Math.log10(1 + TOP);
    return this.bottom + Math.min(1.02, share) * (this.top - this.bottom);
  }

  /** @param {Scene} scene */
  draw(scene) {
    this.scene = scene;
    const { pen } = this;
    pen.fillStyle = this.page.background;
    pen.fillRect(0, 0, this.width, this.height);
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    this.drawGround(scene);
    if (scene.coin !== undefined && !scene.plane) this.drawCoin(scene);
    if (scene.reading) this.drawLine(scene.reading, faint(this.page.red, 0.45), 1.6);
    if (scene.path) this.drawPath(scene.path);
    if (scene.dot) this.drawDot(scene);
    if (scene.caption) this.drawCaption(scene.caption);
  }

  /** Axes and grey points, which stay the same while a prompt is dragged: drawn once and copied. */
  drawGround(scene) {
    const { canvas, page } = this;
    const looks = [scene.cloud, canvas.width, canvas.height, page.background, page.text, page.font, scene.plane?.x[0], scene.plane?.y[0]];
    if (!this.ground || looks.some((value, i) => value !== this.grounds[i])) {
      const onScreen = this.pen;
      this.ground = document.createElement("canvas");
      this.ground.width = canvas.width;
      this.ground.height = canvas.height;
      this.pen = this.ground.getContext("2d");
      this.pen.setTransform(onScreen.getTransform());
      this.pen.textBaseline = "middle";
      if (scene.plane) this.drawPlaneNames(); else this.drawAxes();
      this.drawCloud(scene);
      this.pen = onScreen;
      this.grounds = looks;
    }
    this.pen.save();
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.drawImage(this.ground, 0, 0);
    this.pen.restore();
  }

  drawAxes() {
    const { pen, page, font } = this;
    pen.font = `${font}px ${page.family}`;
    pen.lineWidth = 1;
    for (const flips of TICKS) {
      const y = this.up(flips);
      pen.strokeStyle = page.grid;
      pen.beginPath();
      pen.moveTo(this.left, y);
      pen.lineTo(this.right, y);
      pen.stroke();
      this.write(String(flips), this.left - font * 0.6, y, "right");
    }
    for (const share of SHARES) this.write(`${share * 100} %`, this.across(share), this.bottom + font * 1.1, "center");
    this.write("how often it expects heads", this.across(0.5), this.height - font * 1.1, "center", 500);
    this.writeUp("flips it acts as if it had seen");
  }

  drawPlaneNames() {
    this.pen.font = `${this.font}px ${this.page.family}`;
    this.write("states of the network: first component", (this.left + this.right) / 2, this.height - this.font * 1.1, "center", 500);
    this.writeUp("second component");
  }

  writeUp(text) {
    this.pen.save();
    this.pen.translate(this.font * 1, (this.top + this.bottom) / 2);
    this.pen.rotate(-Math.PI / 2);
    this.write(text, 0, 0, "center", 500);
    this.pen.restore();
  }

  /** @param {CanvasTextAlign} align */
  write(text, x, y, align, weight = 400, colour = this.page.soft) {
    this.pen.font = `${weight} ${this.font}px ${this.page.family}`;
    this.pen.textAlign = align;
    this.pen.fillStyle = colour;
    this.pen.fillText(text, x, y);
  }

  /** @param {Scene} scene */
  drawCloud({ cloud, shares }) {
    const { pen, page } = this, size = Math.max(1.8, this.width / 300);
    pen.fillStyle = faint(page.soft, 0.36);
    cloud.forEach(([x, y], i) => {
      if (shares) pen.fillStyle = mixed(page.tails, page.heads, shares[i], 0.62);
      pen.beginPath();
      pen.arc(this.across(x), this.up(y), size, 0, 2 * Math.PI);
      pen.fill();
    });
  }

  /** @param {Scene} scene */
  drawCoin({ coin, caption }) {
    const { pen, page, font } = this, x = this.across(coin);
    pen.strokeStyle = page.green;
    pen.lineWidth = 2;
    pen.setLineDash([6, 5]);
    pen.beginPath();
    pen.moveTo(x, this.top);
    pen.lineTo(x, this.bottom);
    pen.stroke();
    pen.setLineDash([]);
    if (caption) return;
    const left = coin > 0.62;
    this.write(`the coin: ${Math.round(coin * 100)} % heads`, x + (left ? -font : font) * 0.5, this.top + font * 0.4,
      left ? "right" : "left", 600, page.green);
  }

  drawLine(points, colour, width) {
    const { pen } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    points.forEach(([x, y], i) => (i ? pen.lineTo(this.across(x), this.up(y)) : pen.moveTo(this.across(x), this.up(y))));
    pen.stroke();
  }

  drawPath(path) {
    const { pen, page } = this;
    this.drawLine(path, page.red, 2.5);
    pen.strokeStyle = page.red;
    pen.fillStyle = page.background;
    pen.lineWidth = 2;
    for (const [x, y] of path.slice(0, -1)) {
      pen.beginPath();
      pen.arc(this.across(x), this.up(y), this.font * 0.3, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
  }

  /** @param {Scene} scene */
  drawDot({ dot, label, plane }) {
    const { pen, page, font } = this, x = this.across(dot[0]), y = this.up(dot[1]);
    pen.beginPath();
    pen.arc(x, y, font * 0.72, 0, 2 * Math.PI);
    pen.fillStyle = page.red;
    pen.fill();
    pen.strokeStyle = page.background;
    pen.lineWidth = 3;
    pen.stroke();
    if (!label || this.width < 560) return;
    const left = x > (this.left + this.right) * 0.58, below = !plane && y < this.top + font * 3;
    const at = x + (left ? -1 : 1) * font * 1.2, line = y + (below ? font * 1.4 : 0);
    pen.font = `600 ${font}px ${page.family}`;
    const wide = pen.measureText(label).width + font * 0.6;
    pen.fillStyle = faint(page.background, 0.82);
    pen.fillRect(left ? at - wide + font * 0.3 : at - font * 0.3, line - font * 0.75, wide, font * 1.5);
    this.write(label, at, line, left ? "right" : "left", 600, page.text);
  }

  drawCaption(text) {
    const { pen, page } = this, font = this.font * 1.25, lines = wrapped(pen, text, this.width - font * 2, `600 ${font}px ${page.family}`);
    const tall = font * (1.35 * lines.length + 0.9);
    pen.fillStyle = faint(page.text, 0.92);
    pen.fillRect(0, 0, this.width, tall);
    pen.fillStyle = page.background;
    pen.textAlign = "center";
    lines.forEach((line, i) => pen.fillText(line, this.width / 2, font * (1.12 + 1.35 * i)));
  }

  /** The grey point near a place of the canvas (pixels), as its number; -1 where there is none. */
  nearest(x, y) {
    let best = NEAR * NEAR, found = -1;
    this.scene?.cloud.forEach((point, i) => {
      const far = (this.across(point[0]) - x) ** 2 + (this.up(point[1]) - y) ** 2;
      if (far < best) [best, found] = [far, i];
    });
    return found;
  }
}

/** A text in lines that are not wider than `room` (pixels), in the font that is set. */
function wrapped(pen, text, room, font) {
  pen.font = font;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width <= room || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
