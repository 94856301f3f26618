/** Wiring: the model, the connection and the panels in their regions. */

import {keepAsking} from "./asking.js";
import {startLanguage} from "./language.js";
import {layOut} from "./layout.js";
import {Model} from "./model.js";
import {create as createAnnouncer} from "./panels/announcer.js";
import {create as createBanner} from "./panels/banner.js";
import {create as createCurves} from "./panels/curves.js";
import {create as createData} from "./panels/data.js";
import {createDrawer} from "./panels/drawer.js";
import {create as createFeatures} from "./panels/features.js";
import {showHelp} from "./panels/help.js";
import {create as createNetwork} from "./panels/network.js";
import {create as createOutput} from "./panels/output.js";
import {create as createSettings} from "./panels/settings.js";
import {create as createTimeline} from "./panels/timeline.js";
import {create as createTopbar} from "./panels/topbar.js";
import {create as createTrouble} from "./panels/trouble.js";
import {startShortcuts} from "./shortcuts.js";
import curves from "./strings/curves.js";
import data from "./strings/data.js";
import features from "./strings/features.js";
import network from "./strings/network.js";
import output from "./strings/output.js";
import settings from "./strings/settings.js";
import shell from "./strings/shell.js";
import timeline from "./strings/timeline.js";
import topbar from "./strings/topbar.js";
import {register} from "./text.js";
import {startTheme} from "./theme.js";

/** @typedef {(model: Model, run?: number) => HTMLElement} Create */

/** Region → its panels; those of a run are made once for each run. @type {[string, string, Create, "each run"?][]} */
const PANELS = [
  ["topbar", "topbar", createTopbar],
  ["topbar", "announcer", createAnnouncer],
  ["settings", "settings", createSettings],
  ["data", "data", createData],
  ["data", "features", createFeatures],
  ["network", "network", createNetwork, "each run"],
  ["result", "output", createOutput, "each run"],
  ["result", "curves", createCurves],
  ["timeline", "timeline", createTimeline],
];

/**
 * Build the page, when the server has told what it shows.
 * @param {HTMLElement} root
 * @param {(model: Model) => import("./connection.js").Connection} connect
 * @param {() => Promise<import("./tabs.js")>} loadTabs the drawer's tabs, which the first picture does not wait for
 */
export async function start(root, connect, loadTabs) {
  const model = new Model();
  for (const [name, words] of Object.entries({curves, data, features, network, output, settings, shell, timeline, topbar})) {
    register(name, words);
  }
  startLanguage();
  startTheme(model);
  const regions = layOut(root);
  const connection = connect(model);
  model.transmit = (request) => connection.send(request);
  model.on("reconnect", () => connection.reopen());
  put(model, regions.banner, "banner", createBanner);
  put(model, regions.banner, "trouble", createTrouble); // before the first reply, which may be one
  connection.start();
  await new Promise((resolve) => model.on("run", resolve));

  for (const [region, name, create, each] of PANELS) put(model, regions[region], name, create, each);
  model.on("help", () => showHelp(model));
  keepAsking(model);
  startShortcuts(model);
  regions.drawer.append(createDrawer(model, (await loadTabs()).TABS));
  root.dataset.ready = "true";
  return model;
}

/**
 * Put a panel into a region.
 * @param {Model} model
 * @param {HTMLElement} region
 * @param {string} name
 * @param {Create} create
 * @param {"each run"} [each]
 */
function put(model, region, name, create, each) {
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
