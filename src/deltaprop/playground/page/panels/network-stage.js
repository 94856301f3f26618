/** The picture of a network: canvases for what is seen, buttons for what can be reached. */

import {number} from "../draw/format.js";
import {biasPlace, layoutNetwork, linkAt, middleOf} from "../draw/layout.js";
import {Maps} from "../draw/maps.js";
import {drawChosenLink, drawFrameOf, drawLinks, drawNames, drawTag, drawUnits} from "../draw/network.js";
import {palette} from "../draw/palette.js";
import {createSurface, oncePerFrame, spaced} from "../draw/surface.js";
import {element} from "../dom.js";
import {bind, text} from "../text.js";
import {Flow} from "./network-flow.js";
import {indexOf, itemOf, keyOf, linkOf, next} from "./network-items.js";
import {shares} from "./scales.js";
import {unitName} from "./unit-name.js";
import {WeightEditor} from "./weight-editor.js";

/**
 * @import {Model} from "../model.js"
 * @import {Column, Numbers} from "../messages"
 * @import {Layout, Link, Place} from "../draw/layout.js"
 * @import {Item} from "./network-items.js"
 */

const SIDE = 32; // cells along a unit's picture
const REACH = {mouse: 6, touch: 14, pen: 8};

export class Stage {
  /** @param {Model} model @param {number} run */
  constructor(model, run) {
    this.model = model;
    this.run = run;
    /** @type {Layout | null} */
    this.layout = null;
    this.maps = new Maps(SIDE, 1);
    /** The unit that is kept large. @type {import("../model.js").Selection["unit"]} */
    this.kept = null;
    /** Of the columns that the buttons are for. */
    this.shape = "";
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    /** The link or bias under the pointer or the keyboard. @type {Item | null} */
    this.pointed = null;
    /** The item that the Tab key reaches. @type {Item} */
    this.current = {kind: "unit", column: 0, unit: 0};
    this.base = createSurface("network-canvas", () => this.#place());
    this.units = createSurface("network-canvas", () => this.draw());
    // Lines take long to draw, so that they are drawn less often than the units, the more of them the less often.
    this.drawLinks = spaced(() => this.#drawLinks(), () => Math.max(60, (this.view?.theta.length ?? 0) / 8));
    this.over = createSurface("network-canvas network-over", () => this.drawSelection());
    this.flow = new Flow(model, run, oncePerFrame(() => this.drawSelection()));
    this.linkButton = this.#button({kind: "link", column: 1, unit: 0, from: 0});
    this.linkButton.classList.add("network-link");
    this.linkButton.hidden = true;
    this.editor = new WeightEditor(model, run);
    this.items = element("div");
    const help = bind(element("p", {class: "visually-hidden", id: `network-help-${run}`}), "network.help");
    const names = {class: "network-stage", role: "group", "aria-describedby": help.id};
    const canvases = [this.base.canvas, this.units.canvas, this.over.canvas];
    this.element = bind(element("div", names, ...canvases, help, this.items, this.linkButton, this.editor.element), "network.stage", {}, "aria-label");
    this.#listen();
  }

  get view() {
    return this.model.runs[this.run];
  }

  /** New columns have new buttons; the item with the focus keeps it where it still is. */
  update() {
    const {columns} = this.view.state;
    const shape = JSON.stringify(columns.map((c) => [c.weights, c.units.map((unit) => unit.bias)]));
    if (shape !== this.shape) {
      this.shape = shape;
      this.#rebuild(columns);
    }
    this.#place();
    this.#name([...this.buttons.keys()].map(itemOf));
  }

  #rebuild(/** @type {Column[]} */ columns) {
    this.maps = new Maps(SIDE, columns.flatMap((column) => column.units).length);
    const keys = columns.flatMap((column, c) =>
      column.units.flatMap((unit, u) => [
        keyOf({kind: "unit", column: c, unit: u}),
        ...(unit.bias === null ? [] : [keyOf({kind: "bias", column: c, unit: u})]),
      ]),
    );
    const focused = this.items.contains(document.activeElement);
    this.buttons = new Map(keys.map((key) => [key, this.buttons.get(key) ?? this.#button(itemOf(key))]));
    this.items.replaceChildren(...this.buttons.values());
    this.#setCurrent(this.buttons.has(keyOf(this.current)) ? this.current : {kind: "unit", column: 0, unit: 0});
    if (focused) this.buttons.get(keyOf(this.current))?.focus();
    this.pointed = null;
    this.linkButton.hidden = true;
    this.flow.forget();
  }

  /** What the newest frame holds. */
  draw() {
    const {layout, view} = this;
    const {context, width, height} = this.units;
    if (!layout || !view?.frame || view.scales.length !== this.maps.count) return;
    this.maps.paintSigned(view.pictures, shares(this.model, this.run));
    context.clearRect(0, 0, width, height);
    this.drawLinks();
    drawUnits(context, layout, view.state.columns, this.maps, view.theta);
    drawNames(context, layout, view.state.columns, view.state.class_names);
    this.flow.frame();
    if (this.pointed || this.flow.active) this.drawSelection(); // only these change with the weights
    if (!this.model.playing) this.#name([...this.#itemsOf("bias"), this.current]);
  }

  #drawLinks() {
    const {layout, view} = this;
    const {context, width, height} = this.base;
    if (!layout || !view?.theta.length) return;
    context.clearRect(0, 0, width, height);
    drawLinks(context, layout, view.theta);
  }

  /** Something else has been selected, here or elsewhere. */
  select() {
    if (this.view && this.model.selection.unit !== this.kept) this.#name(this.#itemsOf("unit"));
    this.kept = this.model.selection.unit;
    this.drawSelection();
  }

  /** Marks, the value that is read, and the pass that is shown step by step. */
  drawSelection() {
    const {layout, model, run} = this;
    const {context, width, height} = this.over;
    if (!layout || !this.view) return;
    context.clearRect(0, 0, width, height);
    this.flow.draw(context, layout);
    const {unit, hover} = model.selection;
    if (unit && layout.units[unit.column]?.[unit.unit]) drawFrameOf(context, layout, unit.column, unit.unit, true);
    if (hover && hover.run === run && layout.units[hover.column]?.[hover.unit]) {
      drawFrameOf(context, layout, hover.column, hover.unit, false);
    }
    const pointed = this.editor.open || !this.view.theta.length ? null : this.pointed;
    if (pointed?.kind === "link") {
      const link = linkOf(this.view.state.columns, pointed);
      drawChosenLink(context, layout, pointed.column, link, number(this.view.theta[link.index]));
    } else if (pointed?.kind === "bias") {
      const {x, y} = biasPlace(layout, pointed.column, pointed.unit);
      drawTag(context, number(this.view.theta[indexOf(this.view.state.columns, pointed)]), x, y + 14, palette().accent);
    }
  }

  /** @param {Numbers} numbers of the sample that is shown step by step */
  animate(numbers) {
    if (this.layout) this.flow.start(numbers, this.view.state.columns);
  }

  #place() {
    const {width, height} = this.base;
    if (!this.view || !width) return;
    this.layout = layoutNetwork(this.view.state.columns, width, height);
    for (const [key, button] of this.buttons) {
      const {kind, column, unit} = itemOf(key);
      const size = kind === "unit" ? this.layout.size : Math.min(18, 0.45 * this.layout.size);
      const place = kind === "unit" ? this.layout.units[column][unit] : biasPlace(this.layout, column, unit);
      setBox(button, place, size);
    }
    this.draw();
    this.drawSelection();
  }

  #button(/** @type {Item} */ item) {
    const names = {type: "button", class: `network-item network-${item.kind}`, "data-key": keyOf(item), tabindex: "-1"};
    return element("button", names);
  }

  #listen() {
    const {element: stage} = this;
    const itemAt = (/** @type {Event} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target).closest?.("[data-key]");
      return target ? itemOf(/** @type {HTMLElement} */ (target).dataset.key ?? "") : null;
    };
    stage.addEventListener("pointermove", (event) => {
      if (this.editor.open) return;
      this.#point(itemAt(event) ?? this.#linkUnder(event));
    });
    stage.addEventListener("pointerleave", () => this.#point(null));
    stage.addEventListener("focusin", (event) => {
      const item = itemAt(event);
      if (!item) return;
      this.#setCurrent(item);
      if (/** @type {HTMLElement} */ (event.target).matches(":focus-visible")) this.#point(item);
    });
    stage.addEventListener("focusout", () => {
      if (!this.editor.open) this.#point(null);
    });
    stage.addEventListener("click", (event) => {
      const item = itemAt(event) ?? this.#linkUnder(/** @type {PointerEvent} */ (event));
      if (item) this.#act(item);
    });
    stage.addEventListener("keydown", (event) => {
      const item = itemAt(event);
      const to = item && next(this.view.state.columns, item, event.key, event.ctrlKey || event.metaKey);
      if (!to) return;
      event.preventDefault();
      event.stopPropagation();
      this.#focus(to);
    });
  }

  /** @param {PointerEvent} event @returns {Item | null} */
  #linkUnder(event) {
    if (!this.layout || event.target !== this.over.canvas) return null;
    const reach = REACH[/** @type {keyof REACH} */ (event.pointerType)] ?? REACH.mouse;
    const found = linkAt(this.layout, event.offsetX, event.offsetY, reach);
    return found && {kind: "link", column: found.column, unit: found.link.to, from: found.link.from};
  }

  /** The pointer or the keyboard is at an item. */
  #point(/** @type {Item | null} */ item) {
    const {model, run} = this;
    const unit = item?.kind === "unit" ? item : null;
    const {hover} = model.selection;
    if (unit ? hover?.run !== run || hover.column !== unit.column || hover.unit !== unit.unit : hover?.run === run) {
      model.select({hover: unit && {run, column: unit.column, unit: unit.unit}});
    }
    const pointed = unit ? null : item;
    if (keyOf(pointed) === keyOf(this.pointed)) return;
    this.pointed = pointed;
    this.element.classList.toggle("is-on-link", pointed?.kind === "link");
    if (pointed) model.select({run, weight: indexOf(this.view.state.columns, pointed)});
    else this.drawSelection();
  }

  /** A unit is kept large, or no longer; a weight or a bias is set by hand. */
  #act(/** @type {Item} */ item) {
    const {model, run} = this;
    if (item.kind === "unit") {
      const {unit} = model.selection;
      const same = unit && unit.column === item.column && unit.unit === item.unit && model.selection.run === run;
      model.select({run, unit: same ? null : {column: item.column, unit: item.unit}});
      return;
    }
    this.#point(item);
    const index = indexOf(this.view.state.columns, item);
    const {layout} = this;
    if (!layout || !(index in this.view.theta)) return; // the frame of a new network is still to come
    const place = item.kind === "bias" ? biasPlace(layout, item.column, item.unit) : middleOf(layout, item.column, linkOf(this.view.state.columns, item));
    this.editor.edit(index, this.view.theta[index], place, this.base.width, () => this.#focus(item));
    this.drawSelection();
  }

  #focus(/** @type {Item} */ item) {
    if (item.kind === "link") {
      const {layout} = this;
      if (!layout) return;
      this.linkButton.dataset.key = keyOf(item);
      this.linkButton.hidden = false;
      setBox(this.linkButton, middleOf(layout, item.column, linkOf(this.view.state.columns, item)), 12);
    }
    this.#name([item]);
    this.#elementOf(item)?.focus();
    this.#point(item);
  }

  /** The one item that the Tab key reaches. */
  #setCurrent(/** @type {Item} */ item) {
    this.#elementOf(this.current)?.setAttribute("tabindex", "-1");
    this.current = item;
    this.#elementOf(item)?.setAttribute("tabindex", "0");
    if (item.kind !== "link") this.linkButton.hidden = true;
  }

  #elementOf(/** @type {Item} */ item) {
    return item.kind === "link" ? this.linkButton : this.buttons.get(keyOf(item));
  }

  #itemsOf(/** @type {Item["kind"]} */ kind) {
    return [...this.buttons.keys()].map(itemOf).filter((item) => item.kind === kind);
  }

  /** Names for screen readers, with the present values. */
  #name(/** @type {Item[]} */ items) {
    const {unit: kept} = this.model.selection;
    for (const item of items) {
      const button = this.#elementOf(item);
      if (!button) continue;
      const unit = unitName(this.view.state, item.column, item.unit);
      if (item.kind === "unit") {
        button.setAttribute("aria-pressed", String(kept?.column === item.column && kept.unit === item.unit));
        button.setAttribute("aria-label", unit);
        continue;
      }
      const value = number(this.view.theta[indexOf(this.view.state.columns, item)] ?? NaN);
      const from = item.kind === "link" && unitName(this.view.state, item.column - 1, item.from ?? 0);
      button.setAttribute("aria-label", from ? text("network.weight", {from, to: unit, value}) : text("network.bias", {unit, value}));
    }
  }
}

function setBox(/** @type {HTMLElement} */ element, /** @type {Place} */ {x, y}, /** @type {number} */ size) {
  element.style.width = element.style.height = `${size}px`;
  element.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
}
