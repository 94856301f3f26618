/** Undo and redo, fork, share, language, theme, help: the right end of the top bar. */

import {fork} from "../actions.js";
import {element} from "../dom.js";
import {icon, iconButton, nameButton, setAble} from "../icons.js";
import {changeLanguage} from "../language.js";
import {bind, currentLanguage} from "../text.js";
import {chosenTheme, setTheme} from "../theme.js";
import {RUN_NAMES} from "./counters.js";

/** @import {Model} from "../model.js" */

/** @param {Model} model */
export function createMenu(model) {
  const undo = iconButton("undo", "topbar.undo", () => model.send({kind: "undo"}));
  const redo = iconButton("redo", "topbar.redo", () => model.send({kind: "redo"}));
  const update = () => {
    setAble(undo, Boolean(model.session?.undo));
    setAble(redo, Boolean(model.session?.redo));
  };
  model.on("session", update);
  update();
  return element(
    "div",
    {class: "menu row"},
    undo,
    redo,
    ...forkButtons(model),
    shareButton(model),
    languageButton(model),
    themeButton(model),
    iconButton("help", "topbar.help", () => model.emit("help")),
  );
}

/** @param {Model} model */
function forkButtons(model) {
  const begin = element("button", {type: "button", "data-about": "fork"}, icon("fork"), bind(element("span"), "topbar.fork"));
  bind(begin, "topbar.fork_title", {}, "title");
  begin.addEventListener("click", () => fork(model, null));
  const keep = RUN_NAMES.map((name, run) => {
    const button = bind(element("button", {type: "button"}), "topbar.keep", {name});
    bind(button, "topbar.keep_title", {name}, "title");
    // The second click of a double click on the button that was in this place is none.
    button.addEventListener("click", ({detail}) => detail > 1 || fork(model, run));
    return button;
  });
  const update = () => {
    const two = (model.session?.runs ?? 1) > 1;
    const focused = [begin, ...keep].some((button) => button === document.activeElement);
    begin.hidden = two;
    for (const button of keep) button.hidden = !two;
    if (focused && document.activeElement?.checkVisibility() === false) (two ? keep[1] : begin).focus();
  };
  model.on("session", update);
  update();
  return [begin, ...keep];
}

/** @param {Model} model */
function shareButton(model) {
  const button = element("button", {type: "button"}, icon("share"), bind(element("span"), "topbar.share"));
  bind(button, "topbar.share_title", {}, "title");
  button.addEventListener("click", () => {
    model.open("share");
    document.getElementById("drawer-sheet")?.focus();
  });
  return button;
}

/** @param {Model} model */
function languageButton(model) {
  const button = element("button", {type: "button", class: "quiet"});
  const update = () => {
    const chinese = currentLanguage() === "zh";
    button.textContent = chinese ? "EN" : "中文";
    button.title = chinese ? "English" : "中文";
    button.lang = chinese ? "en" : "zh-CN";
  };
  button.addEventListener("click", () => changeLanguage(model, currentLanguage() === "zh" ? "en" : "zh"));
  model.on("language", update);
  update();
  return button;
}

/** @param {Model} model */
function themeButton(model) {
  const order = /** @type {const} */ (["system", "light", "dark"]);
  const button = iconButton("system", "topbar.theme_system", () => {
    setTheme(model, order[(order.indexOf(chosenTheme()) + 1) % order.length]);
  });
  const update = () => {
    button.replaceChildren(icon(chosenTheme()));
    nameButton(button, `topbar.theme_${chosenTheme()}`);
  };
  model.on("theme", update);
  update();
  return button;
}
