/** Decodes the server's binary frames, see frames.py. */

/**
 * @typedef {object} FrameHeader
 * @property {number} run
 * @property {number} step
 * @property {number} newest the last step of the run; `step` is before it after going back
 * @property {number} first the first step that can be gone back to
 * @property {number} epoch
 * @property {number} rate
 * @property {[number | null, number | null]} loss train, test
 * @property {[number | null, number | null]} score train, test
 * @property {number[]} scales of the units' pictures
 * @property {number} curves_from the row of the curves that the first row here replaces
 * @property {string[]} rows titles of the layers in the diagnostics
 */

/**
 * @typedef {FrameHeader & {theta: Float32Array, pictures: Uint8Array, output: Uint8Array, large: Uint8Array | null,
 *   curves: Float32Array, diagnostics: Float32Array, shapes: Record<string, number[]>}} FrameRun
 */

/** @typedef {{playing: boolean, runs: FrameRun[]}} DecodedFrame */

const TYPES = {float32: Float32Array, uint8: Uint8Array};

/**
 * @param {ArrayBuffer} buffer
 * @returns {DecodedFrame}
 */
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  return {playing: header.playing, runs: header.runs.map((/** @type {any} */ run) => decodeRun(run, buffer, start))};
}

/**
 * @param {FrameHeader & {arrays: Record<string, [keyof TYPES, number[], number]>}} header
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @returns {FrameRun}
 */
function decodeRun({arrays, ...header}, buffer, start) {
  /** @type {any} */
  const run = {...header, large: null, shapes: {}};
  for (const [name, [type, shape, offset]] of Object.entries(arrays)) {
    const size = shape.reduce((a, b) => a * b, 1);
    run[name] = new TYPES[type](buffer, start + offset, size);
    run.shapes[name] = shape;
  }
  return run;
}
