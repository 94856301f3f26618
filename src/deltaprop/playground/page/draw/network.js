// The picture of a network: links as thick as their weights, units as maps of what they answer.

import {biasPlace, ends, middleOf} from "./layout.js";
import {palette} from "./palette.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./layout.js").Link} Link
 * @typedef {import("./maps.js").Maps} Maps
 * @typedef {import("../messages").Column} Column
 */

const DASH = [6, 3];

/** Share of the greatest thickness that a weight has. */
function strength(/** @type {number} */ weight) {
  const size = Math.abs(weight);
  return size / (size + 2);
}

/** The thickest link of a layout. */
export function thickest(/** @type {Layout} */ layout) {
  return Math.min(8, Math.max(2.5, 0.18 * layout.size));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} column
 * @param {Link} link
 */
export function traceLink(context, layout, column, link) {
  const [x0, x1] = ends(layout, column);
  const y0 = layout.units[column - 1][link.from].y;
  const y1 = layout.units[column][link.to].y;
  const middle = (x0 + x1) / 2;
  context.moveTo(x0, y0);
  context.bezierCurveTo(middle, y0, middle, y1, x1, y1);
}

/**
 * All links, the weak ones pale.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Float32Array} theta
 */
export function drawLinks(context, layout, theta) {
  const {positive, negative} = palette();
  const most = thickest(layout);
  layout.links.forEach((links, column) => {
    const density = Math.min(1, 9 / Math.sqrt(links.length)); // many links are paler, so that none is lost
    for (const link of links) {
      const weight = theta[link.index];
      const share = strength(weight);
      context.beginPath();
      traceLink(context, layout, column, link);
      context.strokeStyle = weight < 0 ? negative : positive;
      context.setLineDash(weight < 0 ? DASH : []);
      context.lineWidth = 0.6 + most * share;
      context.globalAlpha = density * Math.min(0.95, 0.12 + 1.1 * share);
      context.stroke();
    }
  });
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/**
 * Units, the marks of their biases, and the names of inputs and outputs.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Column[]} columns
 * @param {Maps} maps
 * @param {Float32Array} theta
 */
export function drawUnits(context, layout, columns, maps, theta) {
  const {surface, muted} = palette();
  const half = layout.size / 2;
  columns.forEach((column, c) => {
    column.units.forEach(({bias}, u) => {
      const {x, y} = layout.units[c][u];
      context.fillStyle = surface;
      context.fillRect(x - half - 1, y - half - 1, layout.size + 2, layout.size + 2);
      maps.draw(context, layout.first[c] + u, x - half, y - half, layout.size);
      context.strokeStyle = muted;
      context.globalAlpha = 0.45;
      context.lineWidth = 1;
      context.strokeRect(x - half - 0.5, y - half - 0.5, layout.size + 1, layout.size + 1);
      context.globalAlpha = 1;
      if (bias !== null) drawBias(context, layout, c, u, theta[bias]);
    });
  });
}

/** A disc for a bias above 0, a bar for one below; the larger, the stronger. */
function drawBias(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {Layout} */ layout,
  /** @type {number} */ column,
  /** @type {number} */ unit,
  /** @type {number} */ value,
) {
  const {surface, positive, negative} = palette();
  const {x, y} = biasPlace(layout, column, unit);
  const radius = (2 + 4 * strength(2 * value)) * Math.min(1, layout.size / 26);
  context.beginPath();
  if (value < 0) context.rect(x - radius, y - radius / 2, 2 * radius, radius);
  else context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = value < 0 ? negative : positive;
  context.strokeStyle = surface;
  context.lineWidth = 1.5;
  context.stroke();
  context.fill();
}

/**
 * The names of inputs, at their left, and of the classes that outputs stand for, at their right.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Column[]} columns
 * @param {string[]} classes
 */
export function drawNames(context, layout, columns, classes) {
  const aside = layout.size / 2 + 6;
  context.fillStyle = palette().ink;
  context.font = `${layout.size < 30 ? 10 : 12}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "right";
  columns[0].units.forEach(({name}, u) => {
    const {x, y} = layout.units[0][u];
    context.fillText(fitted(context, mathematical(name), layout.beside[0]), x - aside, y);
  });
  context.textAlign = "left";
  const last = columns.length - 1;
  if (columns[last].units.length === 1) return;
  layout.units[last].forEach(({x, y}, u) => {
    context.fillText(fitted(context, classes[u] ?? "", layout.beside[last]), x + aside, y);
  });
}

/** A formula as it is written by hand: x² for x**2. */
export function mathematical(/** @type {string} */ formula) {
  return formula.replaceAll("**2", "²").replaceAll("**3", "³").replaceAll("*", "·");
}

/** As much of a text as fits, with an ellipsis. */
function fitted(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {string} */ text,
  /** @type {number} */ space,
) {
  if (context.measureText(text).width <= space) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > space) length--;
  return `${text.slice(0, length)}…`;
}

/**
 * One link brought out, with its value beside it.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} column
 * @param {Link} link
 * @param {string} value
 */
export function drawChosenLink(context, layout, column, link, value) {
  const {ink, surface} = palette();
  context.beginPath();
  traceLink(context, layout, column, link);
  for (const [color, width] of /** @type {const} */ ([[surface, 6], [ink, 2.5]])) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
  const {x, y} = middleOf(layout, column, link);
  drawTag(context, value, x, y - 15, ink);
}

/**
 * A short text on a plate, its middle at x and y.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} edge colour of the rim
 */
export function drawTag(context, text, x, y, edge) {
  const {surface, ink} = palette();
  context.font = "12px system-ui, sans-serif";
  const width = context.measureText(text).width + 10;
  context.beginPath();
  context.roundRect(x - width / 2, y - 9, width, 18, 4);
  context.fillStyle = surface;
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}

/**
 * A frame around a unit.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} column
 * @param {number} unit
 * @param {boolean} kept whether it is kept, not only hovered
 */
export function drawFrameOf(context, layout, column, unit, kept) {
  const {x, y} = layout.units[column][unit];
  const side = layout.size + 5;
  context.strokeStyle = palette().accent;
  context.lineWidth = kept ? 3 : 2;
  context.setLineDash([]);
  context.strokeRect(x - side / 2, y - side / 2, side, side);
}
