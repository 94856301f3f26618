/**
 * The playground in a notebook, for anywidget: the page in a frame of its own, where its modules find each other by
 * blob addresses, and the widget's messages in place of a socket.
 */

/**
 * @typedef {object} WidgetModel
 * @property {(name: string) => any} get
 * @property {(message: {text?: string}) => void} send
 * @property {(kind: "msg:custom", listener: (content: {text?: string}, buffers: DataView[]) => void) => void} on
 * @property {(kind: "msg:custom", listener: Function) => void} off
 */

const IMPORT = /^(import\b[^"]*|export\b[^"=]*from\s*)"(\.[^"]+)"/gm;

/** As much of a WebSocket as the page uses. */
export class WidgetSocket {
  /** @param {WidgetModel} model */
  constructor(model) {
    this.model = model;
    /** @type {number} */
    this.readyState = WebSocket.OPEN;
    /** @type {((event: any) => void) | null} */
    this.onopen = null;
    /** @type {((event: any) => void) | null} */
    this.onmessage = null;
    /** @type {((event: any) => void) | null} */
    this.onclose = null;
    /** @type {(content: {text?: string}, buffers: DataView[]) => void} */
    this.take = ({text}, buffers) => this.onmessage?.({data: text ?? copied(buffers[0])});
    model.on("msg:custom", this.take);
    setTimeout(() => this.onopen?.({}));
  }

  /** @param {string} text */
  send(text) {
    this.model.send({text});
  }

  close() {
    this.readyState = WebSocket.CLOSED;
    this.model.off("msg:custom", this.take);
  }
}

/** @param {DataView} view */
function copied(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}

/** Gives files addresses. */
export class Files {
  /** @param {Record<string, string>} texts by path */
  constructor(texts) {
    this.texts = texts;
    /** @type {Record<string, string>} */
    this.addresses = {};
  }

  /**
   * The address of a file; a module's imports are replaced by their addresses.
   * @param {string} path
   * @returns {string}
   */
  address(path) {
    if (!this.addresses[path]) {
      const type = path.endsWith(".js") ? "text/javascript" : "text/css";
      const text = this.texts[path].replace(IMPORT, (_, start, name) => {
        return `${start}"${this.address(new URL(name, `file:///${path}`).pathname.slice(1))}"`;
      });
      this.addresses[path] = URL.createObjectURL(new Blob([text], {type}));
    }
    return this.addresses[path];
  }

  /** The page, its modules and styles by their addresses; it begins with notebook.js. */
  page() {
    return this.texts["index.html"].replace(/(src|href)="([\w/-]+\.(?:js|css))"/g, (_, name, path) => {
      return `${name}="${this.address(path === "page.js" ? "notebook.js" : path)}"`;
    });
  }

  revoke() {
    Object.values(this.addresses).forEach((address) => URL.revokeObjectURL(address));
  }
}

/** @param {{model: WidgetModel, el: HTMLElement}} widget */
function render({model, el}) {
  const files = new Files(model.get("files"));
  const frame = document.createElement("iframe");
  frame.title = "deltaprop playground";
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 0;`;
  /** @type {WidgetSocket | null} */
  let socket = null;
  Object.assign(frame, {
    openSocket() {
      socket?.close();
      socket = new WidgetSocket(model);
      return socket;
    },
  });
  frame.srcdoc = files.page();
  el.append(frame);
  return () => {
    socket?.close();
    model.send({}); // the page has gone
    files.revoke();
  };
}

export default {render};
