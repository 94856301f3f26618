/** Take home: a link and a JSON of this very state, programs, the picture, the history; and the way back. */

import {asPng, asSvg} from "../draw/picture.js";
import {element} from "../dom.js";
import {grouped, number, percent} from "../draw/format.js";
import {copy, download, ignoreRefusal, Saver} from "../saving.js";
import {bind, text} from "../text.js";
import {createCode} from "./share-code.js";
import {createOpen} from "./share-open.js";

/** @import {Model} from "../model.js" */

/**
 * What has been done, said to all.
 * @callback Say
 * @param {string} key of the words
 */

/** @param {Model} model */
export function create(model) {
  const saver = new Saver(model);
  const status = element("p", {class: "share-status", role: "status"});
  const say = (/** @type {string} */ key) => void bind(status, `share.${key}`);
  return element(
    "section",
    {class: "share"},
    status,
    part("state", stateRow(saver, say)),
    part("open", createOpen(model)),
    part("code", createCode(model, saver, say)),
    part("picture", pictureRow(model, saver, say)),
  );
}

/** @param {string} name @param {HTMLElement} content */
function part(name, content) {
  const heading = bind(element("h3"), `share.${name}`);
  return element("section", {}, heading, bind(element("p", {class: "hint"}), `share.${name}_meaning`), content);
}

/**
 * A button; a refusal by the server is shown by the trouble line.
 * @param {string} key
 * @param {() => Promise<void>} act
 * @param {Record<string, string>} [attributes]
 */
function button(key, act, attributes = {}) {
  const made = bind(element("button", {type: "button", ...attributes}), `share.${key}`);
  made.addEventListener("click", () => act().catch(ignoreRefusal));
  return made;
}

/** @param {Saver} saver @param {Say} say */
function stateRow(saver, say) {
  const shown = element("textarea", {class: "share-link", rows: "3", readonly: "", hidden: "", spellcheck: "false"});
  bind(shown, "share.link", {}, "aria-label");
  const link = async () => {
    const address = saver.ask("link").then((saved) => linkOf(saved.text));
    const copied = await copy(address);
    shown.hidden = copied;
    if (!copied) {
      shown.value = await address;
      shown.select();
    }
    say(copied ? "link_copied" : "link_shown");
  };
  const json = async () => {
    const saved = await saver.ask("json");
    download(saved.name, saved.text);
    say("json_saved");
  };
  const buttons = element("div", {class: "row"}, button("copy_link", link, {"data-about": "save"}), button("save_json", json));
  return element("div", {}, buttons, shown);
}

/** The address of this server, without its token, and the state; the state alone where there is no address. */
function linkOf(/** @type {string} */ state) {
  return `${location.protocol.startsWith("http") ? `${location.origin}/` : ""}#${state}`;
}

/** @param {Model} model @param {Saver} saver @param {Say} say */
function pictureRow(model, saver, say) {
  const view = () => model.runs[model.selection.run];
  const svg = async () => {
    download("network.svg", new Blob([asSvg(view(), caption(view()))], {type: "image/svg+xml"}));
    say("svg_saved");
  };
  const png = async () => {
    download("network.png", await asPng(view(), caption(view())));
    say("png_saved");
  };
  const csv = async () => {
    const saved = await saver.ask("history");
    download(saved.name, saved.text);
    say("csv_saved");
  };
  return element("div", {class: "row"}, button("save_svg", svg), button("save_png", png), button("save_csv", csv));
}

/** How far training is. @param {import("../model.js").RunView} view */
function caption({frame, state}) {
  if (!frame) return "";
  const score = state.classes ? percent : number;
  const both = (/** @type {(number | null)[]} */ values, /** @type {(value: number) => string} */ format) =>
    values.filter((value) => value !== null).map((value) => format(value)).join(" / ");
  return text(state.classes ? "share.caption" : "share.caption_values", {
    step: grouped(frame.step),
    loss: both(frame.loss, number),
    score: both(frame.score, score),
  });
}
