/** Loss and score of both parts over the steps; two runs are laid over each other. */

import {number, percent} from "../draw/format.js";
import {palette} from "../draw/palette.js";
import {LinePlot} from "../draw/plot.js";
import {spaced} from "../draw/surface.js";
import {element} from "../dom.js";
import {bind, text} from "../text.js";

/**
 * @import {Model, RunView} from "../model.js"
 * @import {Series} from "../draw/plot.js"
 */

const WIDTH = 5; // numbers in a row: step, losses, scores
const DASHES = [[], [5, 3]]; // of each run

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function create(model) {
  const [loss, score] = [new LinePlot(), new LinePlot()];
  const log = element("input", {type: "checkbox"});
  log.addEventListener("change", () => draw());
  const legend = element("div", {class: "curves-legend"});
  const panel = element(
    "section",
    {class: "curves", "data-control": "curves"},
    element(
      "div",
      {class: "curves-head"},
      bind(element("h2"), "curves.title"),
      legend,
      element("label", {class: "output-toggle"}, log, bind(element("span"), "curves.log")),
    ),
    loss.element,
    score.element,
  );

  function draw() {
    const views = model.runs.filter((view) => view.frame);
    if (!views.length) return;
    const {step, newest} = /** @type {import("../frame.js").FrameRun} */ (views[0].frame);
    const common = {
      xName: text("curves.step"),
      xRange: /** @type {[number, number]} */ ([0, Math.max(1, ...views.map((v) => v.frame?.newest ?? 0))]),
      mark: step < newest ? step : null,
    };
    loss.draw({
      ...common,
      title: text("curves.loss"),
      label: plotName("curves.loss"),
      bare: true,
      series: series(views, 1),
      log: log.checked,
      within: log.checked ? undefined : [0, 0],
    });
    const classes = views[0].state.classes > 0;
    const name = classes ? "curves.accuracy" : "curves.r2";
    score.draw({
      ...common,
      title: text(name),
      label: plotName(name),
      series: series(views, 3),
      within: classes ? [1, 1] : [0, 1],
      limits: classes ? [0, 1] : [-1, 1],
      format: classes ? percent : number,
    });
  }

  function restate() {
    if (!model.runs.length) return;
    const runs = model.runs.length;
    panel.classList.toggle("is-two", runs > 1);
    legend.replaceChildren(...model.runs.flatMap((_, run) => ["train", "test"].map((part) => entry(part, run, runs))));
    draw();
  }

  for (const kind of /** @type {const} */ (["run", "session", "language", "theme"])) model.on(kind, restate);
  model.on("frame", spaced(draw, () => 80));
  restate();
  return panel;
}

/**
 * The lines of both parts of each run.
 * @param {RunView[]} views
 * @param {number} first column of the training part; that of the test part follows
 * @returns {Series[]}
 */
function series(views, first) {
  const {train, test} = palette();
  return views.flatMap(({curves}, run) => {
    const x = column(curves, 0);
    return ["train", "test"].map((part, i) => ({
      name: partName(part, run, views.length),
      x,
      y: column(curves, first + i),
      color: (part === "train" ? train : test)[run],
      dash: DASHES[run],
      width: part === "train" ? 1.25 : 2.25,
    }));
  });
}

function column(/** @type {Float32Array} */ rows, /** @type {number} */ i) {
  const values = new Float32Array(rows.length / WIDTH);
  for (let row = 0; row < values.length; row++) values[row] = rows[row * WIDTH + i];
  return values;
}

function plotName(/** @type {string} */ key) {
  return text("curves.plot", {name: text(key)});
}

function partName(/** @type {string} */ part, /** @type {number} */ run, /** @type {number} */ runs) {
  return runs > 1 ? text(`curves.${part}Run`, {run: "AB"[run]}) : text(`curves.${part}`);
}

function entry(/** @type {string} */ part, /** @type {number} */ run, /** @type {number} */ runs) {
  const line = element("i", {class: `curves-line curves-${part}-${run}`});
  return element("span", {class: "curves-entry"}, line, partName(part, run, runs));
}
