/** A small field over the network in which a weight or a bias is set by hand. */

import {plainNumber, readNumber} from "../fields.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Place} from "../draw/layout.js"
 */

const BOUNDS = {minimum: -1e6, maximum: 1e6, nullable: false};
const WIDTH = 104;

export class WeightEditor {
  /** @param {Model} model @param {number} run */
  constructor(model, run) {
    this.model = model;
    this.run = run;
    this.index = 0;
    this.leave = () => {};
    this.input = document.createElement("input");
    this.input.type = "text";
    this.input.inputMode = "decimal";
    this.input.autocomplete = "off";
    bind(this.input, "network.editor", {}, "aria-label");
    bind(this.input, "network.editor", {}, "title");
    this.element = document.createElement("form");
    this.element.className = "weight-editor";
    this.element.noValidate = true;
    this.element.hidden = true;
    this.element.append(this.input);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.#close(true);
    });
    this.input.addEventListener("input", () => this.input.setCustomValidity(""));
    this.input.addEventListener("blur", () => this.#close(false));
  }

  get open() {
    return !this.element.hidden;
  }

  /**
   * @param {number} index in theta
   * @param {number} value
   * @param {Place} place where the field stands
   * @param {number} width of the stage
   * @param {() => void} leave puts the focus back
   */
  edit(index, value, {x, y}, width, leave) {
    this.index = index;
    this.leave = leave;
    this.input.value = plainNumber(Number(value.toPrecision(6)));
    this.input.setCustomValidity("");
    this.element.hidden = false;
    const left = Math.min(Math.max(0, x - WIDTH / 2), Math.max(0, width - WIDTH));
    this.element.style.transform = `translate(${left}px, ${Math.max(0, y - 16)}px)`;
    this.input.focus();
    this.input.select();
  }

  #submit() {
    const read = readNumber(this.input.value, BOUNDS);
    if ("error" in read) {
      this.input.setCustomValidity(read.error);
      this.input.reportValidity();
      return;
    }
    this.model.send({kind: "weight", run: this.run, index: this.index, value: Number(read.value)});
    this.#close(true);
  }

  #close(/** @type {boolean} */ back) {
    if (!this.open) return;
    this.element.hidden = true;
    if (back) this.leave();
  }
}
