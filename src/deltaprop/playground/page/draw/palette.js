// Colours for canvases: those of style/theme.css, and tables that turn bytes into colours.

/**
 * @typedef {object} Palette
 * @property {string} ink
 * @property {string} muted secondary text
 * @property {string} faint grid lines
 * @property {string} surface
 * @property {string} accent
 * @property {string} positive
 * @property {string} negative
 * @property {string[]} train curves of the training part, of each run
 * @property {string[]} test
 * @property {string[]} classes
 * @property {Uint32Array} diverging byte → pixel: 128 is 0, 1 the most negative, 255 the most positive
 * @property {Uint32Array[]} ramps for each class: byte → pixel, from the colour of 0 to that of the class
 */

/** @typedef {[number, number, number]} Triple */

// On a map the ends of a scale stay lighter than the markers drawn over them.
const STRENGTH = 0.82;

// Colours of classes in theme.css; after the last one they begin again.
const CLASSES = 10;

const parser = /** @type {CanvasRenderingContext2D} */ (
  document.createElement("canvas").getContext("2d", {willReadFrequently: true})
);

/** @param {string} color any CSS colour @returns {Triple} red, green, blue, 0…255 */
function parse(color) {
  parser.clearRect(0, 0, 1, 1);
  parser.fillStyle = color;
  parser.fillRect(0, 0, 1, 1);
  const [r, g, b] = parser.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

/** @param {Triple} rgb @returns {Triple} Oklab, in which equal distances look equal */
function toOklab(rgb) {
  const [r, g, b] = rgb.map((v) => {
    const u = v / 255;
    return u <= 0.04045 ? u / 12.92 : ((u + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {Triple} lab @returns {Triple} red, green, blue, 0…255 */
function fromOklab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return /** @type {Triple} */ (
    linear.map((u) => {
      const v = u <= 0.0031308 ? 12.92 * u : 1.055 * u ** (1 / 2.4) - 0.055;
      return Math.round(255 * Math.min(1, Math.max(0, v)));
    })
  );
}

/**
 * Colours between `from` and `to`.
 * @param {string} from
 * @param {string} to
 * @param {number} steps
 * @returns {Uint32Array} pixels as ImageData holds them
 */
function ramp(from, to, steps) {
  const a = toOklab(parse(from));
  const b = toOklab(parse(to));
  const pixels = new Uint32Array(steps);
  const bytes = new Uint8ClampedArray(pixels.buffer);
  for (let i = 0; i < steps; i++) {
    const t = (STRENGTH * i) / (steps - 1);
    bytes.set([...fromOklab(/** @type {Triple} */ (a.map((v, k) => v + t * (b[k] - v)))), 255], 4 * i);
  }
  return pixels;
}

/** @param {Uint32Array} negative @param {Uint32Array} positive both of 128 steps from 0 outwards */
function joined(negative, positive) {
  return Uint32Array.from({length: 256}, (_, i) => (i < 128 ? negative[Math.min(127, 128 - i)] : positive[i - 128]));
}

/** @returns {Palette} */
function read() {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const zero = color("zero");
  const classes = Array.from({length: CLASSES}, (_, k) => color(`class-${k}`));
  return {
    ink: color("ink"),
    muted: color("muted"),
    faint: color("faint"),
    surface: color("surface"),
    accent: color("accent"),
    positive: color("positive"),
    negative: color("negative"),
    train: [color("train"), color("train-1")],
    test: [color("test"), color("test-1")],
    classes,
    diverging: joined(ramp(zero, color("negative"), 128), ramp(zero, color("positive"), 128)),
    ramps: classes.map((c) => ramp(zero, c, 256)),
  };
}

/** @type {Palette | null} */
let present = null;

/** The colours of the present theme. */
export function palette() {
  present ??= read();
  return present;
}

/** After a change of the theme: the colours are read again when they are next needed. */
export function forgetPalette() {
  present = null;
}
