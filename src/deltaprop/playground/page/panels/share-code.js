/** The run as a program: a tab for each library, to copy or to download. */

import {element} from "../dom.js";
import {copy, download, ignoreRefusal} from "../saving.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Saver} from "../saving.js"
 * @import {Say} from "./share.js"
 * @import {Save} from "../messages.d.ts"
 */

/** Forms and how their libraries write themselves. @type {[Save["form"], string][]} */
const LIBRARIES = [["deltaprop", "deltaprop"], ["sklearn", "scikit-learn"], ["pytorch", "PyTorch"], ["numpy", "NumPy"]];

/** @param {Model} model @param {Saver} saver @param {Say} say */
export function createCode(model, saver, say) {
  const code = element("code");
  const shown = element("pre", {class: "share-code", tabindex: "0", role: "tabpanel", id: "share-code"}, code);
  const tabs = LIBRARIES.map(([form, name]) =>
    element("button", {type: "button", role: "tab", id: `share-${form}`, "aria-controls": "share-code"}, name),
  );
  const list = bind(element("div", {class: "share-tabs", role: "tablist"}, ...tabs), "share.code", {}, "aria-label");
  const copying = bind(element("button", {type: "button", "data-about": "save"}), "share.copy_code");
  const saving = bind(element("button", {type: "button"}), "share.save_code");
  const anew = bind(element("button", {type: "button"}), "share.code_anew");
  let chosen = -1;
  let name = "";

  async function show(/** @type {number} */ index) {
    chosen = index;
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    shown.setAttribute("aria-labelledby", tabs[index].id);
    shown.setAttribute("aria-busy", "true");
    const saved = await saver.ask(LIBRARIES[index][0]).finally(() => shown.removeAttribute("aria-busy"));
    if (chosen !== index) return;
    name = saved.name;
    code.textContent = saved.text;
    shown.scrollTop = 0;
  }

  /** The program of now, not of when it was shown. */
  const present = async () => {
    await show(Math.max(0, chosen));
    return code.textContent ?? "";
  };

  tabs.forEach((tab, i) => tab.addEventListener("click", () => show(i).catch(ignoreRefusal)));
  list.addEventListener("keydown", (event) => {
    const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!by) return;
    event.preventDefault();
    const to = (chosen + by + tabs.length) % tabs.length;
    tabs[to].focus();
    show(to).catch(ignoreRefusal);
  });
  anew.addEventListener("click", () => show(Math.max(0, chosen)).catch(ignoreRefusal));
  saving.addEventListener("click", async () => {
    const program = await present().catch(ignoreRefusal);
    if (program === null) return;
    download(name, program);
    say("code_saved");
  });
  copying.addEventListener("click", async () => {
    const copied = await copy(present()).catch(ignoreRefusal);
    if (copied === null) return;
    if (!copied) getSelection()?.selectAllChildren(code);
    say(copied ? "code_copied" : "code_selected");
  });
  const visible = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting || chosen >= 0 || model.connection !== "open") return;
    visible.disconnect();
    show(0).catch(ignoreRefusal);
  });
  visible.observe(shown);
  return element("div", {}, list, shown, element("div", {class: "row"}, copying, saving, anew));
}
