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
  if (sample !== null) return {kind: "ask", run, sample};
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
  let data = dataOf(model);
  let refused = {sample: "", step: ""}; // a question with which there is trouble: it is not repeated while training
  /** @type {Record<string, string>} */
  const asked = {ask: "", chain: ""};

  function ask() {
    timer = 0;
    const sample = question(model);
    if (!sample || model.connection !== "open") return;
    const {weight} = model.selection;
    const step = present();
    if (JSON.stringify(sample) === refused.sample && (model.playing || step === refused.step)) return;
    const now = `${step} ${changes}`;
    send(sample, now);
    if (weight !== null) send({...sample, kind: "chain", weight}, now);
  }

  function present() {
    return String(model.runs[model.selection.run]?.frame?.step);
  }

  /** @param {import("./messages").Trouble} trouble */
  function refuse({about}) {
    if (about in asked) refused = {sample: JSON.stringify(question(model)), step: present()};
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

  /** A place was chosen for its data: of other data, the first sample is taken. */
  function forget() {
    const before = data;
    data = dataOf(model);
    if (data !== before && model.selection.place) model.select({place: null, target: null, sample: 0});
  }

  /** The same question has another answer. */
  function anew() {
    forget();
    changes += 1;
    refused = {sample: "", step: ""};
    soon();
  }

  const ends = [
    model.on("selection", soon),
    model.on("frame", soon),
    model.on("run", anew),
    model.on("drawer", anew), // a panel that was not there yet
    model.on("connection", anew),
    model.on("trouble", refuse),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

/** Which data the run that is selected has. */
function dataOf(/** @type {Model} */ model) {
  const state = model.runs[model.selection.run]?.state;
  return state && `${state.settings.data.name} ${state.classes}`;
}
