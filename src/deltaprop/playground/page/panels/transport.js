/** Play, pause, step, reset, speed. */

import {play, reset, step, stepping, togglePlay} from "../actions.js";
import {element} from "../dom.js";
import {icon, iconButton, nameButton, setAble} from "../icons.js";
import {bind} from "../text.js";

/** @import {Model} from "../model.js" */

/** Steps a second; 0 stands for as fast as possible. */
const SPEEDS = [1, 5, 20, 100, 500, 2000, 10_000, 0];
const UNITS = /** @type {const} */ (["sample", "batch", "epoch"]);

/** @param {Model} model */
export function createTransport(model) {
  const group = element("div", {class: "transport row", role: "group"});
  bind(group, "topbar.transport", {}, "aria-label");
  group.append(
    resetButton(model),
    playButton(model),
    stepGroup(model),
    speedChoice(model),
  );
  return group;
}

/** @param {Model} model */
function resetButton(model) {
  const button = iconButton("reset", "topbar.reset", () => reset(model));
  button.dataset.about = "reset";
  return button;
}

/** @param {Model} model */
function playButton(model) {
  const button = iconButton("play", "topbar.play", () => togglePlay(model));
  button.classList.add("play", "primary");
  button.dataset.about = "play";
  let shown = false;
  function update() {
    if (model.playing === shown) return;
    shown = model.playing;
    button.replaceChildren(icon(shown ? "pause" : "play"));
    nameButton(button, shown ? "topbar.pause" : "topbar.play");
  }
  model.on("session", update);
  model.on("frame", update);
  update();
  return button;
}

/** @param {Model} model */
function stepGroup(model) {
  const unit = element("select", {"data-about": "step"});
  bind(unit, "topbar.step_unit", {}, "aria-label");
  for (const name of UNITS) unit.append(bind(element("option", {value: name}), `topbar.${name}`));
  unit.value = stepping.unit;
  unit.addEventListener("change", () => (stepping.unit = /** @type {typeof stepping.unit} */ (unit.value)));
  const back = iconButton("back", "topbar.step_back", () => step(model, stepping.unit, -1));
  const forward = iconButton("forward", "topbar.step_forward", () => step(model, stepping.unit, 1));
  const update = () => {
    const {frame} = model.runs[model.selection.run] ?? {};
    setAble(back, Boolean(frame && (frame.step > frame.first || (model.selection.inBatch ?? 0) > 0)));
  };
  model.on("frame", update);
  model.on("selection", update);
  return element("div", {class: "joined"}, back, unit, forward);
}

/** @param {Model} model */
function speedChoice(model) {
  const speed = element("select", {class: "speed"});
  bind(speed, "topbar.speed", {}, "aria-label");
  const offer = (/** @type {number} */ rate) => {
    const option = element("option", {value: String(rate)});
    speed.append(rate ? bind(option, "topbar.rate", {rate}) : bind(option, "topbar.fastest"));
  };
  SPEEDS.forEach(offer);
  const update = () => {
    const value = model.session?.speed ?? 0;
    speed.value = String(value);
    if (speed.value === "") {
      offer(value); // a speed that a lesson or a program has set
      speed.value = String(value);
    }
  };
  speed.addEventListener("change", () => play(model, model.playing, Number(speed.value) || null));
  model.on("session", update);
  update();
  return speed;
}
