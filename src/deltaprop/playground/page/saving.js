/** What the server makes to take home, and how it leaves the page: as a file, or by the clipboard. */

/**
 * @import {Model} from "./model.js"
 * @import {Save, Saved} from "./messages.d.ts"
 */

/** Why nothing is saved: the server refuses, as the trouble line says, or is away, as the banner says. */
const REFUSED = "refused";

/** @param {unknown} reason @returns {null} */
export function ignoreRefusal(reason) {
  if (reason !== REFUSED) throw reason;
  return null;
}

/** Asks for saved forms and waits for each. */
export class Saver {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {{form: string, resolve: (saved: Saved) => void, reject: (reason: unknown) => void}[]} */
    this.waiting = [];
    model.on("saved", (saved) => this.#settle(({form}) => form === saved.form, (asked) => asked.resolve(saved)));
    model.on("trouble", ({about}) => about === "save" && this.#settle(() => true, (asked) => asked.reject(REFUSED)));
    model.on("connection", (connection) => connection !== "open" && this.#settle(() => true, (asked) => asked.reject(REFUSED)));
  }

  /** @param {Save["form"]} form @returns {Promise<Saved>} rejected where there is none, see `ignoreRefusal` */
  ask(form) {
    const answer = new Promise((resolve, reject) => this.waiting.push({form, resolve, reject}));
    this.model.send({kind: "save", form, run: this.model.selection.run});
    return answer;
  }

  /**
   * @param {(asked: {form: string}) => boolean} chosen
   * @param {(asked: Saver["waiting"][number]) => void} settle
   */
  #settle(chosen, settle) {
    const settled = this.waiting.filter(chosen);
    this.waiting = this.waiting.filter((asked) => !chosen(asked));
    settled.forEach(settle);
  }
}

/**
 * Put a text that is still to come into the clipboard. The browser wants the call within the click.
 * @param {Promise<string>} text
 * @returns {Promise<boolean>} false where the browser refuses; rejected where there is no text
 */
export async function copy(text) {
  const blob = text.then((words) => new Blob([words], {type: "text/plain"}));
  blob.catch(() => {}); // said by who waits for the text
  try {
    await navigator.clipboard.write([new ClipboardItem({"text/plain": blob})]);
    return true;
  } catch {
    await text;
    return false;
  }
}

/**
 * @param {string} name of the file
 * @param {Blob | string} content
 */
export function download(name, content) {
  const blob = typeof content === "string" ? new Blob([content], {type: "text/plain;charset=utf-8"}) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
