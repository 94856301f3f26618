// Where the parts of a network's picture lie.

/** @typedef {import("../messages").Column} Column */

/**
 * @typedef {object} Link
 * @property {number} index of the weight in theta
 * @property {number} from unit of the column before
 * @property {number} to unit of its own column
 *
 * @typedef {object} Place
 * @property {number} x middle
 * @property {number} y middle
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} size side of a unit's picture
 * @property {number[]} beside room for a name beside the units of each column
 * @property {Place[][]} units of each column
 * @property {Link[][]} links into each column; none into the inputs
 * @property {number[]} first number of the first unit of each column, among all pictures
 */

const LARGEST = 46;
const SMALLEST = 13;

/**
 * Shares of the width that columns have: where names need it, inputs and outputs get more room.
 * @param {Column[]} columns
 */
export function columnShares(columns) {
  const many = columns.length > 6;
  return columns.map(({kind, units}) => {
    if (kind === "inputs") return many || units.some(({name}) => name.length > 4) ? 1.5 : 1;
    return kind === "outputs" && units.length > 1 && many ? 1.5 : 1;
  });
}

/**
 * @param {Column[]} columns
 * @param {number} width of the stage
 * @param {number} height
 * @returns {Layout}
 */
export function layoutNetwork(columns, width, height) {
  const shares = columnShares(columns);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const widths = shares.map((share) => (width * share) / total);
  const most = Math.max(...columns.map((c) => c.units.length));
  const pitch = Math.min(1.3 * LARGEST, (height - 6) / most);
  const size = Math.round(Math.max(SMALLEST, Math.min(LARGEST, 0.8 * pitch, 0.46 * Math.min(...widths))));
  let [count, left] = [0, 0];
  const first = columns.map((c) => (count += c.units.length) - c.units.length);
  const units = columns.map((column, c) => {
    // In a wider column the units stand nearer to the others, and the names at the outer side.
    const aside = (widths[c] - Math.min(...widths)) / 2;
    const x = Math.round(left + widths[c] / 2 + (c === 0 ? aside : -aside));
    left += widths[c];
    return column.units.map((_, u) => ({x, y: Math.round(height / 2 + (u - (column.units.length - 1) / 2) * pitch)}));
  });
  const beside = widths.map((w) => w - Math.min(...widths) / 2 - size / 2 - 8);
  return {width, height, size, beside, units, links: columns.map((column, c) => linksInto(column, columns[c - 1])), first};
}

/** @param {Column} column @param {Column | undefined} before @returns {Link[]} */
function linksInto(column, before) {
  const {weights} = column;
  if (!before || weights === null) return [];
  const inputs = before.units.length;
  return column.units.flatMap((_, to) =>
    before.units.map((_, from) => ({index: weights + to * inputs + from, from, to})),
  );
}

/**
 * The two ends of the links between a column and the one before.
 * @param {Layout} layout
 * @param {number} column
 * @returns {[number, number]}
 */
export function ends(layout, column) {
  const half = layout.size / 2 + 1;
  return [layout.units[column - 1][0].x + half, layout.units[column][0].x - half];
}

/**
 * Height of a link where its parameter is t: links are Bézier curves that leave and arrive level.
 * @param {number} y0
 * @param {number} y1
 * @param {number} t
 */
export function heightAt(y0, y1, t) {
  return y0 + (y1 - y0) * t * t * (3 - 2 * t);
}

/** Share of the way, from left to right, where the parameter of a link is t. */
export function alongAt(/** @type {number} */ t) {
  return 1.5 * t * (1 - t) * (1 - t) + 1.5 * t * t * (1 - t) + t * t * t;
}

/**
 * The link nearest to a place, if one is near enough.
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {{column: number, link: Link} | null}
 */
export function linkAt(layout, x, y, reach) {
  for (let column = 1; column < layout.units.length; column++) {
    const [x0, x1] = ends(layout, column);
    if (x < x0 || x > x1) continue;
    const t = parameterAt((x - x0) / (x1 - x0));
    let [best, distance] = [/** @type {Link | null} */ (null), reach];
    for (const link of layout.links[column]) {
      const y0 = layout.units[column - 1][link.from].y;
      const y1 = layout.units[column][link.to].y;
      // Steep links are nearer than their height tells.
      const slope = ((y1 - y0) * 6 * t * (1 - t)) / (x1 - x0);
      const d = Math.abs(y - heightAt(y0, y1, t)) / Math.hypot(1, slope);
      if (d < distance) [best, distance] = [link, d];
    }
    return best && {column, link: best};
  }
  return null;
}

/** The inverse of `alongAt`, by bisection. */
function parameterAt(/** @type {number} */ share) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (alongAt(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The middle of a link.
 * @param {Layout} layout
 * @param {number} column
 * @param {Link} link
 * @returns {Place}
 */
export function middleOf(layout, column, link) {
  const [x0, x1] = ends(layout, column);
  return {x: (x0 + x1) / 2, y: (layout.units[column - 1][link.from].y + layout.units[column][link.to].y) / 2};
}

/** Where the mark of a unit's bias lies: at the lower left of its picture. */
export function biasPlace(/** @type {Layout} */ layout, /** @type {number} */ column, /** @type {number} */ unit) {
  const {x, y} = layout.units[column][unit];
  const half = layout.size / 2;
  return {x: x - half - 1, y: y + half - 1};
}
