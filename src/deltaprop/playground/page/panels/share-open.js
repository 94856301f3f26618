/** Open a saved state: from a file, by drag and drop, or pasted. */

import {element} from "../dom.js";
import {bind, text} from "../text.js";

/** @import {Model} from "../model.js" */

const LARGEST = 16_000_000; // bytes; the server takes fewer characters than that

/** @param {Model} model */
export function createOpen(model) {
  const file = element("input", {type: "file", accept: ".json,application/json", hidden: ""});
  const choose = bind(element("button", {type: "button"}), "share.open_file");
  const pasted = element("input", {type: "text", "data-about": "open", spellcheck: "false", autocomplete: "off"});
  bind(pasted, "share.paste", {}, "aria-label");
  bind(pasted, "share.paste", {}, "placeholder");
  const open = bind(element("button", {type: "submit"}), "share.open_pasted");
  const form = element("form", {class: "row"}, pasted, open);
  const box = element("div", {class: "share-open"}, form, element("div", {class: "row"}, choose, file));

  const send = (/** @type {string} */ words) => {
    if (words.trim()) model.send({kind: "open", text: words.trim()});
    else model.complain("open", text("share.nothing"));
  };
  const read = async (/** @type {File | undefined} */ chosen) => {
    if (!chosen) return;
    if (chosen.size > LARGEST) model.complain("open", text("share.too_large", {name: chosen.name}));
    else send(await chosen.text());
  };

  choose.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    read(file.files?.[0]);
    file.value = ""; // so that the same file can be chosen again
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(pasted.value);
  });
  // A link is opened at once.
  pasted.addEventListener("paste", () => setTimeout(() => pasted.value.trim() && send(pasted.value)));
  model.on("sent", ({kind}) => kind === "open" && pasted.select());
  box.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.add("is-target");
  });
  box.addEventListener("dragleave", () => box.classList.remove("is-target"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("is-target");
    read(event.dataTransfer?.files[0]);
  });
  return box;
}
