/** Wiring: the model, the connection and the panels in their regions. */

import {keepAsking} from "./asking.js";
import {Connection} from "./connection.js";
import {startLanguage} from "./language.js";
import {layOut} from "./layout.js";
import {Model} from "./model.js";
import {startShortcuts} from "./shortcuts.js";
import {register} from "./text.js";
import {startTheme} from "./theme.js";

/** Panel → its region; panels of a run are made once for each run. @type {[string, string, boolean][]} */
const PANELS = [
  ["topbar", "topbar", false],
  ["trouble", "topbar", false],
  ["settings", "settings", false],
  ["data", "data", false],
  ["features", "data", false],
  ["network", "network", true],
  ["output", "result", true],
  ["curves", "result", false],
  ["timeline", "timeline", false],
  ["drawer", "drawer", false],
];

const WORDS = ["shell", "topbar", "settings", "data", "features", "network", "output", "curves", "timeline", "numbers",
  "inside", "share", "lesson"];

/**
 * Build the page.
 * @param {HTMLElement} root
 * @param {(model: Model) => {send: (request: import("./messages.d.ts").Request) => void}} connect
 */
export async function start(root, connect) {
  const model = new Model();
  await Promise.all(WORDS.map(registerWords));
  startLanguage();
  const regions = layOut(root);
  startTheme(model);
  const connection = connect(model);
  model.transmit = (request) => connection.send(request);
  await new Promise((resolve) => model.on("run", resolve));
  for (const [name, region, each] of PANELS) await put(model, name, regions[region], each);
  keepAsking(model);
  startShortcuts(model);
  root.dataset.ready = "true";
  return model;
}

/**
 * @param {string} name
 */
async function registerWords(name) {
  const words = await load(`./strings/${name}.js`);
  if (words) register(name, words.default);
}

/**
 * @param {string} path
 * @returns {Promise<any>} the module, null if there is none yet
 */
async function load(path) {
  try {
    return await import(path);
  } catch (error) {
    console.warn(path, error);
    return null;
  }
}

/**
 * @param {Model} model
 * @param {string} name
 * @param {HTMLElement} region
 * @param {boolean} each whether there is one for each run
 */
async function put(model, name, region, each) {
  const module = await load(`./panels/${name}.js`);
  if (!module) return;
  const place = document.createElement("div");
  place.className = `place place-${name}`;
  region.append(place);
  /** @type {HTMLElement[]} */
  const made = [];
  const update = () => {
    const runs = each ? model.runs.length : 1;
    while (made.length < runs) {
      made.push(module.create(model, made.length));
      place.append(/** @type {HTMLElement} */ (made.at(-1)));
    }
    made.forEach((element, run) => (element.hidden = run >= runs));
  };
  update();
  if (each) for (const kind of /** @type {const} */ (["run", "session"])) model.on(kind, update);
}

const root = document.getElementById("playground");
// The model is within reach of the browser's console.
if (root) Object.assign(globalThis, {playground: await start(root, (model) => new Connection(model))});
