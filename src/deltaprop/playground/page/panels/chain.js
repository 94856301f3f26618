// The chain of responsibility of one weight: ∂e/∂a · f′ · x, and why the weight learns slowly.

import {element} from "../dom.js";
import {number} from "../draw/format.js";
import {text} from "../text.js";
import {factor, indexed} from "./equations.js";
import {unitName} from "./unit-name.js";

/** @import {Chain, Column, RunState} from "../messages" */

/**
 * Where a number of theta is in the picture.
 * @param {Column[]} columns
 * @param {number} index
 * @returns {{column: number, unit: number, input: number | null} | null}
 */
function placeOf(columns, index) {
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
 * @param {RunState} state
 */
export function showChain(chain, state) {
  const place = chain && placeOf(state.columns, chain.weight);
  if (!chain || !place) return element("p", {class: "hint"}, text("numbers.noWeight"));
  const {column, unit, input} = place;
  const to = unitName(state, column, unit);
  const from = input === null ? text("numbers.one") : unitName(state, column - 1, input);
  const label = input === null ? indexed("b", unit) : indexed("w", unit, input);
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
  rows.push(element("p", {}, whole(chain)));
  const step = {value: number(chain.value, 5), after: number(chain.after, 5)};
  rows.push(element("p", {}, text("numbers.after", step)));
  for (const reason of chain.why) rows.push(element("p", {class: "slow"}, text(`numbers.why-${reason}`)));
  return element("div", {}, ...rows);
}

/** The mean over the batch and the penalty, and the same by differences. @param {Chain} chain */
function whole(chain) {
  const [gradient, penalty, difference] = [chain.gradient, chain.penalty, chain.difference].map((value) =>
    number(value, 4),
  );
  const check = text("numbers.difference", {difference});
  if (chain.samples === 1 && !chain.penalty) return check;
  const mean = chain.penalty ? "meanWithPenalty" : "mean";
  return `${text(`numbers.${chain.samples === 1 ? "withPenalty" : mean}`, {n: chain.samples, gradient, penalty})} ${check}`;
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
