// Contour lines of a grid of values, by marching squares.

/** Ends of a piece of contour, in cells of the grid. @typedef {[number, number, number, number]} Piece */

/**
 * @param {number[][]} rows values; a cell with one that is not finite has no contour
 * @param {number} level
 * @returns {Piece[]} x0, y0, x1, y1
 */
export function contour(rows, level) {
  /** @type {Piece[]} */
  const pieces = [];
  for (let i = 0; i + 1 < rows.length; i++) {
    for (let j = 0; j + 1 < rows[i].length; j++) {
      const corners = [rows[i][j], rows[i][j + 1], rows[i + 1][j + 1], rows[i + 1][j]];
      if (!corners.every(Number.isFinite)) continue;
      const ends = crossings(corners, level).map(([x, y]) => [j + x, i + y]);
      for (let k = 0; k + 1 < ends.length; k += 2)
        pieces.push([ends[k][0], ends[k][1], ends[k + 1][0], ends[k + 1][1]]);
    }
  }
  return pieces;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * Where the level crosses the sides of one cell: none, two or four places.
 * @param {number[]} corners around the cell
 * @param {number} level
 */
function crossings(corners, level) {
  const found = [];
  for (let k = 0; k < 4; k++) {
    const [from, to] = [corners[k], corners[(k + 1) % 4]];
    if (from < level === to < level) continue;
    const share = (level - from) / (to - from);
    const [a, b] = [CORNERS[k], CORNERS[(k + 1) % 4]];
    found.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
  }
  return found;
}
