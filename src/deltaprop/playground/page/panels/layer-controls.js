/** Above each column of the network: units by + and −, activation function, normalization and dropout. */

import {number} from "../draw/format.js";
import {setAble} from "../icons.js";
import {bind, currentLanguage, text} from "../text.js";
import {button} from "./button.js";

/**
 * @import {Model} from "../model.js"
 * @import {HiddenLayer} from "../messages"
 */

const DROPOUTS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

export class LayerControls {
  /** @param {Model} model @param {number} run */
  constructor(model, run) {
    this.model = model;
    this.run = run;
    this.element = document.createElement("div");
    this.element.className = "network-controls";
    this.shown = "";
  }

  /** The controls of the present settings; those that are unchanged keep the focus. */
  update() {
    const {layers} = this.model.runs[this.run].wanted;
    const shown = currentLanguage() + JSON.stringify(layers);
    if (shown === this.shown) return;
    this.shown = shown;
    const focused = this.element.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.key
      : undefined;
    this.element.replaceChildren(
      title("network.inputs", {}),
      ...layers.map((layer, i) => this.#column(layer, i)),
      title("network.outputs", {}),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-key="${focused}"]`))?.focus();
  }

  #column(/** @type {HiddenLayer} */ layer, /** @type {number} */ i) {
    const column = title("network.hidden", {layer: i + 1});
    const {properties} = this.model.options.schema.$defs.HiddenLayer;
    column.append(
      this.#units(layer, i, properties.units.maximum),
      this.#select("activation", layer.activation, i, properties.activation.enum, String),
      this.#select("normalization", layer.normalization, i, properties.normalization.enum, normalizationName),
      this.#select("dropout", layer.dropout, i, dropouts(layer.dropout), dropoutName),
    );
    return column;
  }

  #change(/** @type {number} */ i, /** @type {Partial<HiddenLayer>} */ part) {
    const {layers} = this.model.runs[this.run].wanted;
    this.model.change(this.run, {layers: layers.map((layer, k) => (k === i ? {...layer, ...part} : layer))});
  }

  #units(/** @type {HiddenLayer} */ layer, /** @type {number} */ i, /** @type {number} */ most) {
    const values = {layer: i + 1};
    const change = (/** @type {number} */ by) => {
      const {units} = this.model.runs[this.run].wanted.layers[i];
      this.#change(i, {units: Math.min(most, Math.max(1, units + by))});
    };
    const fewer = button("−", "network.unitsRemove", () => change(-1), values);
    const more = button("+", "network.unitsAdd", () => change(1), values);
    setAble(fewer, layer.units > 1);
    setAble(more, layer.units < most);
    fewer.dataset.key = `fewer-${i}`;
    more.dataset.key = `more-${i}`;
    const count = document.createElement("span");
    count.textContent = String(layer.units);
    count.title = text("network.units", {count: layer.units});
    const group = document.createElement("div");
    group.className = "network-units";
    group.dataset.control = "units";
    group.append(fewer, count, more);
    return group;
  }

  /**
   * @template {string | number} T
   * @param {"activation" | "normalization" | "dropout"} name
   * @param {T} value
   * @param {number} i
   * @param {T[]} choices
   * @param {(choice: T) => string} label
   */
  #select(name, value, i, choices, label) {
    const select = document.createElement("select");
    select.className = "network-select";
    select.classList.toggle("is-off", value === 0 || value === "none");
    select.dataset.control = name;
    select.dataset.key = `${name}-${i}`;
    bind(select, `network.${name}`, {layer: i + 1}, "aria-label");
    bind(select, `network.${name}`, {layer: i + 1}, "title");
    for (const choice of choices) select.add(new Option(label(choice), String(choice), false, choice === value));
    select.addEventListener("change", () => this.#change(i, {[name]: choices[select.selectedIndex]}));
    return select;
  }
}

function title(/** @type {string} */ key, /** @type {Record<string, any>} */ values) {
  const column = document.createElement("div");
  column.className = "network-column";
  for (const [form, className] of [["", "network-title"], ["Short", "network-title is-short"]]) {
    const name = bind(document.createElement("span"), key + form, values);
    name.className = className;
    column.append(name);
  }
  return column;
}

/** The usual shares, and the present one if it is another. */
function dropouts(/** @type {number} */ present) {
  return [...new Set([...DROPOUTS, present])].sort((a, b) => a - b);
}

function normalizationName(/** @type {string} */ name) {
  return text(`network.normalization${name[0].toUpperCase()}${name.slice(1)}`);
}

function dropoutName(/** @type {number} */ share) {
  return share === 0 ? text("network.dropoutNone") : text("network.dropoutSome", {share: number(share)});
}
