// What the columns of the network's picture are called.

import {text} from "../text.js";

/**
 * @param {number} column 0: the features
 * @param {number} count of columns
 */
export function columnTitle(column, count) {
  if (column === 0) return text("numbers.features");
  return column === count - 1 ? text("numbers.output") : text("numbers.hidden", {layer: column});
}
