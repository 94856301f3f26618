/** What buttons and shortcuts do. */

import {stepSample} from "./slow.js";

/**
 * @import {Model} from "./model.js"
 * @typedef {"sample" | "batch" | "epoch"} StepUnit
 */

/** The unit of the step buttons, shared by the top bar and the shortcuts. @type {{unit: StepUnit}} */
export const stepping = {unit: "batch"};

/** @param {Model} model */
export function togglePlay(model) {
  play(model, !model.playing, model.session?.speed ?? null);
}

/**
 * @param {Model} model
 * @param {boolean} playing
 * @param {number | null} speed steps a second; null: as fast as possible
 */
export function play(model, playing, speed) {
  if (playing && model.selection.inBatch !== null) model.select({inBatch: null, pass: null});
  model.send({kind: "play", playing, speed});
}

/**
 * One step forward or back.
 * @param {Model} model
 * @param {StepUnit} unit
 * @param {1 | -1} direction
 */
export function step(model, unit, direction) {
  if (unit === "sample") return stepSample(model, direction);
  if (model.playing) play(model, false, model.session?.speed ?? null);
  if (model.selection.inBatch !== null) model.select({inBatch: null, pass: null});
  model.send({kind: "step", unit, count: direction});
}

/**
 * To step 0 of every run.
 * @param {Model} model
 */
export function reset(model) {
  model.select({inBatch: null, pass: null});
  model.runs.forEach((_, run) => model.send({kind: "reset", run}));
}

/**
 * New initial weights and orders of samples.
 * @param {Model} model
 */
export function newSeed(model) {
  const {run} = model.selection;
  model.send({kind: "reset", run, seed: model.runs[run].state.settings.seed + 1});
}

/**
 * A second run, or the end of one of the two.
 * @param {Model} model
 * @param {number | null} keep the run to keep
 */
export function fork(model, keep) {
  model.select({run: 0, inBatch: null, pass: null});
  model.send({kind: "fork", keep});
  if (keep !== null) return;
  // The copy is what is to be changed.
  const end = model.on("run", (run) => {
    if (run !== 1) return;
    end();
    model.select({run});
  });
}
