/** The columns of a table that are inputs. */

import {element} from "../dom.js";
import {follow} from "../fields.js";
import {bind} from "../text.js";
import {description, use} from "./data-table.js";

/**
 * @import {Model} from "../model.js"
 * @import {Use} from "./data-table.js"
 */

const INPUTS = ["number", "boolean", "id"];
const FEWEST = 2; // the plane shows two

/** @param {Model} model */
export function columnChoice(model) {
  const list = element("fieldset", {class: "features-columns"});
  bind(list, "features.columns", {}, "aria-label");
  let shown = "";
  const update = (/** @type {Use | null} */ table) => {
    const about = description(model);
    if (!table || !about) return;
    const names = about.columns.filter((one) => INPUTS.includes(one.kind) && one.name !== table.target).map((one) => one.name);
    const inputs = model.runs[model.selection.run].state.columns[0].units.map((unit) => unit.name);
    const chosen = table.columns.length ? [...table.columns] : names.filter((name) => inputs.includes(name));
    if (JSON.stringify(names) !== shown) list.replaceChildren(...names.map((name) => box(model, name, names, list)));
    shown = JSON.stringify(names);
    const most = model.options.schema.properties.features.maxItems;
    for (const input of list.querySelectorAll("input")) {
      input.checked = chosen.includes(input.value);
      input.disabled = input.checked ? chosen.length <= FEWEST : chosen.length >= most;
    }
  };
  follow(model, "data.table", update);
  return list;
}

/**
 * @param {Model} model
 * @param {string} name
 * @param {string[]} names of all columns, in whose order the inputs are
 * @param {HTMLElement} list
 */
function box(model, name, names, list) {
  const input = element("input", {type: "checkbox", value: name});
  input.addEventListener("change", () => {
    const checked = new Set([...list.querySelectorAll("input")].filter((one) => one.checked).map((one) => one.value));
    const axes = model.runs[model.selection.run].wanted.data.table?.axes ?? [];
    use(model, {columns: names.filter((one) => checked.has(one)), axes: axes.every((one) => checked.has(one)) ? axes : []});
  });
  return element("label", {title: name}, input, element("span", {}, name));
}
