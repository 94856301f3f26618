/** What a unit is called. */

import {mathematical} from "../draw/network.js";
import {text} from "../text.js";

/** @param {import("../messages").Column[]} columns @param {number} c @param {number} u */
export function unitName(columns, c, u) {
  const {kind, units} = columns[c];
  const name = mathematical(units[u].name);
  if (kind === "inputs") return text("network.unitInput", {name});
  if (kind === "outputs") return text("network.unitOutput", {name});
  return text("network.unitHidden", {layer: c, unit: u + 1});
}
