/** What a unit is called. */

import {mathematical} from "../draw/network.js";
import {text} from "../text.js";

/** @param {import("../messages").RunState} state @param {number} c @param {number} u */
export function unitName({columns, class_names}, c, u) {
  const {kind, units} = columns[c];
  if (kind === "inputs") return text("network.unitInput", {name: mathematical(units[u].name)});
  if (kind === "hidden") return text("network.unitHidden", {layer: c, unit: u + 1});
  return units.length > 1 ? text("network.unitClass", {name: class_names[u] ?? u}) : text("network.unitOutput");
}
