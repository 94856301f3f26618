// Samples as markers over the plane: the class tells color and shape, the part whether they are filled.

import {palette} from "./palette.js";

/** @import {RunState} from "../messages" */

/**
 * Where the plane lies on a canvas.
 * @typedef {object} Plane
 * @property {number} left
 * @property {number} top
 * @property {number} size
 * @property {number} extent the plane is [−extent, extent]²
 */

/** @typedef {[number, number][]} Corners */

/** A polygon of equal sides, or a star where `inner` is below 1. @returns {Corners} */
function polygon(/** @type {number} */ corners, turn = 0, inner = 1) {
  return Array.from({length: corners}, (_, i) => {
    const angle = 2 * Math.PI * (i / corners + turn - 0.25);
    const far = 1.2 * (i % 2 ? inner : 1);
    return [far * Math.cos(angle), far * Math.sin(angle)];
  });
}

/** @returns {Corners} */
function turned(/** @type {Corners} */ corners) {
  const half = Math.SQRT1_2;
  return corners.map(([x, y]) => [half * (x - y), half * (x + y)]);
}

/** @type {Corners} */
const PLUS = [[-1, -3], [1, -3], [1, -1], [3, -1], [3, 1], [1, 1], [1, 3], [-1, 3], [-1, 1], [-3, 1], [-3, -1], [-1, -1]];
/** @type {Corners} */
const CROSS = PLUS.map(([x, y]) => [0.42 * x, 0.42 * y]);

/** The shape of each class; null: a circle. @type {(Corners | null)[]} */
const SHAPES = [null, turned(polygon(4)), polygon(3), polygon(4), polygon(3, 0.5), CROSS, turned(CROSS),
  polygon(10, 0, 0.5), polygon(5), polygon(6)];

/** @param {Plane} plane @param {number} x @param {number} y @returns {[number, number]} */
export function toCanvas({left, top, size, extent}, x, y) {
  return [left + ((x / extent + 1) * size) / 2, top + ((1 - y / extent) * size) / 2];
}

/** @param {Plane} plane @param {number} px @param {number} py @returns {{x: number, y: number}} within the plane */
export function toPlane({left, top, size, extent}, px, py) {
  const inside = (/** @type {number} */ share) => extent * Math.min(1, Math.max(-1, share));
  return {x: inside((2 * (px - left)) / size - 1), y: inside(1 - (2 * (py - top)) / size)};
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} shape number of the class
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function traceMarker(context, shape, x, y, radius) {
  const corners = SHAPES[shape % SHAPES.length];
  if (corners === null) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([dx, dy], i) => {
    if (i === 0) context.moveTo(x + radius * dx, y + radius * dy);
    else context.lineTo(x + radius * dx, y + radius * dy);
  });
  context.closePath();
}

/** @param {RunState} state @param {number} target */
function shapeOf(state, target) {
  return state.classes ? target : 0;
}

/** @param {RunState} state @param {number} target @returns {string} of a class, or of a value on the diverging scale */
function colorOf(state, target) {
  const {classes, diverging} = palette();
  if (state.classes) return classes[target % classes.length];
  const [low, high] = state.target_range;
  const share = (target - low) / (high - low || 1);
  const pixel = diverging[Math.round(255 * Math.min(1, Math.max(0, share)))];
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

/** Markers are smaller where there are many, or where the plane is small. */
export function radiusFor(/** @type {number} */ count, /** @type {Plane} */ plane) {
  return Math.max(1.4, Math.min(4, (0.26 * plane.size) / Math.sqrt(count + 1), plane.size / 70));
}

/**
 * One marker: filled for a training point, hollow for a test point.
 * @param {CanvasRenderingContext2D} context
 * @param {{shape: number, color: string, hollow: boolean, x: number, y: number, radius: number}} marker
 */
export function drawMarker(context, {shape, color, hollow, x, y, radius}) {
  const {surface, ink} = palette();
  context.beginPath();
  traceMarker(context, shape, x, y, radius);
  context.setLineDash([]);
  if (hollow) {
    context.lineWidth = 0.35 * radius + 2;
    context.strokeStyle = surface;
    context.stroke();
    context.fillStyle = surface;
    context.fill();
    context.lineWidth = 0.35 * radius + 0.4;
    context.strokeStyle = color;
    context.stroke();
  } else {
    context.lineWidth = 1.5;
    context.strokeStyle = surface;
    context.stroke();
    context.fillStyle = color;
    context.fill();
    context.lineWidth = 0.4;
    context.strokeStyle = ink;
    context.stroke();
  }
}

/**
 * All points of a run; those of the test part first, beneath the others.
 * @param {CanvasRenderingContext2D} context
 * @param {Plane} plane
 * @param {RunState} state
 * @param {boolean} test whether test points are shown
 * @param {{index: number, x: number, y: number} | null} moved a point that is being moved, at its new place
 */
export function drawPoints(context, plane, state, test, moved) {
  const radius = radiusFor(state.points.length, plane);
  for (const hollow of test ? [true, false] : [false]) {
    state.points.forEach((point, i) => {
      if (point.test !== hollow) return;
      const at = moved?.index === i ? moved : point;
      const [x, y] = toCanvas(plane, at.x, at.y);
      const {target} = point;
      drawMarker(context, {shape: shapeOf(state, target), color: colorOf(state, target), hollow, x, y, radius});
    });
  }
}

/**
 * The nearest point that is near enough.
 * @param {RunState} state
 * @param {Plane} plane
 * @param {number} px
 * @param {number} py
 * @param {number} reach
 * @param {boolean} test whether test points count
 * @returns {number | null} its index
 */
export function pointAt(state, plane, px, py, reach, test) {
  let [best, distance] = [/** @type {number | null} */ (null), reach];
  state.points.forEach((point, i) => {
    if (point.test && !test) return;
    const [x, y] = toCanvas(plane, point.x, point.y);
    const d = Math.hypot(x - px, y - py);
    if (d < distance) [best, distance] = [i, d];
  });
  return best;
}
