// Maps of the plane: grids of bytes turned into pixels.

import {palette} from "./palette.js";

/** Square maps of the same side, one below the other in one image. */
export class Maps {
  /** @param {number} side @param {number} count */
  constructor(side, count) {
    this.side = side;
    this.count = count;
    this.canvas = document.createElement("canvas");
    this.canvas.width = side;
    this.canvas.height = side * count;
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.image = this.context.createImageData(side, side * count);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /**
   * Signed values: 128 is 0.
   * @param {Uint8Array} bytes of all maps
   * @param {number[]} [shares] of the scale that each map's values fill at most
   */
  paintSigned(bytes, shares = new Array(this.count).fill(1)) {
    const {diverging} = palette();
    const cells = this.side * this.side;
    shares.forEach((share, map) => {
      const end = Math.min(bytes.length, (map + 1) * cells);
      for (let i = map * cells; i < end; i++) this.pixels[i] = diverging[Math.round(128 + share * (bytes[i] - 128))];
    });
    this.context.putImageData(this.image, 0, 0);
  }

  #paint(/** @type {Uint8Array} */ bytes, /** @type {Uint32Array} */ table) {
    const count = Math.min(bytes.length, this.pixels.length);
    for (let i = 0; i < count; i++) this.pixels[i] = table[bytes[i]];
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * The output of a network: one map of probabilities or values, or one map of probabilities for each class.
   * @param {Uint8Array} bytes 0…255
   * @param {boolean} discrete whether only the side of the middle, or the most probable class, is shown
   */
  paintOutput(bytes, discrete) {
    const cells = this.side * this.side;
    const classes = bytes.length / cells;
    if (classes > 1) {
      this.#paintClasses(bytes, classes, discrete);
    } else {
      this.#paint(bytes, discrete ? steep(palette().diverging) : palette().diverging);
    }
  }

  /** The most probable class of each cell, paler the nearer the second one. */
  #paintClasses(/** @type {Uint8Array} */ bytes, /** @type {number} */ classes, /** @type {boolean} */ discrete) {
    const {ramps} = palette();
    const cells = this.side * this.side;
    for (let i = 0; i < cells; i++) {
      let best = 0;
      let first = -1;
      let second = -1;
      for (let k = 0; k < classes; k++) {
        const p = bytes[k * cells + i];
        if (p > first) {
          second = first;
          first = p;
          best = k;
        } else if (p > second) {
          second = p;
        }
      }
      this.pixels[i] = ramps[best % ramps.length][discrete ? 255 : first - second];
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} i which map
   * @param {number} x
   * @param {number} y
   * @param {number} size
   * @param {boolean} [smooth]
   */
  draw(context, i, x, y, size, smooth = true) {
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = size > 2 * this.side ? "high" : "low"; // enlarged much, cells would be seen
    context.drawImage(this.canvas, 0, i * this.side, this.side, this.side, x, y, size, size);
  }
}

/** @param {Uint32Array} table of 256 colours @returns {Uint32Array} its two ends only */
function steep(table) {
  return table.map((_, i) => table[i < 128 ? 1 : 255]);
}
