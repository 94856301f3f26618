// The eigenvalues of the Hessian on an axis, and the largest one that the rate in use allows.

import {element} from "../dom.js";
import {grouped, number} from "../draw/format.js";
import {palette} from "../draw/palette.js";
import {symmetricLogScale} from "../draw/scale.js";
import {createSurface} from "../draw/surface.js";
import {text} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Curvature, Settings} from "../messages"
 * @import {Scale} from "../draw/scale.js"
 */

const FLAT = 1e-4; // of the largest eigenvalue: smaller ones count as 0
const BINS = 48;
const MARGIN = {left: 8, right: 8, top: 18, bottom: 18};

/**
 * By how much a rule that takes the gradient as it is raises the limit of the rate.
 * @type {Record<string, (momentum: number) => number>}
 */
const LIFTS = {sgd: () => 1, momentum: (m) => 1 + m, nesterov: (m) => (1 + m) / (1 + 2 * m)};

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function createSpectrum(model) {
  const words = element("div", {class: "words", "aria-live": "polite"});
  /** @type {Curvature | null} */
  let shown = null;
  const surface = createSurface("spectrum-canvas", () => draw());
  surface.canvas.setAttribute("role", "img");
  const whole = element("div", {class: "picture"}, surface.canvas, words);

  function draw() {
    if (shown && surface.width > 80) drawSpectrum(surface.context, surface.width, surface.height, shown);
  }

  function show() {
    whole.hidden = !shown;
    const view = shown && model.runs[shown.run];
    if (!shown || !view) return;
    const lines = explain(shown, view.state.settings);
    surface.canvas.setAttribute("aria-label", lines.join(" "));
    words.replaceChildren(...lines.map((line) => element("p", {}, line)));
    draw();
  }

  model.on("curvature", (reply) => {
    shown = reply;
    show();
  });
  model.on("selection", () => {
    if (shown?.run !== model.selection.run) shown = null;
    show();
  });
  model.on("run", (run) => {
    if (shown?.run === run && shown?.parameters !== model.runs[run].state.parameters) shown = null;
    show();
  });
  for (const kind of /** @type {const} */ (["language", "theme"])) model.on(kind, show);
  show();
  return whole;
}

/**
 * What the eigenvalues mean, in a few lines.
 * @param {Curvature} spectrum
 * @param {Settings} settings
 */
function explain(spectrum, settings) {
  const {eigenvalues, largest_rate: limit, rate, parameters, samples, step} = spectrum;
  const largest = eigenvalues[eigenvalues.length - 1];
  const size = Math.max(...eigenvalues.map(Math.abs));
  const momentum = momentumOf(settings.optimizer);
  const values = {
    step: grouped(step),
    samples,
    parameters: grouped(parameters),
    max: number(largest),
    min: number(eigenvalues[0]),
    limit: number(limit ?? Infinity),
    rate: number(rate),
    shown: eigenvalues.length / 2,
    negative: eigenvalues.filter((value) => value < -FLAT * size).length,
    flat: eigenvalues.filter((value) => Math.abs(value) <= FLAT * size).length,
    optimizer: text(`settings.optimizer_${settings.optimizer.name}`),
    momentum: number(momentum),
    lifted: number((LIFTS[settings.optimizer.name]?.(momentum) ?? 1) * (limit ?? Infinity)),
  };
  const lines = [text(spectrum.exact ? "inside.spectrum-of" : "inside.spectrum-outer", values)];
  if (limit !== null) lines.push(text("inside.limit", values));
  lines.push(text(`inside.${verdict(spectrum, settings)}`, values));
  if (spectrum.exact) lines.push(text(values.negative ? "inside.saddle" : "inside.bowl", values));
  return lines;
}

/** What the limit says of the rate: the key of a text. @param {Curvature} spectrum @param {Settings} settings */
function verdict({largest_rate: limit, rate}, {optimizer}) {
  if (limit === null) return "no-limit";
  const lift = LIFTS[optimizer.name];
  if (!lift) return "scaled";
  const side = rate > lift(momentumOf(optimizer)) * limit ? "above" : "below";
  return optimizer.name === "sgd" ? side : `${side}-with-momentum`;
}

/** @param {Settings["optimizer"]} optimizer */
function momentumOf({name, numbers}) {
  return name === "sgd" ? 0 : (numbers?.momentum ?? 0.9);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {Curvature} spectrum
 */
function drawSpectrum(context, width, height, {eigenvalues, rate}) {
  const {positive, negative, muted, faint, ink} = palette();
  const [low, high] = [Math.min(0, eigenvalues[0]), Math.max(0, eigenvalues[eigenvalues.length - 1], 2 / rate)];
  const size = Math.max(...eigenvalues.map(Math.abs)) || 1;
  const scale = symmetricLogScale(low, 1.3 * high, size / 1000, width / 70);
  const x = (/** @type {number} */ value) => MARGIN.left + scale.share(value) * (width - MARGIN.left - MARGIN.right);
  const base = height - MARGIN.bottom;
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 1;
  for (const tick of scale.ticks) {
    context.strokeStyle = tick === 0 ? muted : faint;
    line(context, x(tick), MARGIN.top, base);
    context.fillStyle = muted;
    context.fillText(number(tick, 1), Math.min(width - 16, Math.max(16, x(tick))), height - 4);
  }
  const bins = counted(eigenvalues, scale);
  const most = Math.log1p(Math.max(...bins));
  const step = (width - MARGIN.left - MARGIN.right) / BINS;
  bins.forEach((count, k) => {
    if (!count) return;
    const tall = ((base - MARGIN.top) * Math.log1p(count)) / most;
    context.fillStyle = scale.value((k + 0.5) / BINS) < 0 ? negative : positive;
    context.fillRect(MARGIN.left + k * step, base - tall, Math.max(1, step - 1), tall);
  });
  context.setLineDash([4, 3]);
  context.strokeStyle = context.fillStyle = ink;
  line(context, x(2 / rate), MARGIN.top, base);
  context.setLineDash([]);
  context.textAlign = x(2 / rate) > width / 2 ? "right" : "left";
  context.fillText(text("inside.of-rate", {value: number(2 / rate)}), x(2 / rate), 12);
}

/** How many eigenvalues are in each bin of the axis. @param {number[]} eigenvalues @param {Scale} scale */
function counted(eigenvalues, scale) {
  const bins = new Array(BINS).fill(0);
  for (const value of eigenvalues) bins[Math.min(BINS - 1, Math.floor(BINS * scale.share(value)))] += 1;
  return bins;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} top @param {number} bottom */
function line(context, x, top, bottom) {
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, top);
  context.lineTo(Math.round(x) + 0.5, bottom);
  context.stroke();
}
