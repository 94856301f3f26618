// The four equations of backpropagation for one unit, with the numbers of one sample filled in.

import {element} from "../dom.js";
import {number} from "../draw/format.js";
import {text} from "../text.js";
import {unitName} from "./unit-name.js";

/** @import {LayerNumbers, Numbers, RunState} from "../messages" */

/** A variable with its indices, which the page counts from 1. @param {string} name @param {...number} indices */
export function indexed(name, ...indices) {
  return element("span", {class: "variable"}, name, element("sub", {}, indices.map((i) => i + 1).join(",")));
}

/** A number as a second factor or term. @param {number} value */
export function factor(value) {
  return value < 0 ? `(${number(value, 4)})` : number(value, 4);
}

/** @param {(Node | string)[]} parts */
function line(...parts) {
  return element("p", {class: "equation"}, ...parts);
}

/** @param {string} heading key @param {(Node | string)[]} lines */
function block(heading, ...lines) {
  return element("section", {}, element("h4", {}, text(`numbers.${heading}`)), ...lines);
}

/**
 * Something that stands for a weight: it shows the weight's chain when it is pointed at or has the focus.
 * @param {number} weight its index in theta
 * @param {string} name
 * @param {(Node | string)[]} content
 */
function ofWeight(weight, name, ...content) {
  const label = text("numbers.weight", {name});
  return element(
    "button",
    {type: "button", class: "of-weight", "data-weight": String(weight), "aria-label": label},
    ...content,
  );
}

/**
 * The layers of a column of the picture: the one with weights, then normalization and dropout.
 * @param {Numbers} numbers
 * @param {number} column
 */
function layersOf(numbers, column) {
  return numbers.layers.filter((layer) => layer.column === column);
}

/**
 * The equations of one unit.
 * @param {Numbers} numbers
 * @param {RunState} state
 * @param {number} column at least 1
 * @param {number} i the unit
 * @returns {HTMLElement[]}
 */
export function equations(numbers, state, column, i) {
  const [dense, ...rest] = layersOf(numbers, column);
  if (!dense || !(i < dense.z.length)) return [];
  const {weights, units} = state.columns[column];
  const to = unitName(state, column, i);
  const links = dense.x.map((_, j) => `${unitName(state, column - 1, j)} → ${to}`);
  const unit = {dense, rest, i, links, first: (weights ?? 0) + i * links.length, bias: units[i].bias};
  return [forward(unit), backward(numbers, unit), ofBias(numbers, unit), ofWeights(numbers, unit)];
}

/** @typedef {{dense: LayerNumbers, rest: LayerNumbers[], i: number, links: string[], first: number, bias: number | null}} One */

/** @param {One} unit */
function forward({dense, rest, i, links, first, bias}) {
  /** @type {(Node | string)[]} */
  const sum = [];
  dense.x.forEach((x, j) => {
    if (j) sum.push(" + ");
    sum.push(ofWeight(first + j, links[j], `${j ? factor(dense.w[i][j]) : number(dense.w[i][j], 4)}·${factor(x)}`));
  });
  if (bias !== null) sum.push(" + ", ofWeight(bias, text("numbers.biasOf", {i: i + 1}), factor(dense.b[i])));
  const lines = [line(indexed("z", i), " = ", ...sum, ` = ${number(dense.z[i], 4)}`)];
  const activated = [dense, ...rest].find((layer) => layer.title.includes("·"));
  for (const layer of rest.filter((one) => one === activated)) {
    lines.push(line(indexed("z′", i), ` = ${name(layer)} = ${number(layer.z[i], 4)}`));
  }
  if (activated) {
    const z = activated === dense ? "z" : "z′";
    const f = activated.title.split("·")[1].trim();
    lines.push(
      line(indexed("a", i), " = f(", indexed(z, i), `) = ${number(activated.a[i], 4)}   `, element("small", {}, f)),
    );
    lines.push(line("f′(", indexed(z, i), `) = ${number(activated.f_prime?.[i] ?? NaN, 4)}`));
  }
  for (const layer of rest.filter((one) => one !== activated)) {
    lines.push(line(indexed("x", i), ` = ${name(layer)} = ${number(layer.a[i], 4)}`));
  }
  return block("forward", ...lines);
}

/** @param {LayerNumbers} layer */
function name(layer) {
  return layer.title.split("·")[0].trim();
}

/** BP1 at the output, BP2 below it. @param {Numbers} numbers @param {One} unit */
function backward(numbers, {dense, i}) {
  const delta = number(dense.delta[i], 4);
  const above = numbers.layers[numbers.layers.indexOf(dense) + 1];
  if (!above) {
    const [y, t] = [numbers.prediction[i], numbers.t[i]];
    const difference = Math.abs(y - t - dense.delta[i]) <= 1e-5 * Math.max(1, Math.abs(t));
    const words = difference
      ? [indexed("y", i), " − ", indexed("t", i), ` = ${number(y, 4)} − ${factor(t)}`]
      : ["∂e/∂", indexed("z", i)];
    const given = difference
      ? []
      : [line(indexed("y", i), ` = ${number(y, 4)},  `, indexed("t", i), ` = ${number(t, 4)}`)];
    return block("bp1", ...given, line(indexed("δ", i), " = ", ...words, ` = ${delta}`));
  }
  if (!above.w.length || !dense.f_prime)
    return block("bp2Value", line(indexed("δ", i), " = ∂e/∂", indexed("z", i), ` = ${delta}`));
  const sum = above.delta.map((d, k) => `${k ? factor(d) : number(d, 4)}·${factor(above.w[k][i])}`).join(" + ");
  return block("bp2", line(indexed("δ", i), ` = (${sum}) · ${factor(dense.f_prime[i])} = ${delta}`));
}

/** @param {Numbers} numbers @param {One} unit */
function ofBias(numbers, {dense, i}) {
  const mean = numbers.training && numbers.batch > 1;
  const words = mean ? text("numbers.meanOf", {n: numbers.batch}) : "";
  return block("bp3", line("∂E/∂", indexed("b", i), ` = ${words} `, indexed("δ", i), ` = ${number(dense.d_b[i], 4)}`));
}

/** @param {Numbers} numbers @param {One} unit */
function ofWeights(numbers, {dense, i, links, first}) {
  const mean = numbers.training && numbers.batch > 1;
  const lines = dense.x.map((x, j) => {
    const [product, gradient] = [dense.delta[i] * x, dense.d_w[i][j]];
    const penalty = gradient - product;
    const shown = Math.abs(penalty) > 1e-6 * Math.max(Math.abs(product), Math.abs(gradient), 1e-9);
    const factors = `${number(dense.delta[i], 4)}·${factor(x)}`;
    const right = mean
      ? text("numbers.meanOfProduct", {product: factors, n: numbers.batch - 1})
      : factors + (shown ? ` + ${factor(penalty)}` : "");
    const whole = [element("span", {}, "∂E/∂", indexed("w", i, j)), ` = ${right} = ${number(gradient, 4)}`];
    return line(ofWeight(first + j, links[j], ...whole));
  });
  return block("bp4", ...lines);
}
