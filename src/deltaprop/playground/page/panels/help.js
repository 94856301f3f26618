/** The list of shortcuts, and the switch that turns them off. */

import {element} from "../dom.js";
import {SHORTCUTS, setShortcuts, shortcutsOn} from "../shortcuts.js";
import {bind} from "../text.js";
import {openDialog} from "./dialog.js";

/** @param {import("../model.js").Model} model */
export function showHelp(model) {
  const list = element("dl", {class: "shortcuts"});
  for (const {keys, name} of SHORTCUTS) {
    const shown = keys.map((key) => element("kbd", {}, key));
    list.append(element("div", {}, bind(element("dt"), `shell.${name}`), element("dd", {}, ...shown)));
  }
  const on = element("input", {type: "checkbox"});
  on.checked = shortcutsOn();
  on.addEventListener("change", () => setShortcuts(on.checked));
  const line = element("label", {class: "row"}, on, bind(element("span"), "shell.shortcuts_on"));
  const version = bind(element("p", {class: "muted"}), "shell.version", {version: model.session?.version ?? ""});
  openDialog("shell.help", bind(element("p"), "shell.help_text"), list, line, version);
}
