/** The list of all lessons, and which of them are done. */

import {element} from "../dom.js";
import {keep, kept} from "../storage.js";
import {bind, currentLanguage} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @typedef {{name: string, en: string, zh: string}} Title
 */

const DONE = "lessons-done";

/**
 * @param {Model} model
 * @param {(name: string) => void} open
 */
export function createList(model, open) {
  /** @type {Set<string>} */
  const done = new Set((kept("sessionStorage", DONE) ?? "").split(" ").filter(Boolean));
  const count = element("p", {class: "muted"});
  const entries = element("ol", {class: "lesson-list"});
  bind(entries, "lesson.list", {}, "aria-label");
  const intro = bind(element("p"), "lesson.intro");
  const warning = bind(element("p", {class: "muted"}), "lesson.warning");
  const whole = element("div", {}, intro, warning, count, entries);

  function update() {
    /** @type {Title[]} */
    const titles = model.options?.lessons ?? [];
    bind(count, "lesson.count", {done: titles.filter(({name}) => done.has(name)).length, count: titles.length});
    entries.replaceChildren(...titles.map((title) => entry(title, done.has(title.name), open)));
  }

  /** @param {string} name */
  function finish(name) {
    done.add(name);
    keep("sessionStorage", DONE, [...done].join(" "));
    update();
  }

  model.on("options", update);
  model.on("language", update);
  update();
  return {element: whole, finish, focus: () => entries.querySelector("button")?.focus()};
}

/**
 * @param {Title} title
 * @param {boolean} done
 * @param {(name: string) => void} open
 */
function entry(title, done, open) {
  const button = element("button", {type: "button", class: "link", "data-lesson": title.name}, title[currentLanguage()]);
  button.addEventListener("click", () => open(title.name));
  const item = element("li", {}, button);
  if (done) item.append(" ", bind(element("span", {class: "lesson-done"}), "lesson.done"));
  return item;
}
