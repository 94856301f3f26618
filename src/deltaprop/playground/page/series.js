/** Rows of numbers that grow at their end and can be replaced from any row on. */
export class Series {
  /** @param {number} width numbers in a row */
  constructor(width) {
    this.width = width;
    this.values = new Float32Array(0);
    this.length = 0;
  }

  /**
   * Replace all rows from row `from` on.
   * @param {number} from
   * @param {Float32Array} rows
   * @param {number} width
   * @returns {Float32Array} all rows, without a copy
   */
  replace(from, rows, width) {
    if (width !== this.width) {
      this.width = width;
      this.length = 0;
    }
    const start = Math.min(from * width, this.length);
    this.length = start + rows.length;
    if (this.length > this.values.length) {
      const grown = new Float32Array(2 * this.length);
      grown.set(this.values.subarray(0, start));
      this.values = grown;
    }
    this.values.set(rows, start);
    return this.values.subarray(0, this.length);
  }
}
