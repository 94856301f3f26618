// Numbers as the page writes them.

/**
 * With so many significant digits, and a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const shortened = Number(value.toPrecision(digits));
  const scientific = size !== 0 && (size < 1e-3 || size >= 1e6);
  const text = scientific ? shortened.toExponential() : String(shortened);
  return text.replace("e+", "e").replaceAll("-", "−");
}

/**
 * A whole number, with its thousands apart.
 * @param {number} value
 */
export function grouped(value) {
  return value.toLocaleString("en").replaceAll(",", "\u202f").replace("-", "−");
}

/** @param {number} value a share, 0…1 */
export function percent(value) {
  return Number.isNaN(value) ? "–" : `${(100 * value).toFixed(1)} %`;
}
