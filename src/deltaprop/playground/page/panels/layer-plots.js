// How each layer learns over time: the norm of its gradient, its update ratio, its dead and its saturated units.

import {element} from "../dom.js";
import {number, percent} from "../draw/format.js";
import {palette} from "../draw/palette.js";
import {LinePlot} from "../draw/plot.js";
import {oncePerFrame} from "../draw/surface.js";
import {bind, text} from "../text.js";
import {columnTitle} from "./titles.js";

/** @import {Model} from "../model.js" */

/** Measures in the order of the frame; shares lie between 0 and 1. @type {{name: string, share: boolean}[]} */
const MEASURES = [
  {name: "gradient", share: false},
  {name: "update", share: false},
  {name: "dead", share: true},
  {name: "saturated", share: true},
];
const DASHES = [[], [6, 3], [2, 2]];

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function createLayerPlots(model) {
  const legend = element("p", {class: "legend"});
  const plots = MEASURES.map(() => new LinePlot());
  const figures = MEASURES.map(({name}, k) =>
    element("figure", {}, bind(element("figcaption"), `inside.${name}`), plots[k].element),
  );
  const all = element("div", {class: "layer-plots"}, ...figures);
  const reading = element("p", {class: "words"});
  const whole = element("div", {}, legend, all, reading);

  const show = oncePerFrame(() => {
    const view = model.runs[model.selection.run];
    if (!view?.frame || !whole.checkVisibility()) return;
    const {step, rows} = view.frame;
    const titles = rows.map((_, layer) => columnTitle(layer + 1, rows.length + 1));
    const lines = columns(view.diagnostics, titles.length);
    legend.replaceChildren(...titles.map((title, layer) => entry(title, layer)));
    reading.textContent = compare(lines, titles);
    MEASURES.forEach(({name, share}, k) => {
      const series = titles.map((title, layer) => ({
        name: title,
        x: lines[0],
        y: lines[1 + 4 * layer + k],
        ...look(layer),
      }));
      const shown = series.filter(({y}) => y.some(Number.isFinite));
      const format = share ? percent : number;
      figures[k].hidden = !shown.length;
      plots[k].draw({
        label: label(name, shown, format),
        series: shown,
        xName: text("inside.step"),
        log: !share,
        within: share ? [0, 1] : undefined,
        mark: step,
        levels: name === "update" ? [{y: 1e-3, name: "10⁻³"}] : [],
        format,
      });
    });
  });
  for (const kind of /** @type {const} */ (["frame", "selection", "run", "language", "theme", "drawer"]))
    model.on(kind, show);
  show();
  return whole;
}

/**
 * The columns of the diagnostics: step, then four of each layer.
 * @param {Float32Array} rows
 * @param {number} layers
 */
function columns(rows, layers) {
  const width = 1 + 4 * layers;
  const length = Math.floor(rows.length / width);
  return Array.from({length: width}, (_, k) => Float32Array.from({length}, (_, i) => rows[i * width + k]));
}

/**
 * How far the gradient of the first layer has shrunk or grown on its way from the output.
 * @param {Float32Array[]} lines
 * @param {string[]} titles
 */
function compare(lines, titles) {
  const newest = lines[0].length - 1;
  const last = titles.length - 1;
  const ratio = lines[1]?.[newest] / lines[1 + 4 * last]?.[newest];
  if (!last || !Number.isFinite(ratio)) return "";
  return text("inside.compare", {first: titles[0], last: titles[last], ratio: number(ratio, 2)});
}

/** @param {number} layer */
function look(layer) {
  const {classes} = palette();
  return {color: classes[layer % classes.length], dash: DASHES[layer % DASHES.length]};
}

/** @param {string} title @param {number} layer */
function entry(title, layer) {
  const {color, dash} = look(layer);
  const line = element("span", {class: "swatch", "aria-hidden": "true"});
  line.style.borderTopColor = color;
  line.style.borderTopStyle = dash.length ? (dash[0] > 2 ? "dashed" : "dotted") : "solid";
  return element("span", {class: "legend-entry"}, line, title);
}

/**
 * The newest value of each layer, for screen readers.
 * @param {string} name
 * @param {{name: string, y: Float32Array}[]} series
 * @param {(value: number) => string} format
 */
function label(name, series, format) {
  const values = series.map((one) => `${one.name} ${format(one.y[one.y.length - 1])}`);
  return `${text(`inside.${name}`)}: ${values.join(", ")}`;
}
