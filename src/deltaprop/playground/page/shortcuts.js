/** Keys that act anywhere in the page except in text fields; they can be turned off. */

import {reset, step, stepping, togglePlay} from "./actions.js";
import {keep, kept} from "./storage.js";

/** @import {Model} from "./model.js" */

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys as they are shown
 * @property {string} name key of its words
 * @property {(event: KeyboardEvent) => boolean} matches
 * @property {(model: Model) => void} act
 */

const plain = (/** @type {KeyboardEvent} */ event) => !event.ctrlKey && !event.metaKey && !event.altKey;
const command = (/** @type {KeyboardEvent} */ event) => event.ctrlKey || event.metaKey;

/**
 * @param {string} key
 * @param {boolean} [shift]
 */
const key = (key, shift = false) => (/** @type {KeyboardEvent} */ event) =>
  plain(event) && event.shiftKey === shift && event.key.toLowerCase() === key;

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  {keys: ["Space"], name: "key_play", matches: key(" "), act: togglePlay},
  {keys: ["→"], name: "key_forward", matches: key("arrowright"), act: (model) => step(model, stepping.unit, 1)},
  {keys: ["←"], name: "key_back", matches: key("arrowleft"), act: (model) => step(model, stepping.unit, -1)},
  {keys: ["Shift", "→"], name: "key_sample", matches: key("arrowright", true), act: (model) => step(model, "sample", 1)},
  {keys: ["Shift", "←"], name: "key_sample_back", matches: key("arrowleft", true), act: (model) => step(model, "sample", -1)},
  {keys: ["R"], name: "key_reset", matches: key("r"), act: reset},
  {
    keys: ["Ctrl", "Z"],
    name: "key_undo",
    matches: (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === "z",
    act: (model) => model.send({kind: "undo"}),
  },
  {
    keys: ["Ctrl", "Shift", "Z"],
    name: "key_redo",
    matches: (event) =>
      command(event) && ((event.shiftKey && event.key.toLowerCase() === "z") || event.key.toLowerCase() === "y"),
    act: (model) => model.send({kind: "redo"}),
  },
  {keys: ["?"], name: "key_help", matches: (event) => plain(event) && event.key === "?", act: (model) => model.emit("help")},
];

export function shortcutsOn() {
  return kept("localStorage", "shortcuts") !== "off";
}

/** @param {boolean} on */
export function setShortcuts(on) {
  keep("localStorage", "shortcuts", on ? null : "off");
}

/** @param {Model} model */
export function startShortcuts(model) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !shortcutsOn() || document.querySelector("dialog[open]")) return;
    const shortcut = SHORTCUTS.find(({matches}) => matches(event));
    if (!shortcut || usesKey(event)) return;
    event.preventDefault();
    shortcut.act(model);
  });
}

/**
 * Whether the element with the focus has a use of its own for the key.
 * @param {KeyboardEvent} event
 */
function usesKey(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable]")) return true;
  if (event.key === " ") return target.closest("button, a, summary, input:not([type=radio]:checked), [role=button], [role=tab], [role=slider]") !== null;
  if (!event.key.startsWith("Arrow")) return false;
  return target.closest("input, canvas, [role=tab], [role=slider], [role=application], [tabindex='0']:not(button)") !== null;
}
