// A canvas that keeps the size of its box, sharp on every screen.

/**
 * @typedef {object} Surface
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} context in CSS pixels
 * @property {number} width of the box, in CSS pixels
 * @property {number} height
 */

/**
 * @param {string} className
 * @param {() => void} redraw called when the size has changed
 * @returns {Surface}
 */
export function createSurface(className, redraw) {
  const canvas = document.createElement("canvas");
  canvas.className = className;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const surface = {canvas, context, width: 0, height: 0};
  new ResizeObserver(() => {
    const ratio = window.devicePixelRatio || 1;
    surface.width = canvas.clientWidth;
    surface.height = canvas.clientHeight;
    canvas.width = Math.round(surface.width * ratio);
    canvas.height = Math.round(surface.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    redraw();
  }).observe(canvas);
  return surface;
}

/**
 * Calls that come in quick succession draw once, before the next picture on the screen.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}

/**
 * Calls draw at once, but no more often than every `pause()` milliseconds; the last call always draws.
 * @param {() => void} draw
 * @param {() => number} pause
 * @returns {() => void}
 */
export function spaced(draw, pause) {
  let [last, timer] = [-Infinity, 0];
  const now = () => {
    [last, timer] = [performance.now(), 0];
    draw();
  };
  return () => {
    const wait = last + pause() - performance.now();
    if (wait <= 0 && !timer) now();
    else timer ||= window.setTimeout(now, wait);
  };
}

export const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
