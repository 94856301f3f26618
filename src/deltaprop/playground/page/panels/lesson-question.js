/** The question of a lesson: choices or a number, and the verdict on the answer. */

import {element} from "../dom.js";
import {bind, text} from "../text.js";

/**
 * @import {Model} from "../model.js"
 * @import {Lesson, Verdict} from "../messages.d.ts"
 */

/**
 * One question; the answer given stays when the lesson is shown in the other language.
 * @param {Model} model
 * @param {(name: string) => void} finish called with the lesson's name when the answer is right
 */
export function createQuestion(model, finish) {
  const verdict = element("div", {class: "lesson-verdict", role: "status", "aria-live": "polite"});
  /** @type {Lesson | null} */
  let lesson = null;
  let answer = "";
  let answered = false;

  /** @param {Lesson} shown */
  function show(shown) {
    lesson = shown;
    const check = bind(element("button", {type: "submit", class: "primary"}), "lesson.check");
    const fields = shown.choices.length ? choices(shown, answer, take) : number(answer, take);
    const legend = element("legend", {}, shown.question);
    const form = element("form", {class: "lesson-question", "data-about": "answer"},
      element("fieldset", {}, legend, ...fields, check), verdict);
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    return form;
  }

  /** @param {string} given */
  function take(given) {
    answer = given;
    answered = false;
    verdict.replaceChildren();
    delete verdict.dataset.right;
  }

  function submit() {
    const given = answer.trim();
    if (given) model.send({kind: "answer", text: given});
    else model.complain("answer", text(lesson?.choices.length ? "lesson.choose" : "lesson.enter"));
  }

  /** @param {Verdict} reply */
  function judge({right, text: why}) {
    answered = true;
    verdict.dataset.right = String(right);
    const sign = element("span", {"aria-hidden": "true"}, right ? "✓ " : "✗ ");
    verdict.replaceChildren(sign, why);
    verdict.scrollIntoView({block: "nearest"});
    if (right && lesson) finish(lesson.name);
  }

  /** The verdict anew, in the language of the page. */
  function repeat() {
    if (answered) submit();
  }

  return {show, judge, repeat};
}

/**
 * @param {Lesson} lesson
 * @param {string} answer
 * @param {(answer: string) => void} take
 */
function choices(lesson, answer, take) {
  return lesson.choices.map((words, i) => {
    const value = String(i + 1);
    const radio = element("input", {type: "radio", name: "lesson-answer", value});
    radio.checked = value === answer;
    radio.addEventListener("change", () => take(value));
    return element("label", {class: "lesson-choice"}, radio, element("span", {}, words));
  });
}

/**
 * @param {string} answer
 * @param {(answer: string) => void} take
 */
function number(answer, take) {
  const input = element("input", {type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "100"});
  input.value = answer;
  input.addEventListener("input", () => take(input.value));
  return [element("label", {class: "field"}, bind(element("span"), "lesson.number"), input)];
}
