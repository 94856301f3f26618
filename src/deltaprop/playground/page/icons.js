/** Icons, and buttons that show an icon only. */

import {element} from "./dom.js";
import {bind} from "./text.js";

/** Strokes on a field of 16 × 16; those under `FILLED` are areas. @type {Record<string, string>} */
const STROKES = {
  pause: "M5 3v10M11 3v10",
  reset: "M3.2 6.2A5.2 5.2 0 1 1 2.8 9M3 2.6v3.8h3.8",
  undo: "M6 3 2.8 6.2 6 9.4M3 6.2h6.2a3.6 3.6 0 0 1 0 7.2H6",
  redo: "M10 3l3.2 3.2L10 9.4M13 6.2H6.8a3.6 3.6 0 0 0 0 7.2H10",
  dice: "M3.5 2.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM5.6 5.6h.01M10.4 5.6h.01M8 8h.01M5.6 10.4h.01M10.4 10.4h.01",
  fork: "M4 2.5v11M4 10c0-3 8-2 8-6M9.8 5.8 12 3.4l2 2.4",
  share: "M8 9.5v-7M5 5l3-2.8L11 5M3 8.5v5h10v-5",
  help: "M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.9M8 12.6h.01",
  close: "M4 4l8 8M12 4l-8 8",
  light: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  dark: "M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z",
  system: "M2.5 3h11v8h-11zM6 13.5h4M8 11v2.5",
  numbers: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11M6 2.5v11",
  inside: "M2 12.5h12M3.5 10l3-5 3 3.5 3-5",
  lesson: "M8 4.2C6.6 3.2 4.6 3 2.5 3v9c2.1 0 4.1.2 5.5 1.2 1.4-1 3.4-1.2 5.5-1.2V3c-2.1 0-4.1.2-5.5 1.2zM8 4.2v9",
  live: "M9 1.8 3.6 9h3.8L7 14.2 12.4 7H8.6z",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
};

/** @type {Record<string, string>} */
const FILLED = {
  play: "M4.5 2.6v10.8L13.2 8z",
  back: "M11.5 3.4v9.2L5.6 8zM3.6 3.4h1.6v9.2H3.6z",
  forward: "M4.5 3.4v9.2L10.4 8zM10.8 3.4h1.6v9.2h-1.6z",
};

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("class", name in FILLED ? "icon filled" : "icon");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", FILLED[name] ?? STROKES[name]);
  picture.append(path);
  return picture;
}

/**
 * A button that shows an icon only: its name is also its tooltip.
 * @param {string} picture
 * @param {string} key of its name
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function iconButton(picture, key, act) {
  const button = element("button", {type: "button", class: "icon-button"}, icon(picture));
  nameButton(button, key);
  button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || act());
  return button;
}

/**
 * @param {HTMLElement} button
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function nameButton(button, key, values) {
  bind(button, key, values, "aria-label");
  bind(button, key, values, "title");
}

/**
 * Say that a button does nothing now; it keeps the focus.
 * @param {HTMLElement} button
 * @param {boolean} able
 */
export function setAble(button, able) {
  button.setAttribute("aria-disabled", String(!able));
}
