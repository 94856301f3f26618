/** The settings bar: what may change while training goes on, and what begins a new run. */

import {newSeed} from "../actions.js";
import {element} from "../dom.js";
import {number as formatted} from "../draw/format.js";
import {choice, combo, follow, labelled} from "../fields.js";
import {icon, iconButton} from "../icons.js";
import {bind} from "../text.js";
import {popover} from "./popover.js";

/** @import {Model} from "../model.js" */

/**
 * 1 and 3 times the powers of ten.
 * @param {number} from exponent
 * @param {number} to
 */
const decades = (from, to) =>
  Array.from({length: 2 * (to - from)}, (_, i) => Number(`${i % 2 ? 3 : 1}e${from + (i >> 1)}`));

const RATES = [...decades(-5, 1), 10];
const BATCHES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const PENALTIES = [0, ...decades(-5, 0)];
const NORMS = [0.01, 0.1, 0.5, 1, 2, 5, 10, 100];
const LENGTHS = [1000, 2000, 5000, 10000, 20000, 50000, 100000];

/** @param {Model} model */
export function create(model) {
  const live = group("live");
  live.append(
    rate(model),
    optimizer(model),
    schedule(model),
    number(model, "batch_size", "settings.batch_size", BATCHES),
    number(model, "l1", "settings.l1", PENALTIES),
    number(model, "l2", "settings.l2", PENALTIES),
    number(model, "clip_norm", "settings.clip_norm", NORMS),
  );
  const anew = group("anew");
  anew.append(
    chosen("settings.loss", choice(model, "loss", "settings.loss"), "wide"),
    chosen("settings.initializer", choice(model, "initializer", "settings.initializer")),
    seed(model),
  );
  return element("div", {class: "settings"}, live, anew);
}

/** @param {"live" | "anew"} name */
function group(name) {
  const legend = bind(element("legend", {class: "visually-hidden"}), `settings.${name}_title`);
  const words = bind(element("span"), `settings.${name}`);
  const sign = element("span", {class: "sign", "aria-hidden": "true"}, icon(name === "live" ? "live" : "reset"), words);
  bind(sign, `settings.${name}_title`, {}, "title");
  return element("fieldset", {class: name}, legend, sign);
}

/**
 * @param {Model} model
 * @param {string} path
 * @param {string} key
 * @param {number[]} proposals
 */
function number(model, path, key, proposals) {
  const {input, element: box} = combo(model, path, proposals);
  return labelled(key, input, box);
}

/**
 * @param {string} key
 * @param {HTMLElement} control
 * @param {string} [width]
 */
function chosen(key, control, width = "") {
  const field = labelled(key, control);
  field.className = `field choice ${width}`;
  return field;
}

/** The rate; where a schedule changes it, the present one stands beside the label. @param {Model} model */
function rate(model) {
  const {input, element: box} = combo(model, "optimizer.learning_rate", RATES);
  const field = labelled("settings.rate", input, box);
  const label = /** @type {HTMLElement} */ (field.firstElementChild);
  const now = element("span", {class: "muted"});
  field.prepend(element("span", {class: "rate-head"}, label, now));
  const update = () => {
    const {state, frame} = model.runs[model.selection.run];
    const scheduled = state.settings.optimizer.schedule !== "constant";
    field.classList.toggle("scheduled", scheduled);
    now.hidden = !scheduled;
    bind(label, scheduled ? "settings.rate_short" : "settings.rate");
    bind(now, "settings.rate_now", {rate: formatted(frame?.rate ?? NaN)});
  };
  for (const kind of /** @type {const} */ (["frame", "selection"])) model.on(kind, update);
  return field;
}

/** The rule, and its own numbers behind a button. @param {Model} model */
function optimizer(model) {
  const rule = choice(model, "optimizer.name", "settings.optimizer", (name) => {
    // The numbers of one rule are none of another's.
    model.change(model.selection.run, {optimizer: {name: /** @type {any} */ (name), numbers: {}}});
  });
  const numbers = element("div", {class: "numbers-of-rule"});
  let shown = "";
  follow(model, "optimizer.name", (name) => {
    if (name === shown) return;
    shown = name;
    numbers.replaceChildren(
      ...Object.entries(model.options.rule_numbers[name]).map(([key, value]) => ruleNumber(model, key, Number(value))),
    );
  });
  const button = popover("more", "settings.rule_numbers", numbers);
  return element("div", {class: "row tight"}, chosen("settings.optimizer", rule), button);
}

/**
 * @param {Model} model
 * @param {string} name
 * @param {number} value its default
 */
function ruleNumber(model, name, value) {
  const near = name === "epsilon" ? decades(-12, -3) : value >= 0.5 ? [0, 0.5, 0.9, 0.99, 0.999] : [0, ...decades(-5, 0)];
  const {input, element: box} = combo(model, `optimizer.numbers.${name}`, near, value);
  return labelled(`settings.number_${name}`, input, box);
}

/** The schedule, and the steps that it spans. @param {Model} model */
function schedule(model) {
  const name = chosen("settings.schedule", choice(model, "optimizer.schedule", "settings.schedule"));
  const steps = number(model, "optimizer.schedule_steps", "settings.schedule_steps", LENGTHS);
  follow(model, "optimizer.schedule", (value) => (steps.hidden = value === "constant"));
  return element("div", {class: "row tight"}, name, steps);
}

/** The seed of the run, and a button for another one. @param {Model} model */
function seed(model) {
  const {input} = combo(model, "seed", []);
  const another = iconButton("dice", "settings.new_seed", () => newSeed(model));
  return element("div", {class: "row tight"}, labelled("settings.seed", input), another);
}
