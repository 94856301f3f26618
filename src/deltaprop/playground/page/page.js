/** The page in a browser: the server's socket is beside it, and its address can ask for a state or a lesson. */

import {Connection} from "./connection.js";
import {start} from "./main.js";
import {keep} from "./storage.js";

const address = new URL(`socket${location.search}`, location.href);
address.protocol = address.protocol.replace("http", "ws");

function open() {
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  return socket;
}

/** What the address asks for; it is asked for once, so that a reload goes on with what there is then. */
function takeRequest() {
  const state = location.hash.slice(1) || undefined;
  const lesson = new URLSearchParams(location.search).get("lesson") ?? undefined;
  if (state || lesson) history.replaceState(null, "", location.pathname);
  return {state, lesson};
}

keep("localStorage", "address", location.pathname); // for links without the token, see entrance.js
const root = /** @type {HTMLElement} */ (document.getElementById("playground"));
const model = await start(root, (model) => new Connection(model, open, takeRequest()), () => import("./tabs.js"));
addEventListener("hashchange", () => {
  const {state} = takeRequest();
  if (state) model.send({kind: "open", text: state});
});

// The model is within reach of the browser's console.
Object.assign(globalThis, {playground: model});
