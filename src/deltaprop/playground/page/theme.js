/** Light or dark: as the system, or as chosen. */

import {forgetPalette} from "./draw/palette.js";
import {keep, kept} from "./storage.js";

/** @typedef {"system" | "light" | "dark"} Theme */

const system = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Theme} */
export function chosenTheme() {
  const theme = kept("localStorage", "theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

/**
 * Put the theme in force, and again when the system's changes.
 * @param {import("./model.js").Model} model
 */
export function startTheme(model) {
  const apply = () => applyTheme(model);
  system.addEventListener("change", apply);
  apply();
}

/**
 * @param {import("./model.js").Model} model
 * @param {Theme} theme
 */
export function setTheme(model, theme) {
  keep("localStorage", "theme", theme === "system" ? null : theme);
  applyTheme(model);
}

/** @param {import("./model.js").Model} model */
function applyTheme(model) {
  const theme = chosenTheme();
  const dark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  forgetPalette();
  model.emit("theme", dark ? "dark" : "light");
}
