/**
 * What the page knows: the runs and the session as the server last told them, and what is selected in the page.
 * Panels read it, listen to it and send requests through it; they do not know each other.
 */

import {Series} from "./series.js";

/**
 * @import {Lesson, Reply, Request, RunState, Session, Settings} from "./messages.d.ts"
 * @import {DecodedFrame, FrameRun} from "./frame.js"
 */

/**
 * A part of the settings to change; `data` and `optimizer` may be partial themselves.
 * @typedef {Partial<Omit<Settings, "data" | "optimizer">> &
 *   {data?: Partial<Settings["data"]>, optimizer?: Partial<Settings["optimizer"]>}} SettingsPart
 */

/**
 * @typedef {object} Selection
 * @property {number} run
 * @property {{column: number, unit: number} | null} unit shown large
 * @property {number | null} weight its index in theta
 * @property {number | null} sample its index among the points
 * @property {{x: number, y: number} | null} place in the plane
 * @property {number | null} target of the place, null: none
 * @property {number | null} inBatch position within the batch of the next step, in slow motion
 * @property {"forward" | "backward" | "update" | "undone" | "seek" | null} pass what slow motion shows, see slow.js
 * @property {{run: number, column: number, unit: number} | null} hover unit under the pointer or with the focus
 */

/**
 * @typedef {"options" | "run" | "frame" | "session" | "selection" | "connection" | "language" | "theme" | "trouble" |
 *   "numbers" | "chain" | "curvature" | "slice" | "saved" | "lesson" | "verdict" | "drawer" | "sent" | "help" | "reconnect"} Kind
 */

/** @typedef {"connecting" | "open" | "away" | "taken" | "refused"} ConnectionState */

/** One run: its state, and the newest frame with its arrays. */
export class RunView {
  /** @param {RunState} state */
  constructor(state) {
    this.state = state;
    /** Settings as the page wants them: the newest sent, until the server has answered. */
    this.wanted = state.settings;
    this.unanswered = 0;
    /** @type {FrameRun | null} */
    this.frame = null;
    /** @type {Float32Array} */
    this.theta = new Float32Array(0);
    /** @type {Uint8Array} */
    this.pictures = new Uint8Array(0);
    /** @type {number[]} */
    this.scales = [];
    /** @type {Uint8Array} */
    this.output = new Uint8Array(0);
    /** @type {Uint8Array | null} */
    this.large = null;
    /** Rows of step, train loss, test loss, train score, test score. */
    this.curves = /** @type {Float32Array} */ (new Float32Array(0));
    /** Rows of step, then of each layer with weights: gradient norm, update ratio, dead, saturated. */
    this.diagnostics = /** @type {Float32Array} */ (new Float32Array(0));
    this.curveRows = new Series(5);
    this.diagnosticRows = new Series(1);
  }

  /** @param {RunState} state */
  restate(state) {
    if (shape(state) !== shape(this.state)) this.empty();
    this.state = state;
    this.unanswered = Math.max(0, this.unanswered - 1);
    if (this.unanswered === 0) this.wanted = state.settings;
  }

  /** Another network: what was drawn of the old one does not fit, and its first frame is to come. */
  empty() {
    this.theta = new Float32Array(0);
    this.pictures = new Uint8Array(0);
    this.scales = [];
    this.output = new Uint8Array(0);
    this.large = null;
  }

  /** @param {FrameRun} frame */
  show(frame) {
    this.frame = frame;
    this.scales = frame.scales;
    this.theta = frame.theta;
    this.pictures = frame.pictures;
    this.output = frame.output;
    this.large = frame.large;
    this.curves = this.curveRows.replace(frame.curves_from, frame.curves, 5);
    const width = 1 + 4 * frame.rows.length;
    this.diagnostics = this.diagnosticRows.replace(frame.curves_from, frame.diagnostics, width);
  }
}

/** What the sizes of a frame's arrays follow from. @param {RunState} state */
function shape({parameters, classes, columns}) {
  return JSON.stringify([parameters, classes, columns.map(({units}) => units.length)]);
}

export class Model {
  /** @param {(request: Request) => void} transmit sends a request to the server */
  constructor(transmit = () => {}) {
    this.transmit = transmit;
    /** @type {RunView[]} */
    this.runs = [];
    /** @type {Session | null} */
    this.session = null;
    /** What can be set: see `options` in settings.py. @type {any} */
    this.options = null;
    /** @type {Selection} */
    this.selection = {run: 0, unit: null, weight: null, sample: null, place: null, target: null, inBatch: null, pass: null,
      hover: null};
    this.playing = false;
    /** The open lesson. @type {Lesson | null} */
    this.lesson = null;
    /** The unit that `large` of the newest frame shows, "column.unit". @type {string | null} */
    this.largeUnit = null;
    /** @type {ConnectionState} */
    this.connection = "connecting";
    this.reason = "";
    /** The open tab of the drawer. @type {string | null} */
    this.drawer = null;
    /** @type {Map<string, Set<(detail: any) => void>>} */
    this.listeners = new Map();
  }

  /**
   * Listen to a kind of event.
   * @param {Kind} kind
   * @param {(detail: any) => void} listener gets the reply; the index of the run for "run"; the request for "sent"
   * @returns {() => void} ends listening
   */
  on(kind, listener) {
    const listeners = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * @param {Kind} kind
   * @param {any} [detail]
   */
  emit(kind, detail) {
    for (const listener of [...(this.listeners.get(kind) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        // One panel that fails does not keep the others from what they are to hear.
        reportError(error);
      }
    }
  }

  /** @param {Request} request */
  send(request) {
    if (request.kind === "undo" || request.kind === "redo" || request.kind === "open") {
      for (const run of this.runs) run.unanswered = 0;
    }
    this.transmit(request);
    this.emit("sent", request);
  }

  /**
   * Select something; what is not given stays.
   * @param {Partial<Selection>} partial
   */
  select(partial) {
    this.selection = {...this.selection, ...partial};
    this.emit("selection", this.selection);
  }

  /**
   * Change settings of a run.
   * @param {number} run
   * @param {SettingsPart} partial
   */
  change(run, partial) {
    const view = this.runs[run];
    if (!view) return;
    const {data, optimizer, ...rest} = partial;
    const before = view.wanted;
    const settings = {
      ...before,
      ...rest,
      data: {...before.data, ...data},
      optimizer: {...before.optimizer, ...optimizer},
    };
    view.wanted = settings;
    view.unanswered += 1;
    this.send({kind: "settings", run, settings});
  }

  /**
   * Open a tab of the drawer, or close the drawer.
   * @param {string | null} tab
   */
  open(tab) {
    this.drawer = tab;
    this.emit("drawer", tab);
  }

  /**
   * Show a trouble of the page's own as one of the server's.
   * @param {string} about kind of a request, or the `data-about` of a control
   * @param {string} text
   */
  complain(about, text) {
    this.emit("trouble", {kind: "trouble", about, text});
  }

  /**
   * @param {ConnectionState} connection
   * @param {string} [reason] why the server has ended it
   */
  setConnection(connection, reason = "") {
    this.connection = connection;
    this.reason = reason;
    this.emit("connection", connection);
  }

  /** @param {Reply} reply */
  receive(reply) {
    if (reply.kind === "options") this.options = reply.options;
    else if (reply.kind === "run") return this.receiveRun(reply);
    else if (reply.kind === "session") this.receiveSession(reply);
    else if (reply.kind === "lesson") this.lesson = reply;
    else if (reply.kind === "trouble") this.forgetWanted();
    this.emit(reply.kind, reply);
  }

  /** @param {RunState} state */
  receiveRun(state) {
    const view = this.runs[state.run];
    const before = view && shape(view.state);
    if (view) view.restate(state);
    else this.runs[state.run] = new RunView(state);
    if (this.selection.run === state.run) this.unselect(state, before !== undefined && before !== shape(state));
    this.emit("run", state.run);
  }

  /**
   * What is selected and no longer there.
   * @param {RunState} state
   * @param {boolean} anew whether it is another network
   */
  unselect({columns, points}, anew) {
    const {unit, sample} = this.selection;
    /** @type {Partial<Selection>} */
    const gone = {};
    if (unit && !columns[unit.column]?.units[unit.unit]) gone.unit = null;
    if (sample !== null && sample >= points.length) gone.sample = null;
    if (anew) Object.assign(gone, {weight: null, inBatch: null, pass: null});
    if (Object.keys(gone).length) this.select(gone);
  }

  /** @param {Session} session */
  receiveSession(session) {
    this.session = session;
    this.playing = session.playing;
    if (session.lesson === null) this.lesson = null;
    this.runs.length = Math.min(this.runs.length, session.runs);
    if (this.selection.run >= session.runs) this.select({run: 0});
  }

  /** A refused change: the settings are again those of the server. */
  forgetWanted() {
    this.runs.forEach((view, run) => {
      if (view.wanted === view.state.settings) return;
      view.unanswered = 0;
      view.wanted = view.state.settings;
      this.emit("run", run);
    });
  }

  /** @param {DecodedFrame} frame */
  receiveFrame(frame) {
    this.playing = frame.playing;
    for (const one of frame.runs) this.runs[one.run]?.show(one);
    this.emit("frame", frame);
  }
}
