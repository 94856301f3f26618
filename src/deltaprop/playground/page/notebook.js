/** The page in a notebook: its frame, which widget.js has made, has the connection to the kernel. */

import {Connection} from "./connection.js";
import {start} from "./main.js";
import * as tabs from "./tabs.js";

const frame = /** @type {HTMLIFrameElement & {openSocket: () => import("./connection.js").Socket}} */ (
  window.frameElement
);
const root = /** @type {HTMLElement} */ (document.getElementById("playground"));

/** @param {import("./model.js").Model} model */
function connect(model) {
  const connection = new Connection(model, () => frame.openSocket());
  // The kernel keeps the state, and the storage is shared by all widgets of a notebook.
  return Object.assign(connection, {session: null, states: [], save() {}});
}

Object.assign(globalThis, {playground: await start(root, connect, async () => tabs)});
