/** Controls of settings, made from the declarations of settings.py: bounds, choices and the present value. */

import {element} from "./dom.js";
import {bind, hasText, text} from "./text.js";

/**
 * @import {Model, SettingsPart} from "./model.js"
 *
 * @typedef {object} Bounds
 * @property {number} [minimum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [maximum]
 * @property {string} [type]
 * @property {string[]} [enum]
 */

/**
 * The declaration of a setting.
 * @param {any} schema of the settings
 * @param {string} path such as "optimizer.learning_rate"
 * @returns {Bounds & {nullable: boolean}}
 */
function declaration(schema, path) {
  let at = schema;
  for (const name of path.split(".")) {
    at = at.properties?.[name] ?? at.additionalProperties;
    if (at?.$ref) at = schema.$defs[at.$ref.split("/").at(-1)];
  }
  const {anyOf = [at]} = at;
  const nullable = anyOf.some((/** @type {Bounds} */ one) => one.type === "null");
  return {...anyOf.find((/** @type {Bounds} */ one) => one.type !== "null"), nullable};
}

/**
 * @param {any} settings
 * @param {string} path
 */
function settingAt(settings, path) {
  return path.split(".").reduce((part, name) => part?.[name], settings);
}

/**
 * Change one setting of the selected run.
 * @param {Model} model
 * @param {string} path
 * @param {any} value
 */
export function changeSetting(model, path, value) {
  const {run} = model.selection;
  const [first, ...rest] = path.split(".");
  let part = value;
  // `data` and `optimizer` are merged one level deep by the model; what lies deeper is merged here.
  for (const [depth, name] of [...rest.entries()].reverse()) {
    const above = depth === 0 ? {} : settingAt(model.runs[run].wanted, [first, ...rest.slice(0, depth)].join("."));
    part = {...above, [name]: part};
  }
  model.change(run, /** @type {SettingsPart} */ ({[first]: part}));
}

/**
 * A number as a control shows it.
 * @param {number | null | undefined} value
 */
export function plainNumber(value) {
  if (value === null || value === undefined) return "";
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace("e+", "e") : String(value);
}

/**
 * What a person has entered, as a value of the setting.
 * @param {string} entered
 * @param {Bounds & {nullable: boolean}} bounds
 * @returns {{value: number | null} | {error: string}} the error in the language of the page
 */
export function readNumber(entered, bounds) {
  const words = entered.trim().replace("−", "-").replace(",", ".");
  if (words === "" && bounds.nullable) return {value: null};
  const value = Number(words);
  const {minimum, exclusiveMinimum, maximum, type} = bounds;
  const low = minimum ?? exclusiveMinimum ?? -Infinity;
  const whole = type === "integer";
  const inside = value >= low && (exclusiveMinimum === undefined || value > exclusiveMinimum) && value <= (maximum ?? Infinity);
  if (words !== "" && inside && (!whole || Number.isInteger(value))) return {value};
  const kind = text(whole ? "shell.whole_number" : "shell.a_number");
  const range = text(exclusiveMinimum === undefined ? "shell.range" : "shell.range_above", {low, high: maximum ?? "∞"});
  return {error: text("shell.bad_number", {got: entered.trim() || "–", kind, range})};
}

let fields = 0;

/**
 * A label over a control.
 * @param {string} key
 * @param {HTMLElement} control
 * @param {HTMLElement} [shown] what stands under the label, if more than the control
 * @returns {HTMLElement}
 */
export function labelled(key, control, shown = control) {
  control.id = `field-${++fields}`;
  const label = bind(element("label", {for: control.id}), key);
  const field = element("div", {class: "field"}, label, shown);
  if (hasText(`${key}_title`)) bind(field, `${key}_title`, {}, "title");
  return field;
}

/**
 * A choice of one of the names that the setting can have.
 * @param {Model} model
 * @param {string} path
 * @param {string} words beginning of the keys of the names' words
 * @param {(value: string) => void} [choose]
 */
export function choice(model, path, words, choose = (value) => changeSetting(model, path, value)) {
  const select = element("select", {"data-about": path});
  for (const name of declaration(model.options.schema, path).enum ?? []) {
    const option = element("option", {value: name});
    if (hasText(`${words}_${name}`)) bind(option, `${words}_${name}`);
    else option.textContent = name;
    select.append(option);
  }
  select.addEventListener("change", () => choose(select.value));
  follow(model, path, (value) => (select.value = value));
  return select;
}

/**
 * A number: free entry, proposals behind an arrow, and the next proposal by the arrow keys.
 * @param {Model} model
 * @param {string} path
 * @param {number[]} proposals ascending
 * @param {number} [otherwise] shown where the settings have no value
 */
export function combo(model, path, proposals, otherwise) {
  const bounds = declaration(model.options.schema, path);
  const input = element("input", {type: "text", inputmode: "decimal", autocomplete: "off", "data-about": path});
  if (bounds.nullable) bind(input, "shell.none", {}, "placeholder");
  const list = element("select", {tabindex: "-1", "aria-hidden": "true"});
  for (const value of proposals) list.append(element("option", {value: String(value)}, plainNumber(value)));
  if (bounds.nullable) list.prepend(bind(element("option", {value: ""}), "shell.none"));
  const present = () => settingAt(model.runs[model.selection.run]?.wanted, path) ?? otherwise ?? null;
  let typing = false;
  const show = () => {
    input.value = plainNumber(present());
    list.value = String(present() ?? "");
  };

  /** @param {string} entered */
  function enter(entered) {
    typing = false;
    const read = readNumber(entered, bounds);
    if ("error" in read) model.complain(path, read.error);
    else if (read.value !== present()) changeSetting(model, path, read.value);
    show();
  }
  input.addEventListener("change", () => enter(input.value));
  list.addEventListener("change", () => enter(list.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") enter(plainNumber(present()));
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const next = neighbour(proposals, Number(input.value), event.key === "ArrowUp");
    if (next !== undefined) enter(String(next));
  });
  input.addEventListener("input", () => (typing = true));
  input.addEventListener("blur", () => (typing = false));
  follow(model, path, () => typing || show());
  return {input, element: element("span", {class: "combo"}, input, list)};
}

/**
 * The next proposal above or below a value.
 * @param {number[]} proposals
 * @param {number} value
 * @param {boolean} up
 */
function neighbour(proposals, value, up) {
  return up ? proposals.find((one) => one > value) : proposals.filter((one) => one < value).at(-1);
}

/**
 * Call with the value of a setting of the selected run, now and whenever it may have changed.
 * @param {Model} model
 * @param {string} path
 * @param {(value: any) => void} show
 */
export function follow(model, path, show) {
  const update = () => {
    const view = model.runs[model.selection.run];
    if (view) show(settingAt(view.wanted, path));
  };
  model.on("run", update);
  model.on("selection", update);
  update();
}
