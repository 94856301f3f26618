/** Says what has happened to those who do not see it: politely, and never once a frame. */

import {element} from "../dom.js";
import {grouped, number, percent} from "../draw/format.js";
import {text} from "../text.js";

/** @import {Model} from "../model.js" */

/** @param {Model} model */
export function create(model) {
  const region = element("div", {class: "visually-hidden", role: "status", "aria-live": "polite"});
  const say = (/** @type {string} */ words) => (region.textContent = words);
  let {playing} = model;
  let runs = model.runs.length;
  let [moving, pausing] = [playing, false]; // in the newest frame; whether the frame of the pause is still to come

  function pause() {
    pausing = moving;
    if (!pausing) say(progress(model));
  }

  model.on("frame", (frame) => {
    moving = frame.playing;
    if (pausing) pause();
  });
  model.on("session", (session) => {
    if (session.playing !== playing) {
      pausing = false;
      if (session.playing) say(text("shell.said_playing"));
      else pause();
    }
    if (session.runs !== runs) say(text(session.runs > runs ? "shell.said_fork" : "shell.said_one_run"));
    ({playing, runs} = session);
  });
  model.on("sent", ({kind}) => {
    if (kind === "undo" || kind === "redo" || kind === "reset") say(text(`shell.said_${kind}`));
  });
  model.on("language", () => say(""));
  model.on("connection", (connection) => connection === "open" && say(text("shell.said_open")));
  return region;
}

/** @param {Model} model */
function progress({runs, selection}) {
  const {frame, state} = runs[selection.run];
  if (!frame) return text("shell.said_paused");
  const score = state.classes === 0 ? number : percent;
  return text("shell.said_progress", {
    step: grouped(frame.step),
    loss: number(frame.loss[0] ?? NaN),
    train: score(frame.score[0] ?? NaN),
    test: score(frame.score[1] ?? NaN),
  });
}
