/** Says what has happened to those who do not see it: politely, and never once a frame. */

import {element} from "../dom.js";
import {number, percent} from "../draw/format.js";
import {text} from "../text.js";

/** @import {Model} from "../model.js" */

/** @param {Model} model */
export function create(model) {
  const region = element("div", {class: "visually-hidden", role: "status", "aria-live": "polite"});
  const say = (/** @type {string} */ words) => (region.textContent = words);
  let {playing} = model;
  let runs = model.runs.length;

  model.on("session", (session) => {
    if (session.playing !== playing) say(session.playing ? text("shell.said_playing") : progress(model));
    if (session.runs !== runs) say(text(session.runs > runs ? "shell.said_fork" : "shell.said_one_run"));
    ({playing, runs} = session);
  });
  model.on("sent", ({kind}) => {
    if (kind === "undo" || kind === "redo" || kind === "reset") say(text(`shell.said_${kind}`));
  });
  model.on("connection", (connection) => connection === "open" && say(text("shell.said_open")));
  return region;
}

/** @param {Model} model */
function progress({runs, selection}) {
  const {frame, state} = runs[selection.run];
  if (!frame) return text("shell.said_paused");
  const score = state.classes === 0 ? number : percent;
  return text("shell.said_progress", {
    step: frame.step,
    loss: number(frame.loss[0] ?? NaN),
    train: score(frame.score[0] ?? NaN),
    test: score(frame.score[1] ?? NaN),
  });
}
