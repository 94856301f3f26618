/** The features: formulas of x and y by a click or by hand, or the columns of a table. */

import {element} from "../dom.js";
import {mathematical} from "../draw/network.js";
import {changeSetting, follow} from "../fields.js";
import {iconButton, setAble} from "../icons.js";
import {bind, text} from "../text.js";
import {columnChoice} from "./features-columns.js";
import {popover} from "./popover.js";

/** @import {Model} from "../model.js" */

const EXAMPLES = ["sin(3*x)", "abs(x)", "sqrt(x**2 + y**2)", "arctan2(y, x)", "exp(-(x**2 + y**2)/8)", "maximum(x, y)"];

/** @param {Model} model */
export function create(model) {
  const formulas = element("div", {class: "features-formulas"}, toggles(model), chips(model), entry(model));
  const columns = columnChoice(model);
  const title = element("h2");
  const help = popover("help", "features.help", advice(model));
  follow(model, "data.name", (name) => {
    formulas.hidden = name === "table";
    columns.hidden = name !== "table";
    help.hidden = name === "table";
    bind(title, name === "table" ? "features.columns" : "features.title");
  });
  return element("div", {class: "features", "data-control": "features"}, element("div", {class: "features-head"}, title, help), formulas, columns);
}

/** @param {Model} model @returns {string[]} */
const present = (model) => model.runs[model.selection.run].wanted.features;

/**
 * @param {Model} model
 * @param {string} formula
 */
function remove(model, formula) {
  changeSetting(model, "features", present(model).filter((one) => one !== formula));
}

/** The formulas that a click adds or removes; they stay in this order, before those by hand. @param {Model} model */
function toggles(model) {
  /** @type {string[]} */
  const offered = model.options.features;
  const buttons = offered.map((formula) => {
    const button = element("button", {type: "button", class: "features-toggle"}, short(formula));
    button.addEventListener("click", () => {
      const chosen = present(model);
      if (button.getAttribute("aria-disabled") === "true") return;
      if (chosen.includes(formula)) remove(model, formula);
      else {
        const own = chosen.filter((one) => !offered.includes(one));
        changeSetting(model, "features", [...offered.filter((one) => one === formula || chosen.includes(one)), ...own]);
      }
    });
    return button;
  });
  follow(model, "features", (/** @type {string[]} */ chosen) => {
    const most = model.options.schema.properties.features.maxItems;
    buttons.forEach((button, i) => {
      const on = chosen.includes(offered[i]);
      button.setAttribute("aria-pressed", String(on));
      setAble(button, on ? chosen.length > 1 : chosen.length < most);
    });
  });
  const group = element("div", {class: "features-toggles", role: "group"}, ...buttons);
  return bind(group, "features.title", {}, "aria-label");
}

/** Formulas by hand, each with a button that removes it. @param {Model} model */
function chips(model) {
  const list = element("ul", {class: "features-chips"});
  bind(list, "features.own", {}, "aria-label");
  const show = (/** @type {string[]} */ chosen) => {
    const own = chosen.filter((one) => !model.options.features.includes(one));
    list.hidden = own.length === 0;
    list.replaceChildren(
      ...own.map((formula) => {
        const close = iconButton("close", "features.remove", () => remove(model, formula));
        bind(close, "features.remove", {formula}, "aria-label");
        bind(close, "features.remove", {formula}, "title");
        setAble(close, chosen.length > 1);
        return element("li", {title: formula}, element("span", {}, mathematical(formula)), close);
      }),
    );
  };
  follow(model, "features", keepFocus(list, show));
  return list;
}

/**
 * Show a list anew only where it has changed, so that the focus stays in it.
 * @param {HTMLElement} list
 * @param {(values: string[]) => void} show
 */
function keepFocus(list, show) {
  let shown = "";
  return (/** @type {string[]} */ values) => {
    const now = JSON.stringify(values);
    if (now === shown) return;
    shown = now;
    const within = list.contains(document.activeElement);
    show(values);
    if (within) /** @type {HTMLElement | null} */ (list.querySelector("button") ?? list.parentElement?.querySelector("input"))?.focus();
  };
}

/**
 * Add a formula by hand.
 * @param {Model} model
 * @param {string} formula
 */
function add(model, formula) {
  const most = model.options.schema.properties.features.maxItems;
  if (present(model).includes(formula)) model.complain("features", text("features.twice", {formula}));
  else if (present(model).length >= most) model.complain("features", text("features.many", {most}));
  else changeSetting(model, "features", [...present(model), formula]);
}

/** What a formula can have, and examples that a click adds. @param {Model} model */
function advice(model) {
  const examples = EXAMPLES.map((formula) => {
    const button = element("button", {type: "button"}, mathematical(formula));
    bind(button, "features.add_example", {formula}, "aria-label");
    button.addEventListener("click", () => add(model, formula));
    return button;
  });
  const words = ["operators", "functions"].map((key) => bind(element("p"), `features.${key}`));
  return element("div", {class: "features-advice"}, ...words, element("div", {class: "features-examples"}, ...examples));
}

/** The field for a formula of one's own. @param {Model} model */
function entry(model) {
  const input = element("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: "200",
    placeholder: "x*sin(y)",
    "data-about": "features",
  });
  bind(input, "features.formula", {}, "aria-label");
  const button = bind(element("button", {type: "submit"}), "features.add");
  const form = element("form", {class: "features-entry", "data-control": "formula"}, input, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const formula = input.value.trim();
    if (formula) add(model, formula);
    else model.complain("features", text("features.empty"));
  });
  // The formula is accepted once the server's settings have it.
  model.on("run", () => {
    const accepted = model.runs[model.selection.run]?.state.settings.features;
    if (accepted?.includes(input.value.trim())) input.value = "";
  });
  return form;
}

/** A formula on a small button. @param {string} formula */
function short(formula) {
  return formula.replaceAll("**2", "²").replace("*", "").replace(/\((\w)\)/, " $1");
}
