/** A window above the page: the browser's own dialog, closed by its button, Escape or a click beside it. */

import {element} from "../dom.js";
import {iconButton} from "../icons.js";
import {bind} from "../text.js";

/**
 * @param {string} titleKey
 * @param {...Node} content
 * @returns {HTMLDialogElement} open
 */
export function openDialog(titleKey, ...content) {
  const title = bind(element("h2", {id: "dialog-title"}), titleKey);
  const dialog = element("dialog", {"aria-labelledby": "dialog-title"});
  const close = iconButton("close", "shell.close", () => dialog.close());
  dialog.append(element("div", {class: "dialog-head"}, title, close), element("div", {class: "dialog-body"}, ...content));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
