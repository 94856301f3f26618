/** The language of the page and of the session. */

import {keep, kept} from "./storage.js";
import {preferredLanguage, setLanguage} from "./text.js";

/** @import {Model} from "./model.js" */

/** The language chosen before, or the one that the browser prefers. */
export function startLanguage() {
  const chosen = kept("localStorage", "language");
  apply(chosen === "en" || chosen === "zh" ? chosen : preferredLanguage());
}

/**
 * @param {Model} model
 * @param {"en" | "zh"} language
 */
export function changeLanguage(model, language) {
  keep("localStorage", "language", language);
  apply(language);
  model.send({kind: "language", language});
  model.emit("language", language);
}

/** @param {"en" | "zh"} language */
function apply(language) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  setLanguage(language, document);
  document.title = language === "zh" ? "deltaprop 演练场" : "deltaprop playground";
}
