/** Slow motion over the network: the pass of one sample forward and backward, and the update of the weights. */

import {drawChanges, drawDots, drawValues, passOf} from "../draw/flow.js";
import {palette} from "../draw/palette.js";
import {reducedMotion} from "../draw/surface.js";
import {text} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Column, Numbers} from "../messages"
 * @import {Layout} from "../draw/layout.js"
 * @import {Pass} from "../draw/flow.js"
 */

const LAYER_MS = 550;
const UPDATE_MS = 1200;

export class Flow {
  /** @param {Model} model @param {number} run @param {() => void} redraw */
  constructor(model, run, redraw) {
    this.model = model;
    this.run = run;
    this.redraw = redraw;
    /** @type {Numbers | null} */
    this.numbers = null;
    /** @type {Pass | null} */
    this.pass = null;
    this.columns = 0;
    /** When the pass or the update began. */
    this.begun = 0;
    /** Weights of the newest frame. @type {Float32Array | null} */
    this.theta = null;
    /** @type {Float32Array | null} */
    this.change = null;
    this.step = -1;
    this.caption = document.createElement("p");
    this.caption.className = "network-caption";
    this.caption.setAttribute("role", "status");
  }

  /** Another network. */
  forget() {
    this.numbers = this.pass = this.change = this.theta = null;
  }

  /** @param {Numbers} numbers @param {Column[]} columns */
  start(numbers, columns) {
    const again = this.numbers?.in_batch === numbers.in_batch && this.numbers.step === numbers.step;
    this.numbers = numbers;
    this.pass = passOf(numbers, columns);
    this.columns = columns.length;
    if (!again) this.begun = performance.now();
    this.redraw();
  }

  get active() {
    return this.#updated || this.model.selection.inBatch !== null;
  }

  /** Whether the step from one batch to another is shown. */
  get #updated() {
    const {pass} = this.model.selection;
    return pass === "update" || pass === "undone";
  }

  /** A frame has come: if it is of another step, its weights are told from those before. */
  frame() {
    const view = this.model.runs[this.run];
    const step = view.frame?.step ?? 0;
    const before = this.theta;
    if (step !== this.step && this.#updated && before?.length === view.theta.length) {
      this.change = view.theta.map((value, i) => value - before[i]);
      this.begun = performance.now();
    }
    this.step = step;
    this.theta = view.theta;
  }

  /** @param {CanvasRenderingContext2D} context @param {Layout} layout */
  draw(context, layout) {
    const {inBatch, pass} = this.model.selection;
    if (this.#updated) {
      if (this.change) this.#drawUpdate(context, layout, this.change);
    } else if (inBatch !== null && pass !== "seek" && this.pass && this.numbers?.in_batch === inBatch) {
      this.#drawPass(context, layout, this.pass);
    } else {
      this.#say("");
    }
    if (inBatch === null && pass === null) this.change = this.pass = null;
  }

  /** Time counts columns: to the last one forward, and as many back. */
  #drawPass(/** @type {CanvasRenderingContext2D} */ context, /** @type {Layout} */ layout, /** @type {Pass} */ pass) {
    const way = this.columns - 1;
    const moving = !reducedMotion.matches;
    const stop = this.model.selection.pass === "forward" ? way : 2 * way + 1;
    const time = moving ? Math.min((performance.now() - this.begun) / LAYER_MS, 2 * way + 1) : stop;
    const forward = time <= way;
    if (!forward) this.#veil(context, layout, 0.6);
    const back = (/** @type {number} */ c) => time - way - (way - c); // ≥ 0: the deltas of the column are known
    for (let c = 1; c <= way; c++) if (back(c) > 0) this.#drawGradient(context, layout, pass, c);
    for (let c = 0; c <= way; c++) {
      const delta = pass.delta[c];
      if (delta && back(c) >= 0 && time > way) drawValues(context, layout, c, delta, true);
      else if (time >= c) drawValues(context, layout, c, pass.a[c], false);
    }
    const segment = Math.floor(time);
    if (moving && forward && time < way) drawDots(context, layout, pass, segment + 1, time - segment, true);
    if (moving && !forward && segment < 2 * way - 1) drawDots(context, layout, pass, 2 * way - segment, time - segment, false);
    this.#say(text(forward ? "network.flowForward" : "network.flowBackward"));
    if (moving && time < 2 * way + 1) this.redraw();
  }

  /** The picture below fades. */
  #veil(/** @type {CanvasRenderingContext2D} */ context, /** @type {Layout} */ {width, height}, /** @type {number} */ alpha) {
    context.globalAlpha = alpha;
    context.fillStyle = palette().surface;
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 1;
  }

  #drawGradient(
    /** @type {CanvasRenderingContext2D} */ context,
    /** @type {Layout} */ layout,
    /** @type {Pass} */ pass,
    /** @type {number} */ column,
  ) {
    const d = pass.layers[column]?.d_w ?? [];
    const most = Math.max(...d.flat().map(Math.abs));
    drawChanges(context, layout, column, ({from, to}) => d[to]?.[from] ?? 0, most, 0.75);
  }

  #drawUpdate(
    /** @type {CanvasRenderingContext2D} */ context,
    /** @type {Layout} */ layout,
    /** @type {Float32Array} */ change,
  ) {
    const share = reducedMotion.matches ? 0 : Math.min(1, (performance.now() - this.begun) / UPDATE_MS);
    const most = change.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const alpha = 1 - 0.7 * share;
    this.#veil(context, layout, 0.6 * (1 - share));
    for (let c = 1; c < layout.units.length; c++) {
      drawChanges(context, layout, c, ({index}) => change[index], most, alpha);
    }
    this.#say(text(this.model.selection.pass === "undone" ? "network.flowUndone" : "network.flowUpdate"));
    if (share > 0 && share < 1) this.redraw();
  }

  #say(/** @type {string} */ words) {
    const {numbers} = this;
    const of = {sample: (numbers?.in_batch ?? 0) + 1, batch: numbers?.batch ?? 0};
    const sample = this.model.selection.inBatch === null ? "" : `${text("network.flowSample", of)} · `;
    const line = words && sample + words;
    if (this.caption.textContent !== line) this.caption.textContent = line;
    this.caption.hidden = !line;
  }
}
