// A drawing context that writes SVG: what draws the page on a canvas draws a picture to take home.

/** As many digits as a screen can show. @param {number} value */
function short(value) {
  return String(Math.round(100 * value) / 100);
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const ANCHORS = {left: "start", start: "start", center: "middle", right: "end", end: "end"};

/** Shares of the size of the type by which a baseline lies lower. */
const LOWER = {top: 0.85, hanging: 0.85, middle: 0.35, alphabetic: 0, ideographic: -0.2, bottom: -0.2};

/** The part of CanvasRenderingContext2D that the page's pictures use. */
export class SvgContext {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    this.fillStyle = "#000";
    this.strokeStyle = "#000";
    this.lineWidth = 1;
    this.globalAlpha = 1;
    this.font = "12px sans-serif";
    /** @type {CanvasTextAlign} */
    this.textAlign = "start";
    /** @type {CanvasTextBaseline} */
    this.textBaseline = "alphabetic";
    this.imageSmoothingEnabled = true;
    this.imageSmoothingQuality = "high";
    /** @type {number[]} */
    this.dash = [];
    this.groups = 0;
    /** @type {number[]} */
    this.saved = [];
    this.measuring = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  }

  /** The picture, with a title for those who do not see it. @param {string} title */
  text(title) {
    const {width, height} = this;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">\n` +
      `<title>${escaped(title)}</title>\n${this.parts.join("\n")}\n</svg>\n`
    );
  }

  beginPath() {
    this.path = "";
  }

  closePath() {
    this.path += "Z";
  }

  moveTo(/** @type {number} */ x, /** @type {number} */ y) {
    this.path += `M${short(x)} ${short(y)}`;
  }

  lineTo(/** @type {number} */ x, /** @type {number} */ y) {
    this.path += `L${short(x)} ${short(y)}`;
  }

  /** @param {number[]} numbers two control points, and the end */
  bezierCurveTo(...numbers) {
    this.path += `C${numbers.map(short).join(" ")}`;
  }

  rect(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width, /** @type {number} */ height) {
    this.path += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
  }

  /** Whole circles only. */
  arc(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ radius) {
    const r = short(radius);
    this.path += `M${short(x + radius)} ${short(y)}a${r} ${r} 0 1 1 ${short(-2 * radius)} 0a${r} ${r} 0 1 1 ${short(2 * radius)} 0Z`;
  }

  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    this.#add(`<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${dash}`);
  }

  fill() {
    this.#add(`<path d="${this.path}" fill="${this.fillStyle}"`);
  }

  /** @param {[number, number, number, number]} box x, y, width, height */
  fillRect(...box) {
    this.path = "";
    this.rect(...box);
    this.fill();
  }

  /** @param {[number, number, number, number]} box */
  strokeRect(...box) {
    this.path = "";
    this.rect(...box);
    this.stroke();
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  measureText(/** @type {string} */ text) {
    this.measuring.font = this.font;
    return this.measuring.measureText(text);
  }

  fillText(/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) {
    const size = Number.parseFloat(this.font);
    const family = this.font.slice(this.font.indexOf(" ") + 1);
    const anchor = ANCHORS[this.textAlign];
    const lower = short(y + LOWER[this.textBaseline] * size);
    const attributes = `x="${short(x)}" y="${lower}" font-size="${size}" font-family="${escaped(family)}"`;
    this.#add(`<text ${attributes} text-anchor="${anchor}" fill="${this.fillStyle}"`, escaped(text));
  }

  /**
   * A part of a canvas, as an image within the picture.
   * @param {HTMLCanvasElement} source
   * @param {number[]} box x, y, width and height there, then here
   */
  drawImage(source, ...[sx, sy, sw, sh, x, y, width, height]) {
    const part = document.createElement("canvas");
    part.width = sw;
    part.height = sh;
    part.getContext("2d")?.drawImage(source, sx, sy, sw, sh, 0, 0, sw, sh);
    const place = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    const cells = this.imageSmoothingEnabled ? "" : ' image-rendering="pixelated"';
    this.#add(`<image ${place} preserveAspectRatio="none"${cells} href="${part.toDataURL()}"`);
  }

  save() {
    this.saved.push(this.groups);
    this.groups = 0;
  }

  restore() {
    for (; this.groups > 0; this.groups--) this.parts.push("</g>");
    this.groups = this.saved.pop() ?? 0;
  }

  translate(/** @type {number} */ x, /** @type {number} */ y) {
    this.#group(`translate(${short(x)} ${short(y)})`);
  }

  rotate(/** @type {number} */ angle) {
    this.#group(`rotate(${short((180 * angle) / Math.PI)})`);
  }

  #group(/** @type {string} */ transform) {
    this.parts.push(`<g transform="${transform}">`);
    this.groups++;
  }

  /** @param {string} start of an element @param {string} [content] */
  #add(start, content) {
    const alpha = this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : "";
    this.parts.push(content === undefined ? `${start}${alpha}/>` : `${start}${alpha}>${content}</text>`);
  }
}
