/** Slow motion: from sample to sample of the next batch, then the update of the weights, forward and back. */

import {reducedMotion} from "./draw/surface.js";

/** @import {Model} from "./model.js" */

/** Models that are listened to. @type {WeakSet<Model>} */
const known = new WeakSet();

/**
 * Show the next sample of the batch, or the one before. After the last sample the weights are updated; before the
 * first one the last update is taken back. Without movement each sample takes two steps, forward and backward.
 * @param {Model} model
 * @param {1 | -1} direction
 */
export function stepSample(model, direction) {
  listen(model);
  if (model.playing) model.send({kind: "play", playing: false});
  const {inBatch, pass} = model.selection;
  const ahead = direction === 1;
  if (reducedMotion.matches && inBatch !== null && pass === (ahead ? "forward" : "backward")) {
    model.select({pass: ahead ? "backward" : "forward"});
  } else if (inBatch === null) {
    begin(model, ahead, pass === "undone");
  } else if (ahead && inBatch + 1 >= batchOf(model)) {
    update(model, 1);
  } else if (!ahead && inBatch === 0) {
    update(model, -1);
  } else {
    show(model, inBatch + direction, ahead);
  }
}

/** Between two batches; `undone`: before the update of the first one, which has been taken back, else after it. */
function begin(/** @type {Model} */ model, /** @type {boolean} */ ahead, /** @type {boolean} */ undone) {
  if (ahead && undone) update(model, 1);
  else if (ahead) show(model, 0, true);
  else if (!undone) update(model, -1);
  else model.select({sample: null, place: null, inBatch: 0, pass: "seek"}); // the last sample: see `listen`
}

function show(/** @type {Model} */ model, /** @type {number} */ inBatch, /** @type {boolean} */ ahead) {
  const pass = reducedMotion.matches ? (ahead ? "forward" : "backward") : null;
  model.select({sample: null, place: null, inBatch, pass});
}

function update(/** @type {Model} */ model, /** @type {1 | -1} */ count) {
  if (count < 0 && (model.runs[model.selection.run]?.frame?.step ?? 0) === 0) return;
  model.select({inBatch: null, pass: count > 0 ? "update" : "undone"});
  model.send({kind: "step", unit: "batch", count});
}

/** @type {WeakMap<Model, number>} */
const batches = new WeakMap();

/** Samples of the batch of the next step. */
function batchOf(/** @type {Model} */ model) {
  return batches.get(model) ?? model.runs[model.selection.run].state.settings.batch_size;
}

function listen(/** @type {Model} */ model) {
  if (known.has(model)) return;
  known.add(model);
  model.on("numbers", (numbers) => {
    if (numbers.in_batch === null) return;
    batches.set(model, numbers.batch);
    if (model.selection.pass === "seek") show(model, numbers.batch - 1, false);
  });
  model.on("frame", () => {
    if (model.playing && (model.selection.inBatch !== null || model.selection.pass)) model.select({inBatch: null, pass: null});
  });
}
