/** How a table of one's own is used: its target, the task, and what the plane shows. */

import {element} from "../dom.js";
import {changeSetting, follow, labelled} from "../fields.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Settings} from "../messages.d.ts"
 *
 * @typedef {NonNullable<Settings["data"]["table"]>} Use
 * @typedef {{name: string, rows: number, columns: {name: string, kind: string}[]}} Description
 */

const TARGETS = ["number", "boolean", "id", "category"];

/** @param {Model} model @returns {Description | null} */
export const description = (model) => /** @type {any} */ (model.session?.table ?? null);

/**
 * Change how the table is used.
 * @param {Model} model
 * @param {Partial<Use>} part
 */
export function use(model, part) {
  const {table} = model.runs[model.selection.run].wanted.data;
  changeSetting(model, "data.table", {...table, ...part});
}

/** @param {Model} model */
export function tableControls(model) {
  const name = element("p", {class: "data-table-name"});
  const target = element("select", {"data-about": "data.table.target"});
  const task = element("select", {"data-about": "data.table.task"});
  for (const one of ["auto", "classification", "regression"]) {
    task.append(bind(element("option", {value: one}), `data.task_${one}`));
  }
  target.addEventListener("change", () => use(model, {target: target.value, columns: [], axes: [], task: "auto"}));
  task.addEventListener("change", () => use(model, {task: /** @type {Use["task"]} */ (task.value)}));

  follow(model, "data.table", (/** @type {Use | null} */ table) => {
    const about = description(model);
    if (!table || !about) return;
    bind(name, "data.table_rows", {name: about.name, rows: about.rows});
    fill(target, about.columns.filter((one) => TARGETS.includes(one.kind)).map((one) => one.name), table.target);
    task.value = table.task;
    const text = about.columns.some((one) => one.name === table.target && one.kind === "category");
    for (const option of task.options) option.disabled = text && option.value === "regression";
  });
  return element(
    "div",
    {class: "data-table", "data-about": "data.table"},
    name,
    labelled("data.target", target),
    labelled("data.task", task),
    ...planeControls(model),
  );
}

/** The plane: two principal components, or two of the inputs. @param {Model} model */
function planeControls(model) {
  const plane = element("select", {"data-about": "data.table.axes"});
  for (const one of ["components", "columns"]) plane.append(bind(element("option", {value: one}), `data.plane_${one}`));
  const axes = [element("select", {"data-about": "data.table.axes"}), element("select", {})];
  const fields = [labelled("data.plane_x", axes[0]), labelled("data.plane_y", axes[1])];
  const inputs = () => model.runs[model.selection.run].state.columns[0].units.map((unit) => unit.name);

  plane.addEventListener("change", () => use(model, {axes: plane.value === "columns" ? inputs().slice(0, 2) : []}));
  axes.forEach((select, which) =>
    select.addEventListener("change", () => {
      const [x, y] = axes.map((one) => one.value);
      const other = which === 0 ? y : x;
      // The same column on both axes: they change places.
      const before = model.runs[model.selection.run].wanted.data.table?.axes ?? [];
      use(model, {axes: select.value === other ? [before[1], before[0]] : [x, y]});
    }),
  );
  follow(model, "data.table", (/** @type {Use | null} */ table) => {
    const chosen = table?.axes ?? [];
    plane.value = chosen.length ? "columns" : "components";
    fields.forEach((field) => (field.hidden = chosen.length === 0));
    chosen.forEach((name, i) => fill(axes[i], inputs(), name));
  });
  return [labelled("data.plane_axes", plane), ...fields];
}

/**
 * Offer names, of which one is chosen.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 * @param {string} chosen
 */
function fill(select, names, chosen) {
  select.replaceChildren(...names.map((name) => element("option", {value: name}, name)));
  select.value = chosen;
}
