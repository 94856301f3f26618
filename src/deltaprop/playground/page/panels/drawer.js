/** The drawer: a rail of tabs, and the open one beside the network. */

import {element} from "../dom.js";
import {icon, iconButton} from "../icons.js";
import {bind} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @typedef {{name: string, icon: string, create: (model: Model) => HTMLElement}} Tab
 */

const narrow = matchMedia("(max-width: 1100px)");

/**
 * @param {Model} model
 * @param {Tab[]} tabs
 */
export function createDrawer(model, tabs) {
  const rail = element("div", {class: "rail", role: "tablist", "aria-orientation": "vertical"});
  bind(rail, "shell.drawer", {}, "aria-label");
  const title = element("h2");
  const close = iconButton("close", "shell.close", () => shut());
  const sheet = element("div", {class: "sheet", role: "tabpanel", id: "drawer-sheet", tabindex: "-1"});
  sheet.append(element("div", {class: "sheet-head"}, title, close));
  /** @type {Map<string, HTMLElement>} */
  const made = new Map();
  const buttons = tabs.map((tab) => tabButton(model, tab));
  rail.append(...buttons);

  /** @type {string | null} */
  let shown = null;

  function shut() {
    const open = buttons.find((button) => button.dataset.tab === model.drawer);
    model.open(null);
    open?.focus();
  }

  function update() {
    const open = tabs.find(({name}) => name === model.drawer);
    sheet.hidden = !open;
    for (const button of buttons) {
      const selected = button.dataset.tab === open?.name;
      button.setAttribute("aria-selected", String(selected));
      button.tabIndex = selected || (!open && button === buttons[0]) ? 0 : -1;
    }
    for (const [name, panel] of made) panel.hidden = name !== open?.name;
    if (!open) {
      shown = null;
      return;
    }
    bind(title, `shell.tab_${open.name}`);
    // On a narrow page the drawer is far below what has opened it.
    if (open.name !== shown) sheet.scrollTop = 0;
    if (narrow.matches && open.name !== shown) requestAnimationFrame(() => sheet.scrollIntoView({block: "start"}));
    shown = open.name;
    sheet.setAttribute("aria-labelledby", `tab-${open.name}`);
    if (made.has(open.name)) return;
    const panel = element("div", {class: `place-${open.name}`}, open.create(model));
    made.set(open.name, panel);
    sheet.append(panel);
  }

  rail.addEventListener("keydown", (event) => moveAlong(event, buttons));
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) shut();
  });
  model.on("drawer", update);
  const openLesson = () => model.drawer === "lesson" || model.open("lesson");
  model.on("lesson", openLesson);
  if (model.lesson) openLesson(); // it came with the first replies
  update();
  return element("div", {class: "drawer"}, rail, sheet);
}

/**
 * @param {Model} model
 * @param {Tab} tab
 */
function tabButton(model, {name, icon: picture}) {
  const words = bind(element("span"), `shell.tab_${name}`);
  const attributes = {type: "button", role: "tab", id: `tab-${name}`, "data-tab": name, "aria-controls": "drawer-sheet"};
  const button = element("button", attributes, icon(picture), words);
  button.addEventListener("click", () => model.open(model.drawer === name ? null : name));
  return button;
}

/**
 * The arrow keys move the focus from tab to tab.
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} buttons
 */
function moveAlong(event, buttons) {
  const by = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[event.key];
  if (!by) return;
  event.preventDefault();
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  buttons[(at + by + buttons.length) % buttons.length].focus();
}
