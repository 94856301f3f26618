// Line plots on a canvas, read by mouse, finger and keyboard.

import {grouped, number} from "./format.js";
import {palette} from "./palette.js";
import {linearScale, logScale, range} from "./scale.js";
import {createSurface} from "./surface.js";

/** @typedef {import("./scale.js").Scale} Scale */

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {ArrayLike<number>} x ascending
 * @property {ArrayLike<number>} y NaN: a gap
 * @property {string} color
 * @property {number[]} [dash]
 * @property {number} [width]
 */

/**
 * @typedef {object} PlotSpec
 * @property {string} label what a screen reader calls the plot
 * @property {Series[]} series
 * @property {string} xName of the horizontal axis, as in "step"
 * @property {string} [title] above the plot; the readout then stands beside it
 * @property {boolean} [bare] whether the horizontal axis goes without numbers, as one of a plot below serves both
 * @property {boolean} [log] whether the vertical axis is logarithmic
 * @property {[number, number]} [within] what the vertical axis shows at least
 * @property {[number, number]} [limits] what the vertical axis shows at most
 * @property {[number, number]} [xRange] of the horizontal axis; without it, that of the series
 * @property {number | null} [mark] where a vertical line stands, the present step
 * @property {{y: number, name: string}[]} [levels] horizontal lines
 * @property {(y: number) => string} [format]
 */

const MARGIN = {left: 38, right: 8};
const TITLE = 18; // height of the line above a plot with a title
const FONT = "11px system-ui, sans-serif";

export class LinePlot {
  constructor() {
    /** @type {PlotSpec | null} */
    this.spec = null;
    /** @type {number | null} x that is read */
    this.cursor = null;
    /** @type {Scale} */
    this.xScale = linearScale(0, 1, 1);
    /** @type {Scale} */
    this.yScale = linearScale(0, 1, 1);
    /** Where the area of the lines begins and ends. */
    this.top = 0;
    this.bottom = 0;
    this.surface = createSurface("plot-canvas", () => this.#draw());
    this.readout = document.createElement("output");
    this.readout.className = "plot-readout";
    this.element = document.createElement("div");
    this.element.className = "plot";
    this.element.append(this.surface.canvas, this.readout);
    this.#listen();
  }

  /** @param {PlotSpec} spec */
  draw(spec) {
    this.spec = spec;
    this.surface.canvas.setAttribute("aria-label", spec.label);
    this.element.classList.toggle("has-title", Boolean(spec.title));
    this.#draw();
  }

  #listen() {
    const {canvas} = this.surface;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "slider");
    canvas.setAttribute("aria-valuemin", "0");
    canvas.setAttribute("aria-valuenow", "0");
    const read = (/** @type {PointerEvent} */ event) => {
      const width = this.surface.width - MARGIN.left - MARGIN.right;
      this.#read(this.xScale.value((event.offsetX - MARGIN.left) / width));
    };
    canvas.addEventListener("pointermove", read);
    canvas.addEventListener("pointerdown", read);
    canvas.addEventListener("pointerleave", () => this.#read(null));
    canvas.addEventListener("blur", () => this.#read(null));
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) this.#read(this.spec?.mark ?? this.xScale.high);
    });
    canvas.addEventListener("keydown", (event) => {
      const {low, high} = this.xScale;
      const at = this.cursor ?? high;
      const step = (high - low) / (event.shiftKey ? 10 : 100);
      const to = {ArrowLeft: at - step, ArrowRight: at + step, Home: low, End: high}[event.key];
      if (to !== undefined) {
        event.preventDefault();
        this.#read(to);
      } else if (event.key === "Escape") {
        this.#read(null);
      }
    });
  }

  #read(/** @type {number | null} */ x) {
    const {low, high} = this.xScale;
    this.cursor = x === null ? null : Math.min(high, Math.max(low, x));
    this.#draw();
  }

  #draw() {
    const {spec, surface} = this;
    const {context, width, height} = surface;
    if (!spec || width < 80 || height < 40) return;
    this.top = spec.title ? TITLE : 6;
    this.bottom = height - (spec.bare ? 4 : 16);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    this.#scales(spec, width, this.bottom - this.top);
    this.#axes(spec);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left - 1, this.top - 2, width - MARGIN.left - MARGIN.right + 2, this.bottom - this.top + 3);
    context.clip();
    for (const series of spec.series) this.#line(series);
    context.restore();
    if (spec.mark !== undefined && spec.mark !== null) this.#vertical(spec.mark, palette().accent, []);
    this.#readings(spec);
  }

  #scales(/** @type {PlotSpec} */ spec, /** @type {number} */ width, /** @type {number} */ height) {
    const xs = spec.xRange ?? range(spec.series.map((s) => s.x)) ?? [0, 1];
    this.xScale = linearScale(xs[0], xs[1], width / 80);
    const lists = [...spec.series.map((s) => s.y), spec.within ?? []];
    let [low, high] = range(lists, spec.log) ?? (spec.log ? [0.1, 1] : [0, 1]);
    if (spec.limits) [low, high] = [Math.max(low, spec.limits[0]), Math.min(high, spec.limits[1])];
    if (spec.log) {
      this.yScale = logScale(low / 1.1, high * 1.1, height / 24);
    } else {
      const space = 0.04 * (high - low || 1);
      this.yScale = linearScale(low - space, high + space, height / 24);
    }
  }

  #x(/** @type {number} */ value) {
    return MARGIN.left + this.xScale.share(value) * (this.surface.width - MARGIN.left - MARGIN.right);
  }

  #y(/** @type {number} */ value) {
    return this.top + (1 - this.yScale.share(value)) * (this.bottom - this.top);
  }

  #axes(/** @type {PlotSpec} */ spec) {
    const {context, width, height} = this.surface;
    const {faint, muted} = palette();
    context.lineWidth = 1;
    context.setLineDash([]);
    context.strokeStyle = faint;
    context.fillStyle = muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of this.yScale.ticks) {
      const y = Math.round(this.#y(tick)) + 0.5;
      this.#segment(MARGIN.left, y, width - MARGIN.right, y);
      context.fillText(number(tick), MARGIN.left - 5, y);
    }
    context.textBaseline = "alphabetic";
    for (const tick of spec.bare ? [] : this.xScale.ticks) {
      const x = this.#x(tick);
      context.textAlign = x > width - 24 ? "right" : "center";
      context.fillText(grouped(tick), Math.min(x, width - 2), height - 3);
    }
    context.textAlign = "left";
    if (!spec.bare) context.fillText(spec.xName, 2, height - 3);
    if (spec.title) {
      context.font = `600 ${FONT}`;
      context.fillText(spec.title, 2, 11);
      context.font = FONT;
    }
    for (const {y, name} of spec.levels ?? []) {
      context.setLineDash([2, 3]);
      context.strokeStyle = muted;
      this.#segment(MARGIN.left, this.#y(y), width - MARGIN.right, this.#y(y));
      context.fillText(name, MARGIN.left + 4, this.#y(y) - 3);
      context.setLineDash([]);
    }
  }

  #segment(/** @type {number} */ x0, /** @type {number} */ y0, /** @type {number} */ x1, /** @type {number} */ y1) {
    const {context} = this.surface;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }

  #vertical(/** @type {number} */ value, /** @type {string} */ color, /** @type {number[]} */ dash) {
    const {context} = this.surface;
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.setLineDash(dash);
    const x = this.#x(value);
    this.#segment(x, this.top, x, this.bottom);
    context.setLineDash([]);
  }

  /** A line; where rows lie closer than pixels, one vertical stroke for each pixel. */
  #line(/** @type {Series} */ {x, y, color, dash, width}) {
    const {context} = this.surface;
    const positive = this.spec?.log;
    context.strokeStyle = color;
    context.lineWidth = width ?? 1.5;
    context.lineJoin = context.lineCap = "round"; // a row alone is a dot
    context.setLineDash(dash ?? []);
    context.beginPath();
    let begun = false;
    for (let i = 0; i < x.length; ) {
      const at = this.#x(x[i]);
      let [low, high, last] = [Infinity, -Infinity, NaN];
      for (; i < x.length && this.#x(x[i]) < at + 0.5; i++) {
        if (!Number.isFinite(y[i]) || (positive && y[i] <= 0)) continue;
        last = y[i];
        low = Math.min(low, last);
        high = Math.max(high, last);
      }
      if (Number.isNaN(last)) {
        begun = false;
        continue;
      }
      if (!begun) context.moveTo(at, this.#y(high));
      context.lineTo(at + 0.01, this.#y(high)); // a line of no length would not be drawn
      if (low < high) {
        context.lineTo(at, this.#y(low));
        context.lineTo(at, this.#y(last));
      }
      begun = true;
    }
    context.stroke();
    context.setLineDash([]);
    context.lineCap = "butt";
  }

  /** The values at the cursor: marked, written beneath, and told to screen readers. */
  #readings(/** @type {PlotSpec} */ spec) {
    const {context, canvas} = this.surface;
    const format = spec.format ?? number;
    canvas.setAttribute("aria-valuemax", String(this.xScale.high));
    if (this.cursor === null) {
      this.readout.textContent = "";
      return;
    }
    this.#vertical(this.cursor, palette().muted, [3, 2]);
    const words = [`${spec.xName} ${grouped(Math.round(this.cursor))}`];
    for (const {name, x, y, color} of spec.series) {
      const i = nearest(x, this.cursor);
      if (i < 0 || !Number.isFinite(y[i])) continue;
      words.push(`${name} ${format(y[i])}`);
      context.fillStyle = color;
      context.beginPath();
      context.arc(this.#x(x[i]), this.#y(y[i]), 3, 0, 2 * Math.PI);
      context.fill();
    }
    canvas.setAttribute("aria-valuenow", String(Math.round(this.cursor)));
    this.readout.textContent = words.join(" · ");
    canvas.setAttribute("aria-valuetext", this.readout.textContent);
  }
}

/** @param {ArrayLike<number>} list ascending @param {number} value @returns {number} index, −1 in an empty list */
function nearest(list, value) {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return high > 0 && value - list[high - 1] < list[high] - value ? high - 1 : high;
}
