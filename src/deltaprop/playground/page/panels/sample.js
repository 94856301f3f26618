// The choice of the sample whose numbers are shown: one of the data, one of the next batch, or a place in the plane.

import {element} from "../dom.js";
import {readNumber} from "../fields.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Numbers} from "../messages"
 */

const KINDS = /** @type {const} */ (["sample", "place", "inBatch"]);

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function createChooser(model) {
  const kind = element("select", {"data-about": "ask"});
  for (const name of KINDS) kind.append(bind(element("option", {value: name}), `numbers.by-${name}`));
  const fields = {
    index: numberField("index", {type: "number", min: "0", step: "1"}),
    x: numberField("x"),
    y: numberField("y"),
    target: numberField("target"),
  };

  /** What has been entered; nothing entered is 0. */
  function value(/** @type {keyof typeof fields} */ name) {
    const read = readNumber(fields[name].input.value || "0", {nullable: false});
    if (!("error" in read)) return Number(read.value);
    model.complain(`ask.${name}`, read.error);
    return NaN;
  }

  function select() {
    const none = {sample: null, place: null, inBatch: null, target: null};
    if (kind.value !== "place") {
      return model.select({...none, [kind.value]: Math.max(0, Math.round(value("index")))});
    }
    const [x, y, target] = /** @type {const} */ (["x", "y", "target"]).map(value);
    if (Number.isFinite(x + y + target)) model.select({...none, place: {x, y}, target});
  }

  function show() {
    const {sample, place, inBatch, run} = model.selection;
    const name = place ? "place" : inBatch !== null ? "inBatch" : "sample";
    kind.value = name;
    for (const one of [fields.x, fields.y, fields.target]) one.label.hidden = name !== "place";
    fields.index.label.hidden = name === "place";
    const points = model.runs[run]?.state.points.length ?? 1;
    fields.index.input.max = String((name === "sample" ? points : batch) - 1);
    write(fields.index.input, sample ?? inBatch);
    write(fields.x.input, place?.x ?? null);
    write(fields.y.input, place?.y ?? null);
  }

  let batch = 1;
  model.on("numbers", (/** @type {Numbers} */ numbers) => {
    batch = numbers.batch;
    if (model.selection.place) write(fields.target.input, numbers.target);
    show();
  });
  model.on("selection", show);
  model.on("run", show);
  kind.addEventListener("change", () => {
    const {x, y} = fields;
    if (kind.value !== "place") fields.index.input.value = "0";
    for (const one of [x, y]) one.input.value ||= "0";
    select();
  });
  for (const {input} of Object.values(fields)) input.addEventListener("change", select);
  show();
  const label = element("label", {class: "field"}, bind(element("span"), "numbers.of"), kind);
  return element("div", {class: "chooser"}, label, ...Object.values(fields).map((field) => field.label));
}

/** What is being typed stays. @param {HTMLInputElement} input @param {number | null} value */
function write(input, value) {
  if (document.activeElement === input) return;
  input.value = value === null ? "" : String(Number(value.toPrecision(4)));
}

/** @param {string} name @param {Record<string, string>} attributes */
function numberField(name, attributes = {type: "text", inputmode: "decimal", autocomplete: "off"}) {
  const input = element("input", {"data-about": `ask.${name}`, ...attributes});
  return {input, label: element("label", {class: "field"}, bind(element("span"), `numbers.${name}`), input)};
}
