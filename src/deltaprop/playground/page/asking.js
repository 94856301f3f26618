// Asks the server for the numbers of the chosen sample and the chain of the chosen weight, whenever one of them or the
// weights change.

/**
 * @import {Model} from "./model.js"
 * @import {Ask} from "./messages"
 */

const SETTLED = 40; // milliseconds after a change of the selection, which may be one of many
const TRAINING = 300; // milliseconds between questions while training

/**
 * The sample that the selection means; with a weight and no sample, the first one of the next batch.
 * @param {Model} model
 * @returns {Ask | null}
 */
export function question(model) {
  const {run, sample, place, inBatch, target, weight} = model.selection;
  const points = model.runs[run]?.state.points.length ?? 0;
  if (sample !== null && sample < points) return {kind: "ask", run, sample};
  if (place !== null) return {kind: "ask", run, x: place.x, y: place.y, target};
  // While training, batches come and go, and the last one of an epoch may be shorter.
  if (inBatch !== null) return {kind: "ask", run, in_batch: model.playing ? 0 : inBatch};
  return weight === null ? null : {kind: "ask", run, in_batch: 0};
}

/**
 * @param {Model} model
 * @returns {() => void} ends it
 */
export function keepAsking(model) {
  let [changes, timer] = [0, 0];
  /** @type {Record<string, string>} */
  const asked = {ask: "", chain: ""};

  function ask() {
    timer = 0;
    const sample = question(model);
    if (!sample || model.connection !== "open") return;
    const {weight} = model.selection;
    const now = `${model.runs[model.selection.run]?.frame?.step} ${changes}`;
    send(sample, now);
    if (weight !== null) send({...sample, kind: "chain", weight}, now);
  }

  function send(/** @type {any} */ request, /** @type {string} */ now) {
    const key = JSON.stringify(request) + now;
    if (asked[request.kind] === key) return;
    asked[request.kind] = key;
    model.send(request);
  }

  function soon() {
    timer ||= window.setTimeout(ask, model.playing ? TRAINING : SETTLED);
  }

  /** The same question has another answer. */
  function anew() {
    changes += 1;
    soon();
  }

  const ends = [
    model.on("selection", soon),
    model.on("frame", soon),
    model.on("run", anew),
    model.on("drawer", anew), // a panel that was not there yet
    model.on("connection", anew),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
