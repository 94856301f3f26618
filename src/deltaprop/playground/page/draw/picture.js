// The picture to take home: the network and its output over the plane, as the page shows them.

import {drawAxes} from "./axes.js";
import {layoutNetwork} from "./layout.js";
import {Maps} from "./maps.js";
import {drawLinks, drawNames, drawUnits} from "./network.js";
import {palette} from "./palette.js";
import {drawPoints} from "./points.js";
import {SvgContext} from "./svg.js";

/** @import {RunView} from "../model.js" */

const WIDTH = 960;
const HEIGHT = 420;
const SIDE = 290; // of the plane
const PLANE = {left: WIDTH - SIDE - 20, top: 50, size: SIDE};
const UNIT = 32; // cells along the picture of a unit
const OUTPUT = 80; // cells along the map of the output

/**
 * As SVG, without scripts or anything from elsewhere.
 * @param {RunView} view
 * @param {string} caption
 */
export function asSvg(view, caption) {
  const context = new SvgContext(WIDTH, HEIGHT);
  draw(/** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (context)), view, caption);
  return context.text(caption);
}

/**
 * As PNG, two pixels for each unit of length.
 * @param {RunView} view
 * @param {string} caption
 * @returns {Promise<Blob>}
 */
export function asPng(view, caption) {
  const canvas = document.createElement("canvas");
  canvas.width = 2 * WIDTH;
  canvas.height = 2 * HEIGHT;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(2, 2);
  draw(context, view, caption);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no memory for the picture"))));
  });
}

/** @param {CanvasRenderingContext2D} context @param {RunView} view @param {string} caption */
function draw(context, view, caption) {
  const {ink, surface} = palette();
  const {state} = view;
  context.fillStyle = surface;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.save();
  context.translate(0, 45);
  const layout = layoutNetwork(state.columns, PLANE.left - 40, HEIGHT - 65);
  const units = new Maps(UNIT, view.scales.length);
  units.paintSigned(view.pictures);
  drawLinks(context, layout, view.theta);
  drawUnits(context, layout, state.columns, units, view.theta);
  drawNames(context, layout, state.columns, state.class_names);
  context.restore();

  const plane = {...PLANE, extent: state.extent};
  const output = new Maps(OUTPUT, 1);
  output.paintOutput(view.output, false);
  output.draw(context, 0, plane.left, plane.top, plane.size);
  drawAxes(context, plane, state.axes);
  drawPoints(context, plane, state, true, null);

  context.fillStyle = ink;
  context.font = "14px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(caption, 20, 24);
}
