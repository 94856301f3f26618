/** The top bar: play and step, counters and scores, undo, fork, language, theme, help. */

import {element} from "../dom.js";
import {createCounters} from "./counters.js";
import {createMenu} from "./menu.js";
import {createTransport} from "./transport.js";

/** @param {import("../model.js").Model} model */
export function create(model) {
  const brand = element("h1", {class: "brand"}, "deltaprop");
  return element("div", {class: "topbar"}, brand, createTransport(model), createCounters(model), createMenu(model));
}
