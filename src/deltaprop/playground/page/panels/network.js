/** The network: columns of units with their links, and the controls of its layers. */

import {columnShares} from "../draw/layout.js";
import {setAble} from "../icons.js";
import {bind} from "../text.js";
import {button} from "./button.js";
import {LayerControls} from "./layer-controls.js";
import {Stage} from "./network-stage.js";

/** @import {Model} from "../model.js" */

/**
 * @param {Model} model
 * @param {number} run
 * @returns {HTMLElement}
 */
export function create(model, run = 0) {
  const element = document.createElement("section");
  element.className = "network";
  const controls = new LayerControls(model, run);
  const stage = new Stage(model, run);
  const box = document.createElement("div");
  box.className = "network-box";
  box.append(controls.element, stage.element);
  const head = heading(model, run, stage.flow.caption);
  element.append(head.element, box);

  const update = () => {
    const view = model.runs[run];
    if (!view) return;
    head.update();
    controls.update();
    stage.update();
    // On narrow screens the picture keeps this width and its box scrolls.
    box.style.setProperty("--columns", String(view.state.columns.length));
    const shares = columnShares(view.state.columns);
    controls.element.style.gridTemplateColumns = shares.map((share) => `minmax(0, ${share}fr)`).join(" ");
  };
  model.on("run", (which) => (which === run ? update() : head.update()));
  model.on("session", () => head.update());
  model.on("frame", () => stage.draw());
  model.on("theme", () => stage.draw());
  model.on("language", update);
  model.on("selection", () => {
    stage.select();
    element.classList.toggle("is-chosen", model.selection.run === run);
  });
  element.addEventListener("pointerdown", () => model.selection.run === run || model.select({run}));
  model.on("numbers", (numbers) => numbers.run === run && stage.animate(numbers));
  update();
  return element;
}

/**
 * The number of hidden layers, with + and −, and what links mean.
 * @param {Model} model
 * @param {number} run
 * @param {HTMLElement} caption what slow motion shows
 */
function heading(model, run, caption) {
  const layers = () => model.runs[run].wanted.layers;
  const fewer = button("−", "network.layersRemove", () => model.change(run, {layers: layers().slice(0, -1)}));
  const more = button("+", "network.layersAdd", () => {
    const last = layers().at(-1) ?? model.options.defaults.layers[0];
    model.change(run, {layers: [...layers(), {...last, units: Math.min(last.units, 4)}]});
  });
  const count = document.createElement("span");
  count.className = "network-count";
  const group = document.createElement("div");
  group.className = "network-layers";
  group.dataset.control = "layers";
  group.append(fewer, count, more);
  const name = document.createElement("h2");
  name.className = "network-run";
  const legend = document.createElement("div");
  legend.className = "network-legend";
  for (const [sign, key] of Object.entries({positive: "network.legendPositive", negative: "network.legendNegative"})) {
    const line = document.createElement("i");
    line.className = `network-line network-line-${sign}`;
    legend.append(line, bind(document.createElement("span"), key));
  }
  const element = document.createElement("div");
  element.className = "network-head";
  element.append(name, group, caption, legend);
  const update = () => {
    if (!model.runs[run]) return;
    name.hidden = model.runs.length < 2;
    bind(name, "network.run", {name: "AB"[run]});
    const {length} = layers();
    bind(count, length === 1 ? "network.layersOne" : length ? "network.layers" : "network.layersNone", {count: length});
    setAble(fewer, length > 0);
    setAble(more, length < model.options.schema.properties.layers.maxItems);
  };
  return {element, update};
}
