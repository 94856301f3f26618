// The loss on the plane through the weights that the gradient and the sharpest direction span, with the path of the run.

import {element} from "../dom.js";
import {contour} from "../draw/contours.js";
import {grouped, number} from "../draw/format.js";
import {palette} from "../draw/palette.js";
import {createSurface} from "../draw/surface.js";
import {text} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Slice} from "../messages"
 */

const LEVELS = 12; // contour lines, each of which encloses as much more of the slice as the one before
const MARGIN = 18; // for the names of the axes, left and below

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function createSlice(model) {
  const words = element("div", {class: "words", "aria-live": "polite"});
  const readout = element("p", {class: "plot-readout"});
  /** @type {Slice | null} */
  let shown = null;
  const surface = createSurface("slice-canvas", () => draw());
  const {canvas} = surface;
  canvas.setAttribute("role", "img");
  const whole = element("div", {class: "picture"}, canvas, readout, words);

  function draw() {
    if (shown && surface.width > 80) new Picture(surface.context, surface.width, surface.height, shown).draw();
  }

  function show() {
    whole.hidden = !shown;
    if (!shown || !model.runs[shown.run]) return;
    const line = explain(shown);
    canvas.setAttribute("aria-label", line);
    words.replaceChildren(element("p", {}, line));
    draw();
  }

  canvas.addEventListener("pointermove", (event) => {
    if (!shown) return;
    const picture = new Picture(surface.context, surface.width, surface.height, shown);
    readout.textContent = picture.read(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointerleave", () => (readout.textContent = ""));
  model.on("slice", (reply) => {
    shown = reply;
    show();
  });
  model.on("selection", () => {
    if (shown?.run !== model.selection.run) shown = null;
    show();
  });
  for (const kind of /** @type {const} */ (["run", "language", "theme"])) model.on(kind, show);
  show();
  return whole;
}

/** @param {Slice} slice */
function explain({step, samples, now, loss, path, u, v}) {
  const values = loss.flat().filter((value) => value !== null);
  const lowest = Math.min(...values);
  const row = loss.findIndex((one) => one.includes(lowest));
  return text("inside.slice-words", {
    step: grouped(step),
    samples,
    now: number(now),
    low: number(lowest),
    high: number(Math.max(...values)),
    u: number(u[loss[row].indexOf(lowest)]),
    v: number(v[row]),
    first: grouped(path[0][0]),
    pathU: number(path[0][1]),
    pathV: number(path[0][2]),
  });
}

/** One slice on a canvas of one size. */
class Picture {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   * @param {Slice} slice
   */
  constructor(context, width, height, slice) {
    this.context = context;
    this.slice = slice;
    this.width = width - MARGIN;
    this.height = height - MARGIN;
    /** All values in ascending order: the share of those below a value is how dark it is. */
    this.values = Float64Array.from(slice.loss.flat().filter((value) => value !== null)).sort();
  }

  draw() {
    const {context, width, height} = this;
    context.clearRect(0, 0, width + MARGIN, height + MARGIN);
    context.save();
    context.beginPath();
    context.rect(MARGIN, 0, width, height);
    context.clip();
    this.#heat();
    this.#contours();
    this.#path();
    context.restore();
    this.#names();
  }

  /** The share of the slice that lies lower. @param {number} loss */
  #share(loss) {
    let [low, high] = [0, this.values.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.values[middle] < loss) low = middle + 1;
      else high = middle;
    }
    return low / Math.max(1, this.values.length - 1);
  }

  #heat() {
    const {loss} = this.slice;
    const n = loss.length;
    const ramp = palette().ramps[1];
    const image = element("canvas");
    image.width = image.height = n;
    const small = /** @type {CanvasRenderingContext2D} */ (image.getContext("2d"));
    const data = small.createImageData(n, n);
    const pixels = new Uint32Array(data.data.buffer);
    loss.forEach((row, i) =>
      row.forEach((value, j) => {
        if (value !== null) pixels[(n - 1 - i) * n + j] = ramp[Math.round(255 * this.#share(value))];
      }),
    );
    small.putImageData(data, 0, 0);
    // The middles of the outermost pixels lie on the edges.
    const [cellX, cellY] = [this.width / (n - 1), this.height / (n - 1)];
    this.context.imageSmoothingEnabled = true;
    this.context.drawImage(image, MARGIN - cellX / 2, -cellY / 2, n * cellX, n * cellY);
  }

  #contours() {
    const {context, slice, values} = this;
    const n = slice.loss.length - 1;
    const rows = slice.loss.map((row) => row.map((value) => value ?? NaN));
    const {ink, muted} = palette();
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    context.lineWidth = 0.6;
    for (let k = 1; k < LEVELS; k++) {
      const level = values[Math.round((k / LEVELS) * (values.length - 1))];
      const pieces = contour(rows, level);
      context.strokeStyle = muted;
      context.beginPath();
      for (const [x0, y0, x1, y1] of pieces) {
        context.moveTo(MARGIN + (x0 / n) * this.width, (1 - y0 / n) * this.height);
        context.lineTo(MARGIN + (x1 / n) * this.width, (1 - y1 / n) * this.height);
      }
      context.stroke();
      if (k % 3 || !pieces.length) continue;
      // Near the diagonal of the picture, to the upper right: there the values of different lines keep apart.
      const distance = (/** @type {number[]} */ [x, y]) => Math.abs(x - y) - (x + y) / 5;
      const [x, y] = pieces.reduce((best, piece) => (distance(piece) < distance(best) ? piece : best));
      context.fillStyle = ink;
      context.fillText(number(level, 2), MARGIN + (x / n) * this.width, (1 - y / n) * this.height + 4);
    }
  }

  #x(/** @type {number} */ u) {
    const side = this.slice.u[this.slice.u.length - 1];
    return MARGIN + ((u + side) / (2 * side)) * this.width;
  }

  #y(/** @type {number} */ v) {
    const side = this.slice.v[this.slice.v.length - 1];
    return (1 - (v + side) / (2 * side)) * this.height;
  }

  #path() {
    const {context} = this;
    const {ink, surface, accent} = palette();
    const places = this.slice.path.map(([, u, v]) => /** @type {[number, number]} */ ([this.#x(u), this.#y(v)]));
    context.lineJoin = "round";
    for (const [color, width] of /** @type {[string, number][]} */ ([
      [surface, 4],
      [ink, 1.6],
    ])) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.beginPath();
      for (const [x, y] of places) context.lineTo(x, y);
      context.stroke();
    }
    this.#dot(places[0], surface, ink);
    this.#dot(places[places.length - 1], accent, surface);
  }

  /** @param {[number, number]} place @param {string} fill @param {string} stroke */
  #dot([x, y], fill, stroke) {
    const {context} = this;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.strokeStyle = stroke;
    context.lineWidth = 1.6;
    context.fill();
    context.stroke();
  }

  #names() {
    const {context, width, height, slice} = this;
    const [u, v] = [slice.u, slice.v].map((side) => number(side[side.length - 1], 2));
    context.fillStyle = palette().muted;
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(text("inside.across", {u}), MARGIN + width / 2, height + 13);
    context.save();
    context.rotate(-Math.PI / 2);
    context.fillText(text("inside.up", {v}), -height / 2, 11);
    context.restore();
  }

  /** What is under a place of the canvas. @param {number} x @param {number} y */
  read(x, y) {
    const {u, v, loss} = this.slice;
    const j = Math.round(((x - MARGIN) / this.width) * (u.length - 1));
    const i = Math.round((1 - y / this.height) * (v.length - 1));
    if (!(i in loss) || !(j in loss[i])) return "";
    return text("inside.at", {u: number(u[j]), v: number(v[i]), loss: number(loss[i][j] ?? Infinity)});
  }
}
