// The chain of responsibility of one weight: ∂e/∂a · f′ · x, and why the weight learns slowly.

import {element} from "../dom.js";
import {number} from "../draw/format.js";
import {text} from "../text.js";
import {factor, indexed} from "./equations.js";

/** @import {Chain, Column} from "../messages" */

/**
 * Where a number of theta is in the picture.
 * @param {Column[]} columns
 * @param {number} index
 * @returns {{column: number, unit: number, input: number | null} | null}
 */
export function placeOf(columns, index) {
  for (let column = 1; column < columns.length; column++) {
    const {weights, units} = columns[column];
    const inputs = columns[column - 1].units.length;
    const k = index - (weights ?? Infinity);
    if (k >= 0 && k < units.length * inputs) return {column, unit: Math.floor(k / inputs), input: k % inputs};
    const unit = units.findIndex((one) => one.bias === index);
    if (unit >= 0) return {column, unit, input: null};
  }
  return null;
}

/**
 * @param {Chain | null} chain
 * @param {Column[]} columns
 */
export function showChain(chain, columns) {
  const place = chain && placeOf(columns, chain.weight);
  if (!chain || !place) return element("p", {class: "hint"}, text("numbers.noWeight"));
  const {column, unit, input} = place;
  const to = columns[column].units[unit].name;
  const from = input === null ? text("numbers.one") : columns[column - 1].units[input].name;
  const label = input === null ? indexed("b", unit) : indexed("w", `${unit},${input}`);
  const product = chain.d_a * chain.f_prime * chain.x;
  const rows = [
    element("p", {class: "chain-of"}, label, ` = ${number(chain.value, 4)}: `, text("numbers.link", {from, to})),
    element(
      "p",
      {class: "chain-factors"},
      part("∂e/∂a", number(chain.d_a, 4), "asked"),
      element("span", {}, "·"),
      part("f′(z)", factor(chain.f_prime), "slope"),
      element("span", {}, "·"),
      part(input === null ? "1" : "x", factor(chain.x), "given"),
      element("span", {}, "="),
      part("∂e/∂w", number(product, 4), "product"),
    ),
  ];
  if (chain.samples > 1 || chain.penalty) rows.push(element("p", {}, whole(chain)));
  const step = {value: number(chain.value, 5), after: number(chain.after, 5)};
  rows.push(element("p", {}, text("numbers.after", step)));
  for (const reason of chain.why) rows.push(element("p", {class: "slow"}, text(`numbers.why-${reason}`)));
  return element("div", {}, ...rows);
}

/** The mean over the batch and the penalty. @param {Chain} chain */
function whole(chain) {
  const values = {n: chain.samples, gradient: number(chain.gradient, 4), penalty: number(chain.penalty, 4)};
  if (chain.samples === 1) return text("numbers.withPenalty", values);
  return text(chain.penalty ? "numbers.meanWithPenalty" : "numbers.mean", values);
}

/**
 * @param {string} symbol
 * @param {string} value
 * @param {string} meaning key
 */
function part(symbol, value, meaning) {
  return element(
    "span",
    {class: "chain-part"},
    element("span", {class: "variable"}, symbol),
    element("b", {}, value),
    element("small", {}, text(`numbers.${meaning}`)),
  );
}
