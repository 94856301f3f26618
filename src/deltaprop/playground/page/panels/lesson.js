/** Lessons: the list of them, or the one that is open, with its task, its question and the verdict. */

import {element} from "../dom.js";
import {bind} from "../text.js";
import {createQuestion} from "./lesson-question.js";
import {createList} from "./lesson-list.js";

/**
 * @import {Model} from "../model.js"
 * @import {Lesson} from "../messages.d.ts"
 */

/** Outlines the controls that the open lesson speaks of, whenever they are made. */
const outlines = new CSSStyleSheet();

/** @param {Model} model */
export function create(model) {
  const list = createList(model, open);
  const page = element("div", {class: "lesson-page"});
  const panel = element("section", {class: "lesson", "data-about": "lesson"}, list.element, page);
  let question = createQuestion(model, list.finish);
  /** @type {Lesson | null} */
  let shown = null;
  /** The lesson that was left for the list. @type {string | null} */
  let left = null;

  /** Start a lesson, or start it over. @param {string} name */
  function open(name) {
    model.send({kind: "lesson", name});
    shown = left = null;
    if (model.lesson?.name === name) show(model.lesson); // the server does not tell again what the page has
  }

  /** @param {Lesson} lesson */
  function show(lesson) {
    const anew = shown?.name !== lesson.name;
    if (anew) question = createQuestion(model, list.finish);
    const focused = anew && panel.contains(document.activeElement);
    page.replaceChildren(...pageOf(lesson, question.show(lesson), open, leave));
    update(lesson);
    if (focused) page.querySelector("h3")?.focus();
    if (anew) requestAnimationFrame(reveal); // not before it is in the page
  }

  /** The beginning of the lesson; where the drawer lies below the network, the page scrolls to it. */
  function reveal() {
    panel.closest(".sheet")?.scrollTo(0, 0);
    if (matchMedia("(max-width: 1100px)").matches) page.querySelector("h3")?.scrollIntoView();
  }

  function leave() {
    left = shown?.name ?? null;
    update(null);
    list.focus();
  }

  /** @param {Lesson | null} lesson null: the list */
  function update(lesson) {
    shown = lesson;
    page.hidden = !lesson;
    list.element.hidden = Boolean(lesson);
    outline();
  }

  const outline = () => outlineControls(model.drawer === "lesson" && shown ? shown.controls : []);

  document.adoptedStyleSheets = [...document.adoptedStyleSheets, outlines];
  model.on("lesson", (lesson) => lesson.name !== left && show(lesson));
  model.on("verdict", (verdict) => question.judge(verdict));
  model.on("language", () => question.repeat());
  model.on("drawer", outline);
  model.on("session", () => model.lesson === null && shown && update(null));
  if (model.lesson) show(model.lesson);
  else update(null);
  return panel;
}

/**
 * @param {Lesson} lesson
 * @param {HTMLElement} question
 * @param {(name: string) => void} open
 * @param {() => void} leave to the list
 * @returns {Node[]}
 */
function pageOf(lesson, question, open, leave) {
  const {number, count, name} = lesson;
  const place = bind(element("span", {class: "muted"}), "lesson.place", {number, count});
  const top = element("div", {class: "lesson-top"}, button("lesson.all", leave), place);
  const over = bind(button("lesson.over", () => open(name)), "lesson.over_title", {}, "title");
  const steps = element("div", {class: "lesson-steps"}, turn("previous", lesson.previous, open), over, turn("next", lesson.next, open));
  return [
    top,
    element("h3", {tabindex: "-1"}, lesson.title),
    ...lesson.text.map((paragraph) => element("p", {}, paragraph)),
    element("div", {class: "lesson-task"}, bind(element("h4"), "lesson.task"), element("p", {}, lesson.task)),
    question,
    steps,
  ];
}

/**
 * @param {"previous" | "next"} key
 * @param {string | null} name of the lesson there, null at the ends
 * @param {(name: string) => void} open
 */
function turn(key, name, open) {
  const made = button(`lesson.${key}`, () => name && open(name));
  made.disabled = name === null;
  return made;
}

/**
 * @param {string} key
 * @param {() => void} act
 */
function button(key, act) {
  const made = bind(element("button", {type: "button"}), key);
  made.addEventListener("click", act);
  return made;
}

/** @param {string[]} controls */
function outlineControls(controls) {
  const parts = controls.flatMap((name) => ["control", "about", "tab"].map((kind) => `[data-${kind}="${name}"]`));
  const rule = "outline: 2px dashed var(--accent); outline-offset: 2px;";
  outlines.replaceSync(parts.length ? `:is(${parts.join(", ")}):not(:focus-visible) { ${rule} }` : "");
}
