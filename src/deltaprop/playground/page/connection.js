/** The socket to the server. */

import {decode} from "./frame.js";
import {currentLanguage} from "./text.js";

/** @import {Request} from "./messages.d.ts" */

export class Connection {
  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.model = model;
    /** The unit that the frame asked for shows large. @type {string | null} */
    this.large = null;
    const address = new URL("socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      model.setConnection("open");
      this.send({kind: "hello", language: currentLanguage()});
      this.requestFrame();
    };
    this.socket.onmessage = ({data}) => {
      if (typeof data === "string") model.receive(JSON.parse(data));
      else
        requestAnimationFrame(() => {
          model.largeUnit = this.large;
          this.requestFrame();
          model.receiveFrame(decode(data));
        });
    };
    this.socket.onclose = () => model.setConnection("away");
  }

  /** @param {Request} request */
  send(request) {
    this.socket.send(JSON.stringify(request));
  }

  requestFrame() {
    const {hover, unit} = this.model.selection;
    const large = hover ?? unit;
    this.large = large && `${large.column}.${large.unit}`;
    this.send({kind: "frame", large: this.large});
  }
}
