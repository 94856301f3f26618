/** The trouble line: what cannot be done and what to do instead, at the control that it concerns. */

import {element} from "../dom.js";
import {iconButton} from "../icons.js";
import {placeUnder} from "./popover.js";

/**
 * @import {Model} from "../model.js"
 * @import {Trouble} from "../messages.d.ts"
 */

/** Requests that the page sends by itself; any other one means that a person has gone on. */
const OWN = ["frame", "save", "ask", "chain", "curvature", "slice"];

/** @param {Model} model */
export function create(model) {
  const words = element("span", {id: "trouble-text"});
  const close = iconButton("close", "shell.close", hide);
  const line = element("div", {class: "trouble", popover: "manual", role: "alert"}, words, close);
  /** @type {HTMLElement | null} */
  let marked = null;

  /** @param {Trouble} trouble */
  function show({about, text}) {
    unmark();
    words.textContent = text;
    const control = controlOf(about);
    // Within a window or a sheet the line must lie above it, so it is shown anew each time.
    if (line.matches(":popover-open")) line.hidePopover();
    line.showPopover();
    if (control) mark(control);
    placeUnder(line, control ?? document.querySelector(".topbar") ?? document.body);
  }

  /** @param {HTMLElement} control */
  function mark(control) {
    marked = control;
    control.setAttribute("aria-describedby", "trouble-text");
    if (control.matches("input, select, textarea")) control.setAttribute("aria-invalid", "true");
  }

  function unmark() {
    marked?.removeAttribute("aria-invalid");
    marked?.removeAttribute("aria-describedby");
    marked = null;
  }

  function hide() {
    unmark();
    if (line.matches(":popover-open")) line.hidePopover();
  }

  model.on("trouble", show);
  model.on("sent", ({kind}) => OWN.includes(kind) || hide());
  model.on("language", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("resize", hide);
  return line;
}

/**
 * The visible control that a trouble is about: the one that names it, or names what it is a part of, or has just been
 * used.
 * @param {string} about such as "optimizer.learning_rate" or a kind of request
 * @returns {HTMLElement | null}
 */
function controlOf(about) {
  for (let path = about; path; path = path.slice(0, Math.max(0, path.lastIndexOf(".")))) {
    for (const control of document.querySelectorAll(`[data-about="${CSS.escape(path)}"]`)) {
      if (control instanceof HTMLElement && control.checkVisibility()) return control;
    }
  }
  const used = document.activeElement;
  return used instanceof HTMLElement && used.matches("button, input, select, textarea") ? used : null;
}
