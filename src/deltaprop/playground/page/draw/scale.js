// Scales of plots: values to places, and round numbers to label them with.

/**
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {number[]} ticks
 * @property {(value: number) => number} share 0 at `low`, 1 at `high`
 * @property {(share: number) => number} value the inverse of `share`
 */

/**
 * @param {number} low
 * @param {number} high
 * @param {number} count about so many ticks
 * @returns {Scale}
 */
export function linearScale(low, high, count) {
  if (!(high > low)) high = low + 1;
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw) ?? 10);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return {low, high, ticks, share: (v) => (v - low) / (high - low), value: (s) => low + s * (high - low)};
}

/**
 * @param {number} low above 0
 * @param {number} high
 * @param {number} count about so many ticks
 * @returns {Scale}
 */
export function logScale(low, high, count) {
  if (!(high > low)) high = 10 * low;
  const a = Math.log10(low);
  const b = Math.log10(high);
  const share = (/** @type {number} */ v) => (Math.log10(v) - a) / (b - a);
  const every = Math.max(1, Math.ceil((b - a) / Math.max(1, count)));
  const marks = b - a > 1.5 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let p = Math.floor(a); p <= b; p += every) {
    for (const m of marks) {
      const tick = Number((m * 10 ** p).toPrecision(6));
      if (share(tick) > -1e-9 && share(tick) < 1 + 1e-9) ticks.push(tick);
    }
  }
  return {low, high, ticks, share, value: (s) => 10 ** (a + s * (b - a))};
}

/**
 * The smallest and the largest finite number, or null where there is none.
 * @param {ArrayLike<number>[]} lists
 * @param {boolean} positive whether only numbers above 0 count
 * @returns {[number, number] | null}
 */
export function range(lists, positive = false) {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const v = list[i];
      if (!Number.isFinite(v) || (positive && v <= 0)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * Logarithmic on both sides of 0, linear near it.
 * @param {number} low
 * @param {number} high
 * @param {number} near about where the logarithm begins, above 0
 * @param {number} count about so many ticks
 * @returns {Scale}
 */
export function symmetricLogScale(low, high, near, count) {
  const to = (/** @type {number} */ v) => Math.asinh(v / near);
  const [a, b] = [to(low), to(high)];
  const powers = [];
  for (let p = Math.ceil(Math.log10(near)); 10 ** p <= Math.max(-low, high); p++)
    powers.push(Number((10 ** p).toPrecision(6)));
  const inside = [...powers.map((v) => -v).reverse(), 0, ...powers].filter((v) => v >= low && v <= high);
  const every = Math.ceil(inside.length / Math.max(2, count));
  const zero = inside.indexOf(0);
  const ticks = inside.filter((_, i) => (i - zero) % every === 0);
  return {low, high, ticks, share: (v) => (to(v) - a) / (b - a), value: (s) => near * Math.sinh(a + s * (b - a))};
}
