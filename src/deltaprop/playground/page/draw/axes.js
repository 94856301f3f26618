// The frame of the plane, with the numbers and names of its axes.

import {number} from "./format.js";
import {palette} from "./palette.js";
import {toCanvas} from "./points.js";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./points.js").Plane} plane
 * @param {[string, string]} names
 */
export function drawAxes(context, plane, [xName, yName]) {
  const {left, top, size, extent} = plane;
  context.strokeStyle = palette().faint;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, size + 1, size + 1);
  context.fillStyle = palette().muted;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  const labels = /** @type {const} */ ([[-extent, "left"], [0, "center"], [extent, "right"]]);
  for (const [value, align] of labels) {
    context.textAlign = align;
    context.fillText(number(value), toCanvas(plane, value, 0)[0], top + size + 4);
  }
  context.fillText(xName, left + 0.78 * size, top + size + 4, 0.3 * size);
  context.save();
  context.translate(left - 15, top);
  context.rotate(-Math.PI / 2);
  context.textAlign = "right";
  context.fillText(number(extent), 0, 0);
  context.textAlign = "center";
  context.fillText("0", -size / 2, 0);
  context.fillText(yName, -0.25 * size, 0, 0.3 * size);
  context.restore();
}
