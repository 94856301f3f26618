// The picture of one pass through a network: what moves along the links, and the values of the units.

import {number} from "./format.js";
import {alongAt, ends, heightAt} from "./layout.js";
import {thickest, traceLink} from "./network.js";
import {palette} from "./palette.js";

/**
 * @import {Numbers, LayerNumbers, Column} from "../messages"
 * @import {Layout} from "./layout.js"
 */

/**
 * The values of one pass, column by column.
 * @typedef {object} Pass
 * @property {number[][]} a what units answer
 * @property {(number[] | null)[]} delta null for the inputs
 * @property {(LayerNumbers | null)[]} layers those with weights
 */

/**
 * @param {Numbers} numbers
 * @param {Column[]} columns
 * @returns {Pass}
 */
export function passOf(numbers, columns) {
  const rows = columns.map((_, c) => numbers.layers.filter((layer) => layer.column === c));
  const layers = rows.map((list) => list.find((layer) => layer.w.length > 0) ?? null);
  const a = rows.map((list, c) => (c === 0 ? (layers[1]?.x ?? []) : (list.at(-1)?.a ?? [])));
  return {a, delta: layers.map((layer) => layer && layer.delta), layers};
}

/**
 * Dots on the links into a column: what each link carries, forward w·x, backward w·delta.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Pass} pass
 * @param {number} column
 * @param {number} t share of the way
 * @param {boolean} forward
 */
export function drawDots(context, layout, pass, column, t, forward) {
  const layer = pass.layers[column];
  if (!layer) return;
  const {positive, negative, surface} = palette();
  const [x0, x1] = ends(layout, column);
  const at = forward ? t : 1 - t;
  const carried = layout.links[column].map(({from, to}) => layer.w[to][from] * (forward ? layer.x[from] : layer.delta[to]));
  const most = Math.max(1e-12, ...carried.map(Math.abs));
  const largest = 0.9 * thickest(layout);
  context.lineWidth = 1;
  context.strokeStyle = surface;
  layout.links[column].forEach(({from, to}, i) => {
    const radius = largest * Math.sqrt(Math.abs(carried[i]) / most);
    if (radius < 0.4) return;
    const y = heightAt(layout.units[column - 1][from].y, layout.units[column][to].y, at);
    context.beginPath();
    context.arc(x0 + (x1 - x0) * alongAt(at), y, radius, 0, 2 * Math.PI);
    context.fillStyle = carried[i] < 0 ? negative : positive;
    context.fill();
    context.stroke();
  });
}

/**
 * Links into a column, as thick as something that each weight has, such as its gradient.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} column
 * @param {(link: import("./layout.js").Link) => number} valueOf
 * @param {number} most the value of the thickest
 * @param {number} alpha
 */
export function drawChanges(context, layout, column, valueOf, most, alpha) {
  const {positive, negative, surface} = palette();
  for (const link of layout.links[column]) {
    const share = Math.abs(valueOf(link)) / (most || 1);
    if (share < 0.02) continue;
    context.globalAlpha = alpha;
    context.beginPath();
    traceLink(context, layout, column, link);
    const width = 1 + thickest(layout) * share;
    context.setLineDash([]);
    context.strokeStyle = surface;
    context.lineWidth = width + 2;
    context.stroke();
    context.strokeStyle = valueOf(link) < 0 ? negative : positive;
    context.lineWidth = width;
    context.setLineDash(valueOf(link) < 0 ? [4, 2] : []);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/**
 * A value on each unit of a column.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} column
 * @param {number[]} values
 * @param {boolean} framed whether the plates are framed, as those of deltas are
 */
export function drawValues(context, layout, column, values, framed) {
  const {surface, ink, accent} = palette();
  const small = layout.size < 24;
  context.font = `${small ? 10 : 11}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  layout.units[column].forEach(({x, y}, u) => {
    if (values[u] === undefined) return;
    const words = (framed ? "δ " : "") + number(values[u], 2);
    const width = context.measureText(words).width + 6;
    context.beginPath();
    context.roundRect(x - width / 2, y - 7.5, width, 15, 3);
    context.fillStyle = surface;
    context.fill();
    if (framed) {
      context.strokeStyle = accent;
      context.lineWidth = 1;
      context.stroke();
    }
    context.fillStyle = ink;
    context.fillText(words, x, y + 0.5);
  });
}
