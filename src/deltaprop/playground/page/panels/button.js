/** Small buttons of the panels. */

import {bind} from "../text.js";

/**
 * A button with a sign on it and a name in words.
 * @param {string} sign
 * @param {string} key of its name
 * @param {() => void} action
 * @param {Record<string, any>} [values]
 */
export function button(sign, key, action, values = {}) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button-small";
  element.textContent = sign;
  bind(element, key, values, "aria-label");
  bind(element, key, values, "title");
  element.addEventListener("click", () => element.getAttribute("aria-disabled") === "true" || action());
  return element;
}
