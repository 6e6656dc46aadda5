// A line chart in SVG: drawn as a whole each time, with a read-out that follows pointer and keys.
import { makeSvg } from "../common/dom.js";
import { drawBaselines, KEY_SPACE } from "./baselines.js";
import { attachBrush, attachCursor } from "./chart_input.js";
import { scaleLinear } from "./scale.js";

const HEIGHT = 210;
const MARGIN = { left: 46, right: 12, top: 10, bottom: 34 };
const TRIANGLE = 8; // its width and height

/**
 * @typedef {[number, number]} Range
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {string} colour
 * @property {string} dash
 * @property {number[]} xs
 * @property {(number|null)[]} ys positions on the axis
 * @property {(number|null)[]} values what the read-out says
 * @property {{k: number, zero: boolean}[]} [below] points that lie under the axis
 * @property {(number|null)[]} [low] lower end of a band
 * @property {(number|null)[]} [high] upper end of a band
 *
 * @typedef {object} Chart
 * @property {Line[]} lines
 * @property {{range: Range, whole?: Range, ticks: {at: number, text: string}[], label: string}} x
 * @property {{range: Range, ticks: {at: number, text: string}[]}} y
 * @property {{key: string, title: string, y: number}[]} [baselines]
 * @property {{x: number, text: string}[]} [changes] dashed vertical lines
 * @property {number|null} [savedStepX] where the saved step that is shown lies
 * @property {(x: number) => string} readout
 * @property {(value: number) => string} format
 * @property {string} label the text alternative
 * @property {(range: Range|null) => void} [zoom] for a chart that can be zoomed
 */

// The drawing area of a chart that is `width` wide; `keyed`: its baselines have keys at the right.
export function plotArea(width, keyed = false) {
  const right = keyed ? KEY_SPACE : MARGIN.right;
  return { x: [MARGIN.left, width - right], y: [HEIGHT - MARGIN.bottom, MARGIN.top] };
}

// "M x y L x y ..." through the points; a missing value leaves a gap.
export function linePath(xs, ys, xRange, yRange, box) {
  let drawing = false;
  let d = "";
  for (let i = 0; i < xs.length; i++) {
    if (ys[i] === null || !Number.isFinite(ys[i])) {
      drawing = false;
      continue;
    }
    const x = scaleLinear(xs[i], xRange, box.x).toFixed(1);
    const y = scaleLinear(ys[i], yRange, box.y).toFixed(1);
    d += `${drawing ? "L" : "M"}${x} ${y}`;
    drawing = true;
  }
  return d;
}

// The outline of the band between two lines.
export function bandPath(xs, low, high, xRange, yRange, box) {
  const forwards = xs.map((_, k) => k).filter((k) => low[k] !== null && high[k] !== null);
  const backwards = [...forwards].reverse();
  const pick = (values, order) => order.map((k) => values[k]);
  const outline = linePath(
    [...pick(xs, forwards), ...pick(xs, backwards)],
    [...pick(high, forwards), ...pick(low, backwards)],
    xRange,
    yRange,
    box,
  );
  return outline && `${outline}Z`;
}

// Where triangles stand for the values below the axis: not closer than they are wide.
export function triangles(line, xRange, xs) {
  const corners = [];
  for (const { k, zero } of line.below ?? []) {
    const x = scaleLinear(line.xs[k], xRange, xs);
    const last = corners[corners.length - 1];
    if (!last || last.zero !== zero || x - last.x >= TRIANGLE) corners.push({ x, zero });
  }
  return corners;
}

/**
 * @param {import("./view.js").ChartView} chartView
 * @param {Chart} chart
 */
export function drawChart(chartView, chart) {
  const { svg } = chartView;
  // Asking for a width in the middle of a drawing makes the browser lay out all of the page.
  const measured = chartView.width || svg.clientWidth || svg.parentElement.clientWidth;
  const width = Math.max(220, measured);
  const box = plotArea(width, chart.baselines?.length > 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("height", HEIGHT);
  svg.setAttribute("aria-label", chart.label);
  const pane = clippedPane(box);
  for (const change of chart.changes ?? []) pane.append(drawChange(change, chart, box));
  for (const line of chart.lines) pane.append(...drawLine(line, chart, box));
  const cursor = makeSvg("g", { class: "cursor" });
  svg.replaceChildren(
    ...drawAxes(chart, box, width),
    pane,
    ...drawTriangles(chart, box),
    ...drawBaselines(chart, box),
    ...drawSavedStep(chart, box),
    cursor,
  );
  const moveCursor = attachCursor(chartView, chart, box, cursor);
  if (chart.zoom) attachBrush(chartView, chart, box, moveCursor);
}

// What is drawn into the pane is cut off at its edges.
function clippedPane(box) {
  const [x, y] = [box.x[0], box.y[1] - 2];
  const [width, height] = [box.x[1] - x, box.y[0] - y + 2];
  return makeSvg("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` });
}

function drawAxes(chart, box, width) {
  const parts = [];
  for (const tick of chart.y.ticks) {
    const y = scaleLinear(tick.at, chart.y.range, box.y);
    const position = { x: box.x[0] - 6, y: y + 4, "text-anchor": "end" };
    parts.push(makeSvg("line", { class: "grid", x1: box.x[0], x2: box.x[1], y1: y, y2: y }));
    parts.push(makeSvg("text", { class: "tick", ...position }, tick.text));
  }
  for (const tick of chart.x.ticks) {
    const x = scaleLinear(tick.at, chart.x.range, box.x);
    const position = { x, y: box.y[0] + 15, "text-anchor": "middle" };
    parts.push(makeSvg("text", { class: "tick", ...position }, tick.text));
  }
  const middle = { x: (box.x[0] + width) / 2, y: HEIGHT - 3, "text-anchor": "middle" };
  parts.push(makeSvg("text", { class: "axis", ...middle }, chart.x.label));
  return parts;
}

function drawChange(change, chart, box) {
  const x = scaleLinear(change.x, chart.x.range, box.x);
  const title = makeSvg("title", {}, change.text);
  const ends = { x1: x, x2: x, y1: box.y[0], y2: box.y[1] };
  return makeSvg("line", { class: "change-line", ...ends }, title);
}

function drawSavedStep(chart, box) {
  if (chart.savedStepX === null || chart.savedStepX === undefined) return [];
  const x = scaleLinear(chart.savedStepX, chart.x.range, box.x);
  if (x < box.x[0] || x > box.x[1]) return [];
  const ends = { x1: x, x2: x, y1: box.y[0], y2: box.y[1] };
  return [makeSvg("line", { class: "saved-step", ...ends })];
}

function drawLine(line, chart, box) {
  const parts = [];
  if (line.low) {
    const d = bandPath(line.xs, line.low, line.high, chart.x.range, chart.y.range, box);
    if (d) parts.push(makeSvg("path", { class: "band", d, style: `fill:${line.colour}` }));
  }
  const style = `stroke:${line.colour};stroke-dasharray:${line.dash}`;
  const d = linePath(line.xs, line.ys, chart.x.range, chart.y.range, box);
  if (d) parts.push(makeSvg("path", { class: "line", d, style }));
  return parts;
}

// At the foot of the axis, one row per line, so that no line hides another's.
function drawTriangles(chart, box) {
  const parts = [];
  const lines = chart.lines.filter((line) => line.below?.length);
  for (const [row, line] of lines.entries()) {
    const y = box.y[0] - row * (TRIANGLE + 1);
    for (const { x, zero } of triangles(line, chart.x.range, box.x)) {
      const d = `M${x - TRIANGLE / 2} ${y - TRIANGLE}h${TRIANGLE}l${-TRIANGLE / 2} ${TRIANGLE}z`;
      const style = `stroke:${line.colour};fill:${zero ? "none" : line.colour}`;
      parts.push(makeSvg("path", { class: "below", d, style }));
    }
  }
  return parts;
}
