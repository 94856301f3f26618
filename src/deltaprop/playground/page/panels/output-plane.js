/** The plane: a map with points over it, read and changed by mouse, finger and keyboard. */

import {drawAxes} from "../draw/axes.js";
import {Maps} from "../draw/maps.js";
import {palette} from "../draw/palette.js";
import {drawPoints, radiusFor, toCanvas} from "../draw/points.js";
import {createSurface} from "../draw/surface.js";
import {element} from "../dom.js";
import {bind} from "../text.js";
import {shares} from "./scales.js";

/**
 * @import {Model} from "../model.js"
 * @import {Numbers} from "../messages"
 * @import {Plane} from "../draw/points.js"
 * @import {PointTools} from "./point-tools.js"
 */

/** @typedef {{x: number, y: number}} Place */

const OUTPUT = 80; // cells along the output's map
const PICTURE = 32; // cells along a unit's picture
const MARGIN = {left: 18, bottom: 18, edge: 2};

/**
 * The unit that is shown large, and the number of its picture; null: the output is shown.
 * @param {Model} model
 * @param {number} run
 */
export function shownUnit(model, run) {
  const unit = model.selection.hover ?? model.selection.unit;
  const {columns} = model.runs[run].state;
  if (!unit || !columns[unit.column]?.units[unit.unit]) return null;
  const before = columns.slice(0, unit.column).reduce((sum, c) => sum + c.units.length, 0);
  return {column: unit.column, unit: unit.unit, picture: before + unit.unit};
}

export class PlaneView {
  /**
   * @param {Model} model
   * @param {number} run
   * @param {PointTools} tools
   * @param {{tests: boolean, discrete: boolean}} shown
   */
  constructor(model, run, tools, shown) {
    this.model = model;
    this.run = run;
    this.tools = tools;
    this.shown = shown;
    /** Of the sample that is shown step by step. @type {Numbers | null} */
    this.numbers = null;
    /** Where the keyboard's cross is. @type {Place | null} */
    this.cross = null;
    /** The point that is being moved. @type {{index: number, x: number, y: number} | null} */
    this.moved = null;
    this.output = new Maps(OUTPUT, 1);
    this.picture = new Maps(PICTURE, 1);
    this.base = createSurface("output-canvas", () => this.draw());
    this.over = createSurface("output-canvas output-over", () => this.drawPoints());
    const help = bind(element("p", {class: "visually-hidden", id: `output-help-${run}`}), "output.help");
    const box = element("div", {class: "output-map"}, this.base.canvas, this.over.canvas);
    this.element = element("div", {class: "output-plane"}, box, help);
  }

  get state() {
    return this.model.runs[this.run].state;
  }

  /** @returns {Plane} */
  get plane() {
    const {width, height} = this.base;
    const size = Math.min(width - MARGIN.left - MARGIN.edge, height - MARGIN.bottom - MARGIN.edge);
    return {left: MARGIN.left + (width - MARGIN.left - MARGIN.edge - size) / 2, top: MARGIN.edge, size, extent: this.state.extent};
  }

  draw() {
    this.drawMap();
    this.drawPoints();
  }

  /** What changes with each frame. */
  drawMap() {
    const {model, run} = this;
    const view = model.runs[run];
    if (!view?.frame) return;
    const {plane} = this;
    if (plane.size < 20) return;
    const {context, width, height} = this.base;
    context.clearRect(0, 0, width, height);
    const unit = shownUnit(model, run);
    if (unit) this.#drawUnit(unit, plane);
    else {
      this.output.paintOutput(view.output, this.shown.discrete);
      this.output.draw(context, 0, plane.left, plane.top, plane.size, !this.shown.discrete);
    }
    drawAxes(this.base.context, plane, this.state.axes);
  }

  /** At once from the unit's small picture; finely when a frame with it has come. */
  #drawUnit(/** @type {{column: number, unit: number, picture: number}} */ unit, /** @type {Plane} */ plane) {
    const {large, pictures} = this.model.runs[this.run];
    const fine = large && this.model.largeUnit === `${unit.column}.${unit.unit}`;
    const maps = fine ? this.output : this.picture;
    const cells = maps.side * maps.side;
    const share = shares(this.model, this.run)[unit.picture];
    maps.paintSigned(fine ? large : pictures.subarray(unit.picture * cells, (unit.picture + 1) * cells), [share]);
    maps.draw(this.base.context, 0, plane.left, plane.top, plane.size);
  }

  /** Points and marks, over the map. */
  drawPoints() {
    const {model, run, moved, tools} = this;
    const {context, width, height} = this.over;
    if (!model.runs[run]) return;
    const {plane} = this;
    if (plane.size < 20) return;
    context.clearRect(0, 0, width, height);
    drawPoints(context, plane, this.state, this.shown.tests, moved);
    const {sample, place, inBatch} = model.selection;
    const mine = model.selection.run === run;
    if (mine && sample !== null) this.#ring(this.state.points[sample]);
    if (mine && place) this.#cross(place);
    if (mine && inBatch !== null && this.numbers?.in_batch === inBatch) this.#ring(this.numbers);
    if (tools.editing && tools.chosen !== null) this.#ring(this.state.points[tools.chosen]);
    if (moved) this.#ring(moved);
    if (this.cross) this.#cross(this.cross);
  }

  #ring(/** @type {Place | undefined} */ place) {
    if (!place) return;
    const {context} = this.over;
    const [x, y] = toCanvas(this.plane, place.x, place.y);
    const radius = radiusFor(this.state.points.length, this.plane) + 5;
    for (const [color, width] of /** @type {const} */ ([[palette().surface, 5], [palette().ink, 2]])) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.strokeStyle = color;
      context.lineWidth = width;
      context.stroke();
    }
  }

  #cross(/** @type {Place} */ place) {
    const {context} = this.over;
    const [x, y] = toCanvas(this.plane, place.x, place.y);
    for (const [color, width] of /** @type {const} */ ([[palette().surface, 4], [palette().ink, 1.5]])) {
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + 3 * dx, y + 3 * dy);
        context.lineTo(x + 9 * dx, y + 9 * dy);
      }
      context.strokeStyle = color;
      context.lineWidth = width;
      context.stroke();
    }
  }
}
