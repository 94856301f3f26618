/** Scales of the units' pictures: two runs of equal networks share them, so that their pictures can be compared. */

/** @import {Model} from "../model.js" */

/**
 * The scale of each unit: of two runs with the same units, the greater one.
 * @param {Model} model
 * @param {number} run
 * @returns {number[]}
 */
export function commonScales(model, run) {
  const {scales, state} = model.runs[run];
  const other = model.runs[1 - run];
  const sizes = (/** @type {typeof state} */ {columns}) => columns.map((c) => c.units.length).join();
  if (!other || other.scales.length !== scales.length || sizes(other.state) !== sizes(state)) return scales;
  return scales.map((scale, i) => Math.max(scale, other.scales[i]));
}

/**
 * What part of the common scale a run's own one is, for each unit.
 * @param {Model} model
 * @param {number} run
 */
export function shares(model, run) {
  const common = commonScales(model, run);
  return model.runs[run].scales.map((scale, i) => scale / common[i]);
}
