/** Mouse, finger and keyboard over the plane: reading it, choosing samples and places, editing points. */

import {number, percent} from "../draw/format.js";
import {pointAt, toCanvas, toPlane} from "../draw/points.js";
import {element} from "../dom.js";
import {bind, text} from "../text.js";
import {shownUnit} from "./output-plane.js";

/**
 * @import {Model} from "../model.js"
 * @import {Place, PlaneView} from "./output-plane.js"
 * @import {PointTools} from "./point-tools.js"
 */

const REACH = {mouse: 8, pen: 10, touch: 18};
const DRAG = 3; // CSS pixels that a point follows from
const TAP = 10; // CSS pixels between press and release, from which on it is no tap

export class PlanePointer {
  /** @param {Model} model @param {number} run @param {PlaneView} view @param {PointTools} tools */
  constructor(model, run, view, tools) {
    this.model = model;
    this.run = run;
    this.view = view;
    this.tools = tools;
    /** Where the pointer went down, and on which point. @type {{x: number, y: number, index: number | null} | null} */
    this.pressed = null;
    this.readout = element("p", {class: "output-readout", role: "status"});
    const {canvas} = view.over;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-describedby", `output-help-${run}`);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.#end());
    canvas.addEventListener("pointerleave", () => this.pressed || this.#read(null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#leave());
  }

  /** The name of the plane for screen readers. */
  update() {
    const {canvas} = this.view.over;
    bind(canvas, "output.map", {count: this.view.state.points.length}, "aria-label");
    canvas.classList.toggle("is-editing", this.tools.editing);
  }

  #near(/** @type {number} */ px, /** @type {number} */ py, /** @type {string} */ pointer) {
    const reach = REACH[/** @type {keyof REACH} */ (pointer)] ?? REACH.mouse;
    return pointAt(this.view.state, this.view.plane, px, py, reach, this.view.shown.tests);
  }

  #down(/** @type {PointerEvent} */ event) {
    if (event.button !== 0) return;
    this.pressed = {x: event.offsetX, y: event.offsetY, index: this.#near(event.offsetX, event.offsetY, event.pointerType)};
    if (this.tools.editing) this.view.over.canvas.setPointerCapture(event.pointerId);
  }

  #move(/** @type {PointerEvent} */ event) {
    const place = toPlane(this.view.plane, event.offsetX, event.offsetY);
    const {pressed} = this;
    if (this.tools.editing && pressed && pressed.index !== null) {
      const far = Math.hypot(event.offsetX - pressed.x, event.offsetY - pressed.y) > DRAG;
      if (far || this.view.moved) this.view.moved = {index: pressed.index, ...place};
      this.view.drawPoints();
    }
    this.#read(place);
  }

  #up(/** @type {PointerEvent} */ event) {
    const {pressed} = this;
    if (!pressed) return;
    const {moved} = this.view;
    const place = toPlane(this.view.plane, event.offsetX, event.offsetY);
    if (moved) this.tools.move(moved);
    else if (!this.tools.editing) this.#choose(pressed.index, place);
    else if (pressed.index !== null) this.tools.choose(pressed.index);
    else if (Math.hypot(event.offsetX - pressed.x, event.offsetY - pressed.y) < TAP) this.tools.add(place);
    this.#end();
  }

  #end() {
    this.pressed = null;
    this.view.moved = null;
    this.view.drawPoints();
  }

  /** A sample, or a place where there is none; the same sample again: none. */
  #choose(/** @type {number | null} */ sample, /** @type {Place} */ place) {
    const {selection} = this.model;
    const again = sample !== null && sample === selection.sample && selection.run === this.run;
    const chosen = again ? {sample: null, place: null} : sample !== null ? {sample, place: null} : {sample: null, place};
    this.model.select({run: this.run, ...chosen, inBatch: null, pass: null});
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const {extent} = this.view.plane;
    const by = extent / (event.shiftKey ? 100 : 15);
    /** @type {Record<string, [number, number]>} */
    const ways = {ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by]};
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ways) this.#step(ways[event.key], extent);
    else if (event.key === "Enter" || event.key === " ") this.#enter();
    else if (event.key === "Escape" && (this.view.cross || this.view.moved)) this.#leave();
    else if ((event.key === "Delete" || event.key === "Backspace") && this.tools.editing) this.#remove();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step(/** @type {[number, number]} */ [dx, dy], /** @type {number} */ extent) {
    const {view} = this;
    const {x, y} = view.cross ?? {x: 0, y: 0};
    const inside = (/** @type {number} */ v) => Math.min(extent, Math.max(-extent, v));
    view.cross = view.cross ? {x: inside(x + dx), y: inside(y + dy)} : {x, y};
    if (view.moved) view.moved = {...view.moved, ...view.cross};
    view.drawPoints();
    this.#read(view.cross);
  }

  #enter() {
    const {view, tools} = this;
    const cross = view.cross ?? {x: 0, y: 0};
    view.cross = cross;
    const under = this.#underCross();
    if (!tools.editing) return this.#choose(under, cross);
    if (view.moved) {
      tools.move(view.moved);
      view.moved = null;
    } else if (under !== null) {
      view.moved = {index: under, ...cross};
      this.readout.textContent = text("output.taken");
    } else {
      tools.add(cross);
    }
    view.drawPoints();
  }

  #remove() {
    const index = this.#underCross() ?? this.tools.chosen;
    if (index !== null) this.tools.remove(index);
  }

  #underCross() {
    const {cross, plane} = this.view;
    if (!cross) return null;
    const [px, py] = toCanvas(plane, cross.x, cross.y);
    return this.#near(px, py, "pen");
  }

  #leave() {
    this.view.cross = this.view.moved = null;
    this.view.drawPoints();
    this.#read(null);
  }

  /** What is shown at a place, in words. */
  #read(/** @type {Place | null} */ place) {
    this.readout.textContent = place ? this.#words(place) : "";
  }

  #words(/** @type {Place} */ {x, y}) {
    const {state} = this.view;
    const [xName, yName] = state.axes;
    const named = (/** @type {Place} */ at) => text("output.place", {xName, x: number(at.x, 2), yName, y: number(at.y, 2)});
    const [px, py] = toCanvas(this.view.plane, x, y);
    const index = this.#near(px, py, "mouse");
    if (index !== null && index !== this.view.moved?.index) {
      const {test, target} = state.points[index];
      const place = named(state.points[index]);
      const name = state.classes ? state.class_names[target] : number(target);
      return text("output.atPoint", {place, part: text(test ? "output.test" : "output.train"), target: name});
    }
    return this.#answer(named({x, y}), x, y);
  }

  /** The value of the map at a place. */
  #answer(/** @type {string} */ place, /** @type {number} */ x, /** @type {number} */ y) {
    const {state} = this.view;
    const {output, pictures, scales} = this.model.runs[this.run];
    const unit = shownUnit(this.model, this.run);
    const side = unit ? 32 : 80;
    const cell = (/** @type {number} */ share) => Math.min(side - 1, Math.floor(share * side));
    const at = cell((1 - y / state.extent) / 2) * side + cell((x / state.extent + 1) / 2);
    if (unit) {
      const value = (pictures[unit.picture * side * side + at] - 128) / 127;
      return text("output.answer", {place, value: number(value * scales[unit.picture], 2)});
    }
    if (!state.classes) {
      const [low, high] = state.target_range;
      return text("output.answer", {place, value: number(low + ((high - low) * output[at]) / 255, 2)});
    }
    const shares = [...probabilities(output, at, side * side, state.classes)];
    const best = shares.indexOf(Math.max(...shares));
    return text("output.classAnswer", {place, name: state.class_names[best], value: percent(shares[best])});
  }
}

/** The probability of each class in one cell of the output's maps. */
function probabilities(
  /** @type {Uint8Array} */ output,
  /** @type {number} */ at,
  /** @type {number} */ cells,
  /** @type {number} */ classes,
) {
  if (output.length === cells) return [1 - output[at] / 255, output[at] / 255];
  return Array.from({length: classes}, (_, k) => output[k * cells + at] / 255);
}
