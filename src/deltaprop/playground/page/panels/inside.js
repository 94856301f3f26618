// Inside the run: measures of each layer over time, the spectrum of the Hessian, and a slice of the loss.

import {element} from "../dom.js";
import {bind} from "../text.js";
import {createLayerPlots} from "./layer-plots.js";
import {createSlice} from "./slice-picture.js";
import {createSpectrum} from "./spectrum-picture.js";

/** @import {Model} from "../model.js" */

const APART = 1000; // milliseconds between two questions of the same kind, at least

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function create(model) {
  const current = element("input", {type: "checkbox"});
  const keep = element("label", {class: "row"}, current, bind(element("span"), "inside.keep"));
  const spectrum = createSpectrum(model);
  const slice = createSlice(model);
  const panel = element(
    "section",
    {class: "inside"},
    part("layers", createLayerPlots(model)),
    keep,
    part("curvature", asking(model, "curvature", current), spectrum),
    part("slice", asking(model, "slice", current), slice),
  );
  current.addEventListener("change", () => {
    // What changes every second is not read out.
    for (const words of panel.querySelectorAll(".words"))
      words.setAttribute("aria-live", current.checked ? "off" : "polite");
  });
  return panel;
}

/** @param {string} name @param {...HTMLElement} content */
function part(name, ...content) {
  const heading = bind(element("h3"), `inside.${name}`);
  const meaning = bind(element("p", {class: "hint"}), `inside.${name}-meaning`);
  return element("section", {"data-control": name}, heading, meaning, ...content);
}

/**
 * A button that asks for a reply, and asks again as the run goes on while `current` is checked.
 * @param {Model} model
 * @param {"curvature" | "slice"} kind
 * @param {HTMLInputElement} current
 */
function asking(model, kind, current) {
  const button = bind(element("button", {type: "button", "data-about": kind}), "inside.compute");
  const question = {waiting: false, at: -Infinity, asked: ""};

  function ask() {
    question.waiting = true;
    question.at = performance.now();
    question.asked = present();
    button.setAttribute("aria-busy", "true");
    model.send({kind, run: model.selection.run});
  }

  function answered() {
    question.waiting = false;
    button.removeAttribute("aria-busy");
    setTimeout(follow, APART); // training may have ended meanwhile
  }

  /** The run and its step. */
  function present() {
    const {run} = model.selection;
    return `${run} ${model.runs[run]?.frame?.step}`;
  }

  function follow() {
    // What is shown belongs to another moment.
    button.classList.toggle("is-past", !current.checked && question.asked !== "" && question.asked !== present());
    if (!current.checked || question.waiting || model.connection !== "open" || !button.checkVisibility()) return;
    if (question.asked !== present() && performance.now() - question.at > APART) ask();
  }

  button.addEventListener("click", ask);
  current.addEventListener("change", follow);
  model.on(kind, answered);
  model.on("trouble", (trouble) => trouble.about === kind && answered());
  model.on("connection", answered);
  model.on("selection", follow);
  model.on("frame", follow);
  return button;
}
