// The numbers of one pass: x, z, a, f′ and δ of every unit for one sample, the equations of one unit, the chain of one
// weight. Everything shown comes from the server's trace.

import {element} from "../dom.js";
import {oncePerFrame} from "../draw/surface.js";
import {patch} from "../patch.js";
import {grouped, number} from "../draw/format.js";
import {text} from "../text.js";
import {showChain} from "./chain.js";
import {equations} from "./equations.js";
import {createChooser} from "./sample.js";
import {columnTitle} from "./titles.js";
import {unitName} from "./unit-name.js";

/**
 * @import {Model} from "../model.js"
 * @import {Chain, LayerNumbers, Numbers, RunState} from "../messages"
 */

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function create(model) {
  const chooser = createChooser(model);
  const body = element("div", {class: "numbers-body"});
  const panel = element("section", {class: "numbers", "data-control": "numbers"}, chooser, body);
  /** @type {Numbers | null} */
  let numbers = null;
  /** @type {Chain | null} */
  let chain = null;

  const show = oncePerFrame(() => {
    if (!panel.checkVisibility()) return; // when it is opened again, what it shows is asked for anew
    const {run, weight} = model.selection;
    const state = model.runs[run]?.state;
    const chosen = numbers?.run === run && state && fits(numbers, state) ? numbers : null;
    const linked = chain?.run === run && weight !== null ? chain : null;
    patch(body, element("div", {class: "numbers-body"}, ...content(model, chosen, linked, state)));
  });

  model.on("numbers", (reply) => {
    numbers = reply;
    show();
  });
  model.on("chain", (reply) => {
    chain = reply;
    show();
  });
  model.on("trouble", ({about}) => {
    if (about === "ask") numbers = null; // those of the question before would be taken for the answer
    if (about === "ask" || about === "chain") chain = null;
    show();
  });
  for (const kind of /** @type {const} */ (["selection", "run", "language"])) model.on(kind, show);
  listen(panel, model);
  model.on("drawer", (tab) => tab === "numbers" && choose(model));
  choose(model);
  show();
  return panel;
}

/** The first sample, where nothing is chosen. @param {Model} model */
function choose(model) {
  const {sample, place, inBatch} = model.selection;
  if (sample === null && place === null && inBatch === null) model.select({sample: 0});
}

/** Whether numbers are of the network that the picture shows. @param {Numbers} numbers @param {RunState} state */
function fits(numbers, {columns}) {
  return numbers.layers.every(({column, z}) => z.length === columns[column]?.units.length);
}

/** Units and weights are chosen by click, keyboard, and pointing. @param {HTMLElement} panel @param {Model} model */
function listen(panel, model) {
  panel.addEventListener("click", (event) => {
    const unit = closest(event, "unit");
    if (unit === null) return;
    const [column, index] = unit.split(".").map(Number);
    model.select({unit: {column, unit: index}});
  });
  for (const kind of ["pointerover", "focusin", "click"]) {
    panel.addEventListener(kind, (event) => {
      const weight = closest(event, "weight");
      if (weight !== null && Number(weight) !== model.selection.weight) model.select({weight: Number(weight)});
    });
  }
}

/** @param {Event} event @param {string} name of the data attribute @returns {string | null} its value */
function closest(event, name) {
  const target = event.target instanceof Element ? event.target.closest(`[data-${name}]`) : null;
  return target?.getAttribute(`data-${name}`) ?? null;
}

/**
 * @param {Model} model
 * @param {Numbers | null} numbers
 * @param {Chain | null} chain
 * @param {RunState} state
 */
function content(model, numbers, chain, state) {
  if (!numbers) return [element("p", {class: "hint"}, text("numbers.choose"))];
  const {unit} = model.selection;
  const {columns} = state;
  const parts = [summary(numbers, state), section("chain", showChain(chain, state))];
  if (unit && unit.column > 0 && columns[unit.column]?.units[unit.unit]) {
    const title = text("numbers.equations", {unit: unitName(state, unit.column, unit.unit)});
    const steps = equations(numbers, state, unit.column, unit.unit);
    parts.push(element("section", {class: "equations"}, element("h3", {}, title), ...steps));
  } else {
    parts.push(element("p", {class: "hint"}, text("numbers.chooseUnit")));
  }
  const tables = numbers.layers.map((layer) => table(layer, state, unit, numbers.training));
  parts.push(element("div", {class: "layers"}, inputs(numbers, state), ...tables), printed(numbers));
  return parts;
}

/** @param {string} key @param {...(Node | string)} children */
function section(key, ...children) {
  return element("section", {class: key}, element("h3", {}, text(`numbers.${key}`)), ...children);
}

/** @param {Numbers} numbers @param {RunState} state */
function summary(numbers, {class_names: names}) {
  const {prediction: y} = numbers;
  const prediction = y.length > 1 ? y.map((p, k) => `${names[k]}: ${number(p)}`) : [number(y[0])];
  const values = {
    x: number(numbers.x),
    y: number(numbers.y),
    target: names[numbers.target] ?? number(numbers.target),
    prediction: prediction.join(",  "),
    loss: number(numbers.loss, 4),
    value: number(numbers.value, 4),
    step: grouped(numbers.step),
    n: numbers.batch,
  };
  const lines = [
    text("numbers.summary", values),
    text(numbers.training ? "numbers.inTraining" : "numbers.alone", values),
  ];
  return element("div", {class: "summary"}, ...lines.map((words, i) => element("p", i ? {class: "hint"} : {}, words)));
}

/** @param {Numbers} numbers @param {RunState} state */
function inputs(numbers, {columns}) {
  const rows = columns[0].units.map(({name}, j) =>
    element("tr", {}, element("th", {scope: "row"}, name), element("td", {}, number(numbers.layers[0].x[j]))),
  );
  const head = element(
    "tr",
    {},
    element("th", {scope: "col"}, text("numbers.input")),
    element("th", {scope: "col"}, "x"),
  );
  return element(
    "table",
    {class: "inputs"},
    element("caption", {}, columnTitle(0, columns.length)),
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}

/**
 * @param {LayerNumbers} layer
 * @param {RunState} state
 * @param {{column: number, unit: number} | null} selected
 * @param {boolean} training whether ∂E/∂b is the mean over a batch; of a single sample it is δ
 */
function table(layer, state, selected, training) {
  const {column} = layer;
  const {columns} = state;
  const columnsShown = /** @type {[string, number[]][]} */ ([
    ["z", layer.z],
    ["a", layer.a],
    ["f′", layer.f_prime],
    ["δ", layer.delta],
    ["∂E/∂b", training ? layer.d_b : []],
  ]).filter(([, values]) => values?.length);
  const heads = [text("numbers.units"), ...columnsShown.map(([name]) => name)];
  const rows = columns[column].units.map((_, i) => {
    const pressed = String(selected?.column === column && selected.unit === i);
    const attributes = {
      class: "link",
      "data-unit": `${column}.${i}`,
      "aria-pressed": pressed,
      "aria-label": unitName(state, column, i),
    };
    const button = element("button", {type: "button", ...attributes}, String(i + 1));
    const cells = columnsShown.map(([, values]) => element("td", {}, number(values[i])));
    return element(
      "tr",
      pressed === "true" ? {class: "selected"} : {},
      element("th", {scope: "row"}, button),
      ...cells,
    );
  });
  return element(
    "table",
    {},
    element(
      "caption",
      {},
      `${columnTitle(column, columns.length)}: ${layer.title}, ‖δ‖ = ${number(Math.hypot(...layer.delta))}`,
    ),
    element("thead", {}, element("tr", {}, ...heads.map((name) => element("th", {scope: "col"}, name)))),
    element("tbody", {}, ...rows),
  );
}

/** The trace as the library prints it. @param {Numbers} numbers */
function printed(numbers) {
  const print = element("pre", {tabindex: "0", "aria-label": text("numbers.printed")}, numbers.text);
  return element("details", {}, element("summary", {}, text("numbers.printed")), print);
}
