/** The data: which set, how its samples are drawn, or how a table of one's own is used. */

import {element} from "../dom.js";
import {changeSetting, choice, follow, labelled} from "../fields.js";
import {iconButton} from "../icons.js";
import {bind} from "../text.js";
import {acceptDrops} from "./data-file.js";
import {dataSets} from "./data-sets.js";
import {tableControls} from "./data-table.js";

/** @import {Model} from "../model.js" */

const TENTHS = Array.from({length: 21}, (_, i) => i / 20);
const NOISE = TENTHS;
const SHARES = TENTHS.slice(0, 19);
const SAMPLES = [10, 20, 50, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000, 5000];
const CLASSES = [2, 3, 4];

/** @param {Model} model */
export function create(model) {
  const percent = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
  const noise = slider(model, "noise", NOISE, (value) => value.toFixed(2));
  const classes = slider(model, "classes", CLASSES, String);
  const table = tableControls(model);
  follow(model, "data.name", (name) => {
    table.hidden = name !== "table";
    noise.hidden = name === "table";
    classes.hidden = name !== "blobs";
  });
  const panel = element(
    "div",
    {class: "data-panel", "data-control": "data", "data-about": "data"},
    head(model),
    dataSets(model),
    table,
    classes,
    noise,
    slider(model, "samples", SAMPLES, String),
    slider(model, "test_share", SHARES, percent),
    counts(model),
    order(model),
  );
  acceptDrops(model);
  return panel;
}

/** The order in which an epoch shows the samples. @param {Model} model */
function order(model) {
  const field = labelled("data.order", choice(model, "order", "data.order"));
  field.classList.add("data-order");
  return field;
}

/** The title, and a button that draws other samples. @param {Model} model */
function head(model) {
  const draw = iconButton("dice", "data.draw", () => {
    const {seed} = model.runs[model.selection.run].wanted.data;
    changeSetting(model, "data.seed", (seed + 1) % 2 ** 32);
  });
  const name = element("span", {class: "muted"});
  follow(model, "data", ({name: chosen, seed}) => {
    bind(name, `data.${chosen}`);
    bind(draw, "data.draw_title", {seed}, "title");
  });
  return element("div", {class: "data-head"}, bind(element("h2"), "data.title"), name, draw);
}

/**
 * A setting on a scale of values; the present one may lie between them.
 * @param {Model} model
 * @param {"noise" | "samples" | "test_share" | "classes"} name
 * @param {number[]} values ascending
 * @param {(value: number) => string} show
 */
function slider(model, name, values, show) {
  const path = `data.${name}`;
  const range = element("input", {type: "range", min: "0", max: String(values.length - 1), step: "1", "data-about": path});
  const shown = element("span", {class: "data-value", "aria-hidden": "true"});
  follow(model, path, (value) => {
    range.value = String(nearest(values, value));
    shown.textContent = show(value);
    range.setAttribute("aria-valuetext", show(value));
  });
  range.addEventListener("input", () => changeSetting(model, path, values[Number(range.value)]));
  const label = element("label", {class: "data-slider", "data-control": name}, bind(element("span"), path), range, shown);
  return bind(label, `data.${name}_title`, {}, "title");
}

/**
 * @param {number[]} values
 * @param {number} value
 */
function nearest(values, value) {
  const distances = values.map((one) => Math.abs(one - value));
  return distances.indexOf(Math.min(...distances));
}

/** The numbers of samples, whether points were edited by hand, and a button that restores them. @param {Model} model */
function counts(model) {
  const parts = element("span");
  const restore = bind(element("button", {type: "button", class: "link"}), "data.restore");
  restore.addEventListener("click", () => model.send({kind: "point", run: model.selection.run, action: "restore"}));
  const edited = element("span", {}, bind(element("span"), "data.edited"), " ", restore);
  const update = () => {
    const {points, points_edited} = model.runs[model.selection.run].state;
    const test = points.filter((point) => point.test).length;
    bind(parts, "data.parts", {train: points.length - test, test});
    edited.hidden = !points_edited;
  };
  model.on("run", update);
  model.on("selection", update);
  update();
  return element("p", {class: "data-counts muted"}, parts, edited);
}
