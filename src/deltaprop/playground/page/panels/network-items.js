/** What can be reached in the picture of a network, and where the arrow keys lead. */

/** @import {Column} from "../messages" */

/**
 * A unit, its bias, or the link from unit `from` of the column before into it.
 * @typedef {{kind: "unit" | "bias" | "link", column: number, unit: number, from?: number}} Item
 */

/**
 * Left and right lead from a unit over a link to the next unit, or with Control at once to the next column; up and
 * down lead along a column, or among what one unit sums: its bias, and its links from the first to the last.
 * @param {Column[]} columns
 * @param {Item} item
 * @param {string} key
 * @param {boolean} control
 * @returns {Item | null} null where the key leads nowhere
 */
export function next(columns, item, key, control) {
  const units = columns[item.column].units.length;
  if (key === "Home") return {kind: "unit", column: item.column, unit: 0};
  if (key === "End") return {kind: "unit", column: item.column, unit: units - 1};
  if (control && (key === "ArrowLeft" || key === "ArrowRight")) {
    return unitIn(columns, item.column + (key === "ArrowRight" ? 1 : -1), item.unit);
  }
  if (key === "ArrowUp" || key === "ArrowDown") {
    const by = key === "ArrowDown" ? 1 : -1;
    return item.kind === "unit" ? along(item, units, by) : among(columns, item, by);
  }
  if (key === "ArrowLeft") {
    if (item.kind === "link") return {kind: "unit", column: item.column - 1, unit: item.from ?? 0};
    return linkInto(columns, item.column, item.unit, item.unit);
  }
  if (key === "ArrowRight") {
    if (item.kind !== "unit") return {kind: "unit", column: item.column, unit: item.unit};
    return linkInto(columns, item.column + 1, item.unit, item.unit);
  }
  return null;
}

/** @returns {Item | null} */
function along(/** @type {Item} */ item, /** @type {number} */ units, /** @type {number} */ by) {
  const unit = item.unit + by;
  return unit >= 0 && unit < units ? {kind: "unit", column: item.column, unit} : null;
}

/** @returns {Item | null} */
function among(/** @type {Column[]} */ columns, /** @type {Item} */ {column, unit, kind, from}, /** @type {number} */ by) {
  const place = (kind === "bias" ? -1 : (from ?? 0)) + by;
  const hasBias = columns[column].units[unit].bias !== null;
  if (place === -1 && hasBias) return {kind: "bias", column, unit};
  if (place >= 0 && place < columns[column - 1].units.length) return {kind: "link", column, unit, from: place};
  return null;
}

/** The link between two units, or between those nearest to them. @returns {Item | null} */
function linkInto(
  /** @type {Column[]} */ columns,
  /** @type {number} */ column,
  /** @type {number} */ to,
  /** @type {number} */ from,
) {
  if (column < 1 || column >= columns.length) return null;
  const unit = Math.min(to, columns[column].units.length - 1);
  return {kind: "link", column, unit, from: Math.min(from, columns[column - 1].units.length - 1)};
}

/** @returns {Item | null} */
function unitIn(/** @type {Column[]} */ columns, /** @type {number} */ column, /** @type {number} */ unit) {
  if (column < 0 || column >= columns.length) return null;
  return {kind: "unit", column, unit: Math.min(unit, columns[column].units.length - 1)};
}

/** The name of an item among the buttons. */
export function keyOf(/** @type {Item | null} */ item) {
  return item ? `${item.kind}.${item.column}.${item.unit}.${item.from ?? ""}` : "";
}

/** The item of a name. @returns {Item} */
export function itemOf(/** @type {string} */ key) {
  const [kind, column, unit, from] = key.split(".");
  const item = {kind: /** @type {Item["kind"]} */ (kind), column: Number(column), unit: Number(unit)};
  return from ? {...item, from: Number(from)} : item;
}

/** The link that an item is. @returns {import("../draw/layout.js").Link} */
export function linkOf(/** @type {Column[]} */ columns, /** @type {Item} */ {column, unit, from = 0}) {
  const inputs = columns[column - 1].units.length;
  return {index: (columns[column].weights ?? 0) + unit * inputs + from, from, to: unit};
}

/** The place in theta of a link's weight, or of a bias. */
export function indexOf(/** @type {Column[]} */ columns, /** @type {Item} */ item) {
  return item.kind === "link" ? linkOf(columns, item).index : (columns[item.column].units[item.unit].bias ?? 0);
}
