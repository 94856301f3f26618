/** A line over the page: the server is away, the session is elsewhere, or training has stopped. */

import {element} from "../dom.js";
import {icon} from "../icons.js";
import {bind, text} from "../text.js";

/** @import {Model} from "../model.js" */

const PATIENCE = 1500; // milliseconds before a connection that is not there yet is worth a line

/** @param {Model} model */
export function create(model) {
  const words = element("span");
  const again = element("button", {type: "button"});
  again.addEventListener("click", () => model.emit("reconnect"));
  const close = element("button", {type: "button", class: "icon-button"}, icon("close"));
  bind(close, "shell.close", {}, "aria-label");
  const banner = element("div", {class: "banner", role: "status"}, words, again, close);
  let patient = true;
  let closed = "";
  close.addEventListener("click", () => {
    closed = model.session?.message ?? "";
    update();
  });

  function update() {
    const message = model.session?.message ?? "";
    const {connection} = model;
    const lost = connection !== "open" && !(connection === "connecting" && patient);
    if (!message) closed = "";
    words.textContent = lost ? model.reason || text(`shell.${connection}`) : message;
    again.hidden = !lost || connection === "connecting";
    bind(again, connection === "taken" ? "shell.take_back" : "shell.try_now");
    close.hidden = lost;
    banner.classList.toggle("lost", lost);
    banner.hidden = !lost && (message === "" || message === closed);
  }

  const impatient = () => {
    patient = false;
    update();
  };
  setTimeout(impatient, PATIENCE);
  for (const kind of /** @type {const} */ (["connection", "session", "language"])) model.on(kind, update);
  update();
  return banner;
}
