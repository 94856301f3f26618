/** A CSV file of one's own: by a button, or dropped anywhere on the page. */

import {element} from "../dom.js";
import {bind, currentLanguage, text} from "../text.js";

/** @import {Model} from "../model.js" */

const MOST_BYTES = 16e6; // more than the 4 million characters that the server takes can have
const MOST_CHARACTERS = 4e6;

/** A button that asks for a file. @param {Model} model */
export function fileButton(model) {
  const input = element("input", {type: "file", accept: ".csv,.tsv,.txt,text/csv", hidden: "", tabindex: "-1"});
  bind(input, "data.open_title", {}, "aria-label");
  const button = element("button", {type: "button", class: "data-open", "data-about": "table"});
  bind(button, "data.open");
  bind(button, "data.open_title", {}, "title");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = ""; // the same file again is a change, too
    if (file) load(model, file);
  });
  return element("span", {class: "data-file"}, button, input);
}

/** Take files that are dropped where nothing else takes them. @param {Model} model */
export function acceptDrops(model) {
  const sign = bind(element("div", {class: "data-drop", hidden: ""}), "data.drop");
  document.body.append(sign);
  document.addEventListener("dragover", (event) => {
    const ours = !event.defaultPrevented && Boolean(event.dataTransfer?.types.includes("Files"));
    sign.hidden = !ours;
    if (ours) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) sign.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    sign.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (event.defaultPrevented || !file) return;
    event.preventDefault();
    load(model, file);
  });
}

/**
 * Send a table to the server, or a saved state where a JSON file was dropped.
 * @param {Model} model
 * @param {File} file
 */
async function load(model, file) {
  const words = file.size <= MOST_BYTES ? decode(await file.arrayBuffer()) : null;
  if (words === null || words.length > MOST_CHARACTERS) {
    model.complain("table", text("data.too_large", {name: file.name}));
  } else if (file.name.endsWith(".json")) {
    model.send({kind: "open", text: words});
  } else {
    model.send({kind: "table", name: file.name.slice(-200), text: words});
  }
}

/**
 * The text of a file: UTF-8, UTF-16 with its mark, or what spreadsheets write in the language of the page.
 * @param {ArrayBuffer} bytes
 */
function decode(bytes) {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  } catch {
    return new TextDecoder(currentLanguage() === "zh" ? "gb18030" : "windows-1252").decode(bytes);
  }
}
