/** The data sets as small pictures, one of which is chosen, and a button for a CSV file of one's own. */

import {element} from "../dom.js";
import {drawThumbnail} from "../draw/thumbnails.js";
import {follow} from "../fields.js";
import {icon} from "../icons.js";
import {bind} from "../text.js";
import {fileButton} from "./data-file.js";

/** @import {Model, SettingsPart} from "../model.js" */

const SIZE = 72; // pixels of a picture, shown at half of it

/** @param {Model} model */
export function dataSets(model) {
  const group = element("div", {class: "data-sets", role: "radiogroup"});
  bind(group, "data.sets", {}, "aria-label");
  const {classification, regression} = model.options;
  const pictures = [...classification, ...regression].map((name) => ({name, canvas: picture()}));
  const tiles = pictures.map(({name, canvas}) => tile(model, name, canvas));
  const table = tile(model, "table", icon("numbers"));
  group.append(...tiles, table, fileButton(model));

  const draw = () => pictures.forEach(({name, canvas}) => drawThumbnail(canvas, name));
  const showTable = () => (table.hidden = !model.session?.table);
  model.on("theme", draw);
  model.on("session", showTable);
  draw();
  showTable();
  return group;
}

function picture() {
  const canvas = element("canvas", {"aria-hidden": "true"});
  canvas.width = canvas.height = SIZE;
  return canvas;
}

/**
 * @param {Model} model
 * @param {string} name
 * @param {Element} image
 */
function tile(model, name, image) {
  const input = element("input", {type: "radio", name: "data-set", value: name});
  bind(input, `data.${name}`, {}, "aria-label");
  input.addEventListener("change", () => choose(model, name));
  follow(model, "data.name", (present) => (input.checked = present === name));
  return bind(element("label", {class: "data-set"}, input, image), `data.${name}_title`, {}, "title");
}

/**
 * Another data set; a loss that was chosen for another task is left to the task again.
 * @param {Model} model
 * @param {string} name
 */
function choose(model, name) {
  const {run} = model.selection;
  const {wanted, state} = model.runs[run];
  const table = /** @type {any} */ (model.session?.table)?.suggested;
  const data = name === "table" ? {name, samples: table.samples, table: table.table} : {name, table: null};
  const sameTask = name !== "table" && model.options.regression.includes(name) === (state.classes === 0);
  model.change(run, /** @type {SettingsPart} */ ({data, loss: sameTask ? wanted.loss : "auto"}));
}
