/** Step, epoch, loss and score of each run; with two runs, the choice of the one that the controls are for. */

import {element} from "../dom.js";
import {grouped, number, percent} from "../draw/format.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {RunView} from "../model.js"
 */

const COLUMNS = ["step", "epochs", "train_loss", "test_loss", "train_score", "test_score"];
export const RUN_NAMES = ["A", "B"];

/** @param {Model} model */
export function createCounters(model) {
  const heads = COLUMNS.map((name) => bind(element("th", {scope: "col", class: name}), `topbar.${name}`));
  const rows = RUN_NAMES.map((_, run) => createRow(model, run));
  const table = element(
    "table",
    {class: "counters"},
    element("thead", {}, element("tr", {}, element("td"), ...heads)),
    element("tbody", {}, ...rows.map((row) => row.element)),
  );
  bind(table, "topbar.counters", {}, "aria-label");

  function update() {
    const slow = model.selection.inBatch !== null;
    bind(heads[0], slow ? "topbar.step_and_sample" : "topbar.step");
    table.classList.toggle("slow", slow);
    table.classList.toggle("two", model.runs.length > 1);
    rows.forEach((row, run) => row.show(model.runs[run]));
    const regression = model.runs[0]?.state.classes === 0;
    for (const part of ["train", "test"]) {
      const head = /** @type {HTMLElement} */ (table.querySelector(`th.${part}_score`));
      bind(head, regression ? `topbar.${part}_r2` : `topbar.${part}_score`);
    }
  }
  for (const kind of /** @type {const} */ (["frame", "run", "session", "selection", "language"])) model.on(kind, update);
  update();
  return table;
}

/**
 * @param {Model} model
 * @param {number} run
 */
function createRow(model, run) {
  const choice = element("input", {type: "radio", name: "run"});
  choice.addEventListener("change", () => model.select({run, unit: null, weight: null, inBatch: null}));
  const label = element("label", {class: "run-choice"}, choice, RUN_NAMES[run]);
  bind(choice, "topbar.choose_run", {name: RUN_NAMES[run]}, "aria-label");
  const cells = COLUMNS.map((name) => element("td", {class: name}));
  const row = element("tr", {}, element("th", {scope: "row"}, label), ...cells);

  /** @param {RunView | undefined} view */
  function show(view) {
    row.hidden = !view;
    choice.checked = model.selection.run === run;
    if (view) figures(view, model).forEach((figure, i) => (cells[i].textContent = figure));
  }
  return {element: row, show};
}

/**
 * @param {RunView} view
 * @param {Model} model
 */
function figures({frame, state}, model) {
  if (!frame) return COLUMNS.map(() => "–");
  const {inBatch} = model.selection;
  const step = grouped(frame.step);
  const score = (/** @type {number | null} */ value) =>
    state.classes === 0 ? number(value ?? NaN) : percent(value ?? NaN);
  return [
    inBatch === null ? step : `${step} · ${inBatch + 1}`,
    frame.epoch.toFixed(frame.epoch < 1000 ? 1 : 0),
    ...frame.loss.map((value) => number(value ?? NaN)),
    ...frame.score.map(score),
  ];
}
