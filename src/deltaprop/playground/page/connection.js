/**
 * The connection to the server. It comes back by itself when the server does, and then brings the newest saved state,
 * so that nothing is lost when the server has been started anew.
 */

import {decode} from "./frame.js";
import {holdSession} from "./ownership.js";
import {keep, kept} from "./storage.js";
import {currentLanguage} from "./text.js";

/**
 * @import {Model} from "./model.js"
 * @import {Reply, Request} from "./messages.d.ts"
 *
 * What of a WebSocket is used.
 * @typedef {Pick<WebSocket, "send" | "close" | "readyState" | "onopen" | "onmessage" | "onclose">} Socket
 */

const OPEN = 1;
const RUNS = [0, 1];
const FIRST_DELAY = 500; // milliseconds until the first try to come back; each further one takes twice as long
const LONGEST_DELAY = 10_000;
const SAVE_EVERY = 10_000; // milliseconds between saved states while something changes
const SAVE_AFTER = 600; // milliseconds after a pause or a change of the settings

/** Codes of a connection that the server has ended for good: opened elsewhere; refused. */
const TAKEN = 4001;
const REFUSED = 4003;

export class Connection {
  /**
   * @param {Model} model
   * @param {() => Socket} open
   * @param {{state?: string, lesson?: string}} [first] what the address of the page asks for
   */
  constructor(model, open, first = {}) {
    this.model = model;
    this.open = open;
    this.first = first;
    /** @type {Socket | null} */
    this.socket = null;
    this.delay = FIRST_DELAY;
    this.retry = 0;
    this.saving = 0;
    /** Whether anything has changed since the newest saved state. */
    this.changed = false;
    /** The newest saved state of each run. */
    this.states = RUNS.map((run) => kept("sessionStorage", `state-${run}`));
    this.session = kept("sessionStorage", "session");
    /** For each request to save that is not answered: the run, where it is the connection's own. @type {(number | null)[]} */
    this.saves = [];
    /** A frame that the browser is not ready to draw yet. @type {ArrayBuffer | null} */
    this.frame = null;
    /** The unit that the frame asked for shows large. @type {string | null} */
    this.large = null;
    this.shown = this.large;
    this.listen();
  }

  /** Connect for the first time. */
  async start() {
    // A duplicated tab has the same storage, but the session belongs to the first tab.
    if (this.session && !(await holdSession(this.session))) this.session = null;
    this.connect();
  }

  listen() {
    const {model} = this;
    model.on("selection", () => this.largeUnit() !== this.large && this.requestFrame());
    model.on("session", (session) => this.keepSession(session));
    model.on("run", () => this.saveSoon());
    model.on("frame", () => (model.playing ? (this.changed = true) : this.saveSoon()));
    setInterval(() => this.changed && this.save(), SAVE_EVERY);
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  connect() {
    clearTimeout(this.retry);
    this.retry = 0;
    this.saves = [];
    const socket = this.open();
    this.socket = socket;
    socket.onopen = () => this.greet();
    socket.onmessage = ({data}) => (typeof data === "string" ? this.receive(JSON.parse(data)) : this.receiveFrame(data));
    socket.onclose = ({code, reason}) => socket === this.socket && this.lose(code, reason);
  }

  greet() {
    this.delay = FIRST_DELAY;
    const {session, first, model} = this;
    const [state, second] = this.states;
    const before = {state, second, kept_lesson: model.session?.lesson ?? null, speed: model.session?.speed};
    this.send({kind: "hello", session, ...before, lesson: first.lesson ?? null, language: currentLanguage()});
    if (first.state) this.send({kind: "open", text: first.state});
    this.first = {};
    this.requestFrame();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  lose(code, reason) {
    this.socket = null;
    if (code === TAKEN || code === REFUSED) return this.model.setConnection(code === TAKEN ? "taken" : "refused", reason);
    this.model.setConnection("away");
    this.retry = window.setTimeout(() => this.connect(), this.delay);
    this.delay = Math.min(2 * this.delay, LONGEST_DELAY);
  }

  /** Try at once to come back, if the connection is waiting for its next try. */
  wake() {
    if (this.retry) this.connect();
  }

  /** Come back after the server has ended the connection for good. */
  reopen() {
    if (!this.socket) this.connect();
  }

  /** @param {Request} request */
  send(request) {
    if (this.socket?.readyState !== OPEN) return this.model.forgetWanted();
    if (request.kind === "save") this.saves.push(null);
    this.socket.send(JSON.stringify(request));
  }

  /** @param {Reply} reply */
  receive(reply) {
    this.showFrame(); // what came before the reply belongs before it
    const save = reply.kind === "saved" || (reply.kind === "trouble" && reply.about === "save");
    const run = save ? this.saves.shift() ?? null : null;
    if (run === null) this.model.receive(reply);
    else if (reply.kind === "saved") this.keepState(run, reply.text);
  }

  /** @param {ArrayBuffer} data */
  receiveFrame(data) {
    this.frame = data;
    this.shown = this.large;
    // A hidden page draws nothing, so it asks for no more until it is shown again.
    requestAnimationFrame(() => {
      this.requestFrame();
      this.showFrame();
    });
  }

  showFrame() {
    const data = this.frame;
    if (!data) return;
    this.frame = null;
    this.model.largeUnit = this.shown;
    this.model.receiveFrame(decode(data));
  }

  largeUnit() {
    const {hover, unit} = this.model.selection;
    const large = hover ?? unit;
    return large && `${large.column}.${large.unit}`;
  }

  requestFrame() {
    this.large = this.largeUnit();
    this.send({kind: "frame", large: this.large});
  }

  /** @param {import("./messages.d.ts").Session} session */
  keepSession({session, playing}) {
    if (session !== this.session) {
      this.session = session;
      holdSession(session);
      keep("sessionStorage", "session", session);
    }
    if (this.model.connection !== "open") this.model.setConnection("open");
    if (!playing) this.saveSoon();
  }

  saveSoon() {
    this.changed = true;
    clearTimeout(this.saving);
    this.saving = window.setTimeout(() => this.save(), SAVE_AFTER);
  }

  save() {
    if (this.socket?.readyState !== OPEN || this.saves.some((run) => run !== null)) return;
    this.changed = false;
    for (const run of RUNS) {
      if (run >= this.model.runs.length) this.keepState(run, null);
      else {
        this.send({kind: "save", form: "json", run});
        this.saves[this.saves.length - 1] = run;
      }
    }
  }

  /**
   * @param {number} run
   * @param {string | null} state
   */
  keepState(run, state) {
    this.states[run] = state;
    keep("sessionStorage", `state-${run}`, state);
  }
}
