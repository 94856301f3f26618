/** What buttons and shortcuts do. */

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
  if (playing && model.selection.inBatch !== null) model.select({inBatch: null});
  model.send({kind: "play", playing, speed});
}

/**
 * One step forward or back.
 * @param {Model} model
 * @param {StepUnit} unit
 * @param {1 | -1} direction
 */
export function step(model, unit, direction) {
  if (model.playing) play(model, false, model.session?.speed ?? null);
  if (unit === "sample") return stepSample(model, direction);
  if (model.selection.inBatch !== null) model.select({inBatch: null});
  model.send({kind: "step", unit, count: direction});
}

/**
 * To the next sample of the batch; after the last one, the step is taken.
 * @param {Model} model
 * @param {1 | -1} direction
 */
function stepSample(model, direction) {
  const {run, inBatch} = model.selection;
  const now = model.runs[run]?.frame?.step ?? 0;
  const wanted = inBatch === null ? (direction > 0 ? 0 : -1) : inBatch + direction;
  const chosen = {sample: null, place: null, target: null};
  if (wanted < 0) {
    if (now === 0) return;
    model.send({kind: "step", unit: "batch", count: -1});
    model.select({...chosen, inBatch: samplesInBatch(model, now - 1) - 1});
  } else if (wanted >= samplesInBatch(model, now)) {
    model.send({kind: "step", unit: "batch", count: 1});
    model.select({...chosen, inBatch: 0});
  } else model.select({...chosen, inBatch: wanted});
}

/**
 * The samples of the batch of a step; the last batch of an epoch may be shorter.
 * @param {Model} model
 * @param {number} at
 */
export function samplesInBatch(model, at) {
  const view = model.runs[model.selection.run];
  const {points, settings, steps_per_epoch: steps} = view.state;
  const train = points.filter((point) => !point.test).length;
  return Math.max(1, Math.min(settings.batch_size, train - (at % steps) * settings.batch_size));
}

/**
 * To step 0 of every run.
 * @param {Model} model
 */
export function reset(model) {
  model.select({inBatch: null});
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
  model.select({run: 0, inBatch: null});
  model.send({kind: "fork", keep});
}
