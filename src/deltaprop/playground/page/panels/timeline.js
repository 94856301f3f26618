/** The whole run as a line to scrub, with the changes of settings, points and weights marked on it. */

import {element} from "../dom.js";
import {grouped} from "../draw/format.js";
import {spaced} from "../draw/surface.js";
import {iconButton, setAble} from "../icons.js";
import {bind, text} from "../text.js";

/** @import {Model} from "../model.js" */

const PATIENCE = 1500; // milliseconds, after which an unanswered request no longer holds up the next

/**
 * @param {Model} model
 * @returns {HTMLElement}
 */
export function create(model) {
  const seeker = new Seeker(model);
  const range = element("input", {type: "range", min: "0", step: "1", "aria-describedby": "timeline-help"});
  bind(range, "timeline.step", {}, "aria-label");
  const marks = element("div", {class: "timeline-marks"});
  const label = bind(element("output", {class: "timeline-label"}), "timeline.goesOn", {}, "title");
  const toFirst = iconButton("back", "timeline.first", () => seeker.seek(bounds(model).first));
  const toNewest = iconButton("forward", "timeline.newest", () => seeker.seek(bounds(model).newest));
  const panel = element(
    "section",
    {class: "timeline", "data-control": "timeline", "data-about": "go"},
    bind(element("h2"), "timeline.title"),
    toFirst,
    element("div", {class: "timeline-line"}, range, marks),
    toNewest,
    label,
    bind(element("p", {class: "visually-hidden", id: "timeline-help"}), "timeline.help"),
  );

  range.addEventListener("input", () => {
    seeker.seek(Number(range.value));
    say();
  });
  range.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    event.stopPropagation();
    const to = changeBeside(model, Number(range.value), event.key === "ArrowRight");
    if (to !== null) seeker.seek(to);
    show();
  });

  /** The present step, or the one that is sought. */
  function show() {
    const {first, newest, step} = bounds(model);
    range.min = String(first);
    range.max = String(newest);
    range.disabled = newest === first;
    range.value = String(seeker.wanted ?? step);
    setAble(toFirst, step > first);
    setAble(toNewest, step < newest);
    say();
  }

  function say() {
    const {newest} = bounds(model);
    const values = {step: grouped(Number(range.value)), newest: grouped(newest)};
    const words = text(Number(range.value) < newest ? "timeline.past" : "timeline.present", values);
    if (label.textContent !== words) label.textContent = words;
    range.setAttribute("aria-valuetext", text("timeline.value", values));
  }

  /** Marks stay where they are while the run grows, relative to its newest step. */
  function mark() {
    const {first, newest} = bounds(model);
    const changes = changesOf(model).filter(({step}) => step >= first && step <= newest);
    while (marks.children.length > changes.length) marks.lastElementChild?.remove();
    changes.forEach(({step, title, kind}, i) => {
      const at = /** @type {HTMLElement} */ (marks.children[i] ?? marks.appendChild(element("i")));
      at.className = `timeline-mark timeline-${kind}`;
      at.title = title;
      at.style.left = `${(100 * (step - first)) / (newest - first || 1)}%`;
    });
  }

  const update = () => {
    show();
    mark();
  };
  for (const kind of /** @type {const} */ (["run", "session", "language"])) model.on(kind, update);
  model.on("frame", spaced(update, () => 80));
  update();
  return panel;
}

/** Goes to moments of the run: one request at a time, the latest wish wins. */
class Seeker {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {number | null} */
    this.wanted = null;
    /** The step that the server was asked for. @type {number | null} */
    this.asked = null;
    this.timer = 0;
    model.on("frame", () => this.#arrived(bounds(model).step));
    model.on("trouble", ({about}) => about === "go" && this.#end());
    model.on("connection", () => this.#end());
  }

  /** @param {number} step */
  seek(step) {
    if (this.model.playing) this.model.send({kind: "play", playing: false});
    this.wanted = step;
    if (this.asked === null) this.#ask();
  }

  #ask() {
    if (this.wanted === null) return;
    this.asked = this.wanted;
    this.model.send({kind: "go", step: this.asked});
    this.timer = window.setTimeout(() => this.#end(), PATIENCE);
  }

  #arrived(/** @type {number} */ step) {
    if (this.asked !== step) return;
    clearTimeout(this.timer);
    const done = this.wanted === step;
    this.asked = null;
    if (done) this.wanted = null;
    else this.#ask();
  }

  #end() {
    clearTimeout(this.timer);
    this.asked = this.wanted = null;
  }
}

function bounds(/** @type {Model} */ model) {
  return model.runs[0]?.frame ?? {first: 0, newest: 0, step: 0};
}

/** The changes of all runs, in words. */
function changesOf(/** @type {Model} */ model) {
  return model.runs.flatMap(({state}, run) =>
    state.events.map((event) => {
      const what = event.kind === "settings" ? event.text : text(`timeline.${event.kind}`, event);
      const values = {text: what, step: grouped(event.step), run: "AB"[run]};
      return {...event, title: text(model.runs.length > 1 ? "timeline.changeRun" : "timeline.change", values)};
    }),
  );
}

/** The next change after a step, or the last one before it. @returns {number | null} */
function changeBeside(/** @type {Model} */ model, /** @type {number} */ step, /** @type {boolean} */ after) {
  const steps = changesOf(model).map((change) => change.step);
  const found = steps.filter((s) => (after ? s > step : s < step));
  return found.length ? (after ? Math.min(...found) : Math.max(...found)) : null;
}
