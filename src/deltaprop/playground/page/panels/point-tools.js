/** Under the plane: the classes, and what edits the points. */

import {drawMarker} from "../draw/points.js";
import {palette} from "../draw/palette.js";
import {element} from "../dom.js";
import {plainNumber, readNumber} from "../fields.js";
import {setAble} from "../icons.js";
import {bind} from "../text.js";

/** @import {Model} from "../model.js" */

const SIZE = 16; // of a marker's picture

export class PointTools {
  /** @param {Model} model @param {number} run @param {() => void} changed */
  constructor(model, run, changed) {
    this.model = model;
    this.run = run;
    this.changed = changed;
    this.editing = false;
    /** Class or value of new points. */
    this.target = 0;
    this.test = false;
    /** The point that the button removes. @type {number | null} */
    this.chosen = null;
    this.classes = element("div", {class: "point-classes", role: "group"});
    this.edit = textButton("output.edit", () => this.#toggle());
    this.removeButton = textButton("output.remove", () => this.remove(this.chosen ?? 0));
    this.restoreButton = textButton("output.restore", () => {
      this.chosen = null;
      this.model.send({kind: "point", run, action: "restore"});
    });
    this.part = element("select", {});
    bind(this.part, "output.part", {}, "aria-label");
    for (const part of ["train", "test"]) this.part.add(bind(new Option("", part), `output.${part}`));
    this.part.addEventListener("change", () => (this.test = this.part.value === "test"));
    this.row = element("div", {class: "point-row"}, this.part, this.removeButton, this.restoreButton);
    this.element = element(
      "div",
      {class: "point-tools", "data-about": "point"},
      element("div", {class: "point-row"}, this.classes, this.edit),
      this.row,
    );
  }

  get state() {
    return this.model.runs[this.run].state;
  }

  /** What the present data allow. */
  update() {
    const {state} = this;
    const table = state.settings.data.name === "table";
    if (table) this.editing = false;
    setAble(this.edit, !table);
    bind(this.edit, table ? "output.editTable" : "output.hint", {}, "title");
    if (this.chosen !== null && this.chosen >= state.points.length) this.chosen = null;
    if (state.classes && this.target >= state.classes) this.target = 0;
    const focused = this.classes.contains(document.activeElement);
    this.classes.replaceChildren(...(state.classes ? this.#chips() : this.editing ? [this.#value()] : []));
    if (focused) /** @type {HTMLElement | null} */ (this.classes.querySelector(":checked, .point-value"))?.focus();
    this.#show();
  }

  /** @param {{x: number, y: number}} place */
  add({x, y}) {
    const {target, test} = this;
    this.model.send({kind: "point", run: this.run, action: "add", x, y, target, test});
  }

  /** @param {{index: number, x: number, y: number}} moved */
  move({index, x, y}) {
    const {target, test} = this.state.points[index];
    this.choose(index);
    this.model.send({kind: "point", run: this.run, action: "move", index, x, y, target, test});
  }

  /** @param {number} index */
  remove(index) {
    this.chosen = null;
    this.model.send({kind: "point", run: this.run, action: "remove", index});
  }

  /** @param {number} index of the point that the button removes */
  choose(index) {
    this.chosen = index;
    this.#show();
    this.changed();
  }

  #toggle() {
    this.editing = !this.editing;
    this.chosen = null;
    this.update();
    this.changed();
  }

  #show() {
    this.edit.setAttribute("aria-pressed", String(this.editing));
    this.row.hidden = !this.editing;
    this.element.parentElement?.classList.toggle("is-editing", this.editing);
    setAble(this.removeButton, this.chosen !== null);
    setAble(this.restoreButton, this.state.points_edited);
  }

  /** The markers of the classes with their names; while points are edited, one is chosen for new points. */
  #chips() {
    const {class_names: names} = this.state;
    bind(this.classes, "output.target", {}, "aria-label");
    return names.map((name, k) => {
      const label = element(this.editing ? "label" : "span", {class: "point-class"});
      if (this.editing) {
        const radio = element("input", {type: "radio", name: `point-class-${this.run}`, class: "visually-hidden"});
        radio.checked = k === this.target;
        radio.addEventListener("change", () => (this.target = k));
        label.append(radio);
      }
      label.append(markerPicture(k), element("span", {}, name));
      return label;
    });
  }

  #value() {
    const field = element("input", {type: "text", inputmode: "decimal", autocomplete: "off", class: "point-value"});
    field.value = plainNumber(this.target);
    bind(field, "output.value", {}, "aria-label");
    bind(field, "output.value", {}, "title");
    field.dataset.about = "point.target";
    field.addEventListener("change", () => {
      const read = readNumber(field.value, {minimum: -1e6, maximum: 1e6, nullable: false});
      if ("error" in read) this.model.complain("point.target", read.error);
      else this.target = Number(read.value);
      field.value = plainNumber(this.target);
    });
    return field;
  }
}

function textButton(/** @type {string} */ key, /** @type {() => void} */ act) {
  const made = bind(element("button", {type: "button", class: "point-button"}), key);
  made.addEventListener("click", () => made.getAttribute("aria-disabled") === "true" || act());
  return made;
}

function markerPicture(/** @type {number} */ k) {
  const canvas = element("canvas", {width: String(2 * SIZE), height: String(2 * SIZE), class: "point-marker"});
  const context = canvas.getContext("2d");
  const {classes} = palette();
  const marker = {shape: k, color: classes[k % classes.length], hollow: false, x: SIZE, y: SIZE, radius: 0.62 * SIZE};
  if (context) drawMarker(context, marker);
  return canvas;
}
