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
  /** @type {Lesson | null} */
  let lesson = null;
  let question = createQuestion(model, list.finish);

  /** @param {string} name */
  function open(name) {
    lesson = null;
    model.send({kind: "lesson", name});
  }

  /** @param {Lesson} reply */
  function show(reply) {
    if (lesson?.name !== reply.name) question = createQuestion(model, list.finish);
    const moved = lesson === null && panel.contains(document.activeElement);
    lesson = reply;
    page.replaceChildren(...pageOf(reply, question.show(reply), open, () => update(null)));
    update(reply);
    if (moved) page.querySelector("h3")?.focus();
    panel.closest(".sheet")?.scrollTo(0, 0);
  }

  /** @param {Lesson | null} shown null: the list */
  function update(shown) {
    page.hidden = !shown;
    list.element.hidden = Boolean(shown);
    if (!shown) list.focus();
    outline(shown && model.drawer === "lesson" ? shown.controls : []);
  }

  document.adoptedStyleSheets = [...document.adoptedStyleSheets, outlines];
  model.on("lesson", show);
  model.on("verdict", (verdict) => question.judge(verdict));
  model.on("language", () => question.repeat());
  model.on("drawer", () => outline(lesson && !page.hidden && model.drawer === "lesson" ? lesson.controls : []));
  model.on("session", (session) => session.lesson === null && lesson && update((lesson = null)));
  if (model.lesson) show(model.lesson);
  else page.hidden = true;
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
function outline(controls) {
  const parts = controls.flatMap((name) => ["control", "about", "tab"].map((kind) => `[data-${kind}="${name}"]`));
  const rule = "outline: 2px dashed var(--accent); outline-offset: 2px; border-radius: var(--radius);";
  outlines.replaceSync(parts.length ? `:is(${parts.join(", ")}):not(:focus-visible) { ${rule} }` : "");
}
