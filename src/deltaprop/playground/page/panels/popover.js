/** A button with a small sheet under it, closed by Escape or a click elsewhere. */

import {element} from "../dom.js";
import {iconButton} from "../icons.js";
import {bind} from "../text.js";

/**
 * @param {string} picture
 * @param {string} key name of the button and title of the sheet
 * @param {HTMLElement} content
 * @returns {HTMLElement}
 */
export function popover(picture, key, content) {
  const sheet = element("div", {class: "popover", popover: "auto"}, bind(element("h2"), key), content);
  const button = iconButton(picture, key, () => {});
  button.popoverTargetElement = sheet;
  button.setAttribute("aria-expanded", "false");
  sheet.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) placeUnder(sheet, button);
  });
  return element("span", {class: "popover-anchor"}, button, sheet);
}

/**
 * Put an element of fixed position under another, within the window.
 * @param {HTMLElement} sheet
 * @param {Element} anchor
 */
export function placeUnder(sheet, anchor) {
  const box = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - sheet.offsetWidth - 8));
  const below = box.bottom + 4;
  const fits = below + sheet.offsetHeight <= innerHeight;
  sheet.style.left = `${left}px`;
  sheet.style.top = `${fits ? below : Math.max(8, box.top - sheet.offsetHeight - 4)}px`;
}
