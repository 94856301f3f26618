// Small pictures of the data sets: the shapes of data.py, drawn with a few points or as a surface.

import {palette} from "./palette.js";

const EXTENT = 6;
const POINTS = 72;

/** @typedef {{x: number, y: number, t: number}} Place */

/**
 * Numbers in [0, 1) that cover it evenly: the Halton sequence.
 * @param {number} index from 1
 * @param {number} base
 */
function halton(index, base) {
  let [part, value] = [1, 0];
  for (let i = index; i > 0; i = Math.floor(i / base)) {
    part /= base;
    value += part * (i % base);
  }
  return value;
}

/** @param {number} radius @param {number} angle @param {number} t @returns {Place} */
const polar = (radius, angle, t) => ({x: radius * Math.cos(angle), y: radius * Math.sin(angle), t});

/**
 * The place of one point: i is its number, u and v are in [0, 1).
 * @type {Record<string, (i: number, u: number, v: number) => Place>}
 */
const SHAPES = {
  rings: (i, u, v) => {
    const t = i % 2;
    return polar(t ? 3.7 + 1.3 * u : 2.2 * Math.sqrt(u), 2 * Math.PI * v, t);
  },
  xor: (i, u, v) => {
    const [x, y] = [10 * u - 5, (i % 2 ? 5 : -5) * v];
    return {x: x + 0.4 * Math.sign(x), y: y + 0.4 * Math.sign(y), t: x * y > 0 ? 1 : 0};
  },
  blobs: (i, u, v) => {
    const centre = polar(3, Math.PI / 4 + Math.PI * (i % 2), i % 2);
    const off = polar(1.9 * Math.sqrt(u), 2 * Math.PI * v, 0);
    return {x: centre.x + off.x, y: centre.y + off.y, t: i % 2};
  },
  spirals: (i, u) => polar(0.4 + 4.6 * Math.sqrt(u), 3.5 * Math.PI * Math.sqrt(u) + Math.PI * (i % 2), i % 2),
  moons: (i, u) => {
    const [t, angle] = [i % 2, Math.PI * ((i % 2) + u)];
    return {x: (10 / 3) * (Math.cos(angle) + t - 0.5), y: (10 / 3) * (Math.sin(angle) + t / 2 - 0.25), t};
  },
};

const HILLS = [-1, 0, 1].flatMap((k) => [1, -1].map((s) => ({x: 4 * k, y: 2.5 * s, height: s * (k ? 1 : -1)})));

/** The value at a place, within [−1, 1]. @type {Record<string, (x: number, y: number) => number>} */
const SURFACES = {
  plane: (x, y) => (x + y) / 12,
  gaussians: (x, y) =>
    HILLS.reduce((sum, one) => sum + one.height * Math.exp(-((x - one.x) ** 2 + (y - one.y) ** 2) / 2), 0),
  sine: (x) => Math.sin(x),
};

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} name of a data set
 */
export function drawThumbnail(canvas, name) {
  if (name in SURFACES) drawSurface(canvas, SURFACES[name]);
  else drawPoints(canvas, SHAPES[name]);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(x: number, y: number) => number} surface
 */
function drawSurface(canvas, surface) {
  const {width, height} = canvas;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const {diverging} = palette();
  for (let row = 0; row < height; row++) {
    const y = EXTENT * (1 - (2 * (row + 0.5)) / height);
    for (let column = 0; column < width; column++) {
      const x = EXTENT * ((2 * (column + 0.5)) / width - 1);
      pixels[row * width + column] = diverging[128 + Math.round(127 * surface(x, y))];
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(i: number, u: number, v: number) => Place} shape
 */
function drawPoints(canvas, shape) {
  const {width} = canvas;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const {classes} = palette();
  const scale = width / (2 * EXTENT);
  context.clearRect(0, 0, width, width);
  for (let i = 0; i < POINTS; i++) {
    const k = (i >> 1) + 1; // every class covers its shape evenly
    const {x, y, t} = shape(i, halton(k, 2), halton(k, 3));
    context.fillStyle = classes[t];
    context.beginPath();
    context.arc(width / 2 + scale * x, width / 2 - scale * y, width / 32, 0, 2 * Math.PI);
    context.fill();
  }
}
