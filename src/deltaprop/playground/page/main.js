/** Wiring: the model, the connection and the panels in their regions. */

import {keepAsking} from "./asking.js";
import {startLanguage} from "./language.js";
import {layOut} from "./layout.js";
import {Model} from "./model.js";
import {create as createAnnouncer} from "./panels/announcer.js";
import {create as createBanner} from "./panels/banner.js";
import {createDrawer} from "./panels/drawer.js";
import {showHelp} from "./panels/help.js";
import {create as createSettings} from "./panels/settings.js";
import {create as createTopbar} from "./panels/topbar.js";
import {create as createTrouble} from "./panels/trouble.js";
import {startShortcuts} from "./shortcuts.js";
import {register} from "./text.js";
import {startTheme} from "./theme.js";

/** @typedef {(model: Model, run?: number) => HTMLElement} Create */

/** Panel → its region; panels of a run are made once for each run. @type {[string, string, boolean][]} */
const PANELS = [
  ["data", "data", false],
  ["features", "data", false],
  ["network", "network", true],
  ["output", "result", true],
  ["curves", "result", false],
  ["timeline", "timeline", false],
];

/** Tabs of the drawer → their icons. */
const TABS = {numbers: "numbers", inside: "inside", share: "share", lesson: "lesson"};

const WORDS = ["shell", "topbar", "settings", "data", "features", "network", "output", "curves", "timeline", "numbers",
  "inside", "share", "lesson"];

/**
 * Build the page, when the server has told what it shows.
 * @param {HTMLElement} root
 * @param {(model: Model) => import("./connection.js").Connection} connect
 */
export async function start(root, connect) {
  const model = new Model();
  await Promise.all(WORDS.map(registerWords));
  startLanguage();
  startTheme(model);
  const regions = layOut(root);
  const connection = connect(model);
  model.transmit = (request) => connection.send(request);
  model.on("reconnect", () => connection.reopen());
  put(model, regions.banner, createBanner, "banner");
  connection.start();
  await new Promise((resolve) => model.on("run", resolve));

  put(model, regions.topbar, createTopbar, "topbar");
  put(model, regions.topbar, createTrouble, "trouble");
  put(model, regions.topbar, createAnnouncer, "announcer");
  put(model, regions.settings, createSettings, "settings");
  for (const [name, region, each] of PANELS) {
    const module = await load(`./panels/${name}.js`);
    if (module) put(model, regions[region], module.create, name, each);
  }
  const tabs = [];
  for (const [name, icon] of Object.entries(TABS)) {
    const module = await load(`./panels/${name}.js`);
    if (module) tabs.push({name, icon, create: module.create});
  }
  regions.drawer.append(createDrawer(model, tabs));
  keepAsking(model);
  startShortcuts(model);
  model.on("help", () => showHelp(model));
  model.on("session", () => (root.dataset.runs = String(model.runs.length)));
  root.dataset.ready = "true";
  return model;
}

/** @param {string} name */
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
 * Put a panel into a region.
 * @param {Model} model
 * @param {HTMLElement} region
 * @param {Create} create
 * @param {string} name
 * @param {boolean} [each] whether there is one for each run
 */
function put(model, region, create, name, each = false) {
  const place = document.createElement("div");
  place.className = `place place-${name}`;
  region.append(place);
  /** @type {HTMLElement[]} */
  const made = [];
  const update = () => {
    const runs = each ? model.runs.length : 1;
    for (let run = made.length; run < runs; run++) {
      made.push(create(model, run));
      place.append(made[run]);
    }
    made.forEach((panel, run) => (panel.hidden = run >= runs));
  };
  update();
  if (each) for (const kind of /** @type {const} */ (["run", "session"])) model.on(kind, update);
}
