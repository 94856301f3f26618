/** The output over the plane, with the samples; a unit that is hovered or kept is shown in its place. */

import {number} from "../draw/format.js";
import {palette} from "../draw/palette.js";
import {createSurface, oncePerFrame} from "../draw/surface.js";
import {element} from "../dom.js";
import {iconButton} from "../icons.js";
import {bind} from "../text.js";
import {PlaneView, shownUnit} from "./output-plane.js";
import {PlanePointer} from "./output-pointer.js";
import {PointTools} from "./point-tools.js";
import {commonScales} from "./scales.js";
import {unitName} from "./unit-name.js";

/** @import {Model} from "../model.js" */

/** What every output of the page shows. */
const shown = {tests: true, discrete: false};
const changes = new EventTarget();

/**
 * @param {Model} model
 * @param {number} run
 * @returns {HTMLElement}
 */
export function create(model, run = 0) {
  const tools = new PointTools(model, run, () => redraw());
  const plane = new PlaneView(model, run, tools, shown);
  const pointer = new PlanePointer(model, run, plane, tools);
  plane.element.append(pointer.readout);
  const legend = createLegend(model, run);
  const title = element("h2");
  const back = iconButton("close", "output.back", () => model.select({unit: null}));
  const panel = element(
    "section",
    {class: "output", "data-control": "output"},
    element("div", {class: "output-head"}, title, back, toggle("tests"), toggle("discrete")),
    plane.element,
    legend.element,
    tools.element,
  );

  const redraw = oncePerFrame(() => {
    if (!model.runs[run]) return;
    name(title, model, run);
    back.hidden = !model.selection.unit;
    panel.classList.toggle("is-unit", shownUnit(model, run) !== null);
    pointer.update();
    plane.draw();
    legend.draw();
  });
  const restate = () => {
    if (!model.runs[run]) return;
    tools.update();
    redraw();
  };
  model.on("run", (which) => (which === run ? restate() : redraw()));
  for (const kind of /** @type {const} */ (["session", "theme", "language"])) model.on(kind, restate);
  model.on("selection", redraw);
  model.on("frame", () => {
    plane.drawMap();
    if (model.runs[run] && shownUnit(model, run)) legend.draw(); // its scale changes
  });
  model.on("numbers", (numbers) => {
    if (numbers.run === run) plane.numbers = numbers;
    redraw();
  });
  changes.addEventListener("change", redraw);
  panel.addEventListener("pointerdown", () => model.selection.run === run || model.select({run}));
  restate();
  return panel;
}

/** The name of what is shown. */
function name(/** @type {HTMLElement} */ title, /** @type {Model} */ model, /** @type {number} */ run) {
  const unit = shownUnit(model, run);
  if (unit) bind(title, "output.unit", {unit: unitName(model.runs[run].state, unit.column, unit.unit)});
  else if (model.runs.length > 1) bind(title, "output.titleRun", {run: "AB"[run]});
  else bind(title, "output.title");
}

/** A box to tick, the same for all outputs. */
function toggle(/** @type {keyof typeof shown} */ key) {
  const box = element("input", {type: "checkbox"});
  box.checked = shown[key];
  box.addEventListener("change", () => {
    shown[key] = box.checked;
    changes.dispatchEvent(new Event("change"));
  });
  changes.addEventListener("change", () => (box.checked = shown[key]));
  return element("label", {class: `output-toggle output-${key}`}, box, bind(element("span"), `output.${key}`));
}

/**
 * The scale of what is shown, with numbers.
 * @param {Model} model
 * @param {number} run
 */
function createLegend(model, run) {
  const labels = [0, 1, 2].map(() => element("span"));
  const bar = createSurface("output-bar", () => draw());
  const box = element("div", {class: "output-legend"}, bar.canvas, ...labels);

  function draw() {
    if (!model.runs[run]) return;
    const {state} = model.runs[run];
    const scales = commonScales(model, run);
    const unit = shownUnit(model, run);
    box.hidden = !unit && state.classes > 2;
    if (box.hidden || (unit && !scales.length)) return;
    const {diverging} = palette();
    const {context, width, height} = bar;
    for (let x = 0; x < width; x++) {
      const pixel = diverging[Math.round(1 + (254 * x) / width)];
      context.fillStyle = `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
      context.fillRect(x, 0, 1.5, height);
    }
    const [low, high] = unit
      ? [-scales[unit.picture], scales[unit.picture]]
      : state.classes
        ? [0, 1]
        : state.target_range;
    [low, (low + high) / 2, high].forEach((value, i) => (labels[i].textContent = number(value)));
  }
  return {element: box, draw};
}

