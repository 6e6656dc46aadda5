// The rows of the board: which pictures a cell has, and how each is painted.
import { mixColours, parseColour } from "../common/colours.js";
import { make, withSubscripts } from "../common/dom.js";
import { formatFactor, formatNumber } from "../common/format.js";
import { barPixels, columnLimits, heatPixels, largest, logRange, normPixels, paintPixels } from "./heat.js";
import { heatHeight } from "./layout.js";
import { gradientOverlay, nodeOverlay } from "./nodes.js";

const NODE = 56;
const LANE = 24;
const BARS = 46;

// One scale per kind of number, shared by all cells and layers, so that colours can be compared.
export function sharedLimits(model) {
  const limits = { gates: 1, gradient: {} };
  const layers = model.cells.flatMap((cell) => cell.layers);
  for (const layer of layers) {
    for (const row of layer.rows.filter((one) => one.kind === "state")) {
      limits[row.name] = Math.max(limits[row.name] ?? 0, largest(row.values));
    }
    for (const row of layer.backward?.rows ?? []) {
      limits.gradient[row.name] = Math.max(limits.gradient[row.name] ?? 0, largest(row.values));
    }
  }
  limits.norms = logRange(layers.filter((layer) => layer.backward).map((layer) => layer.backward.norms));
  return limits;
}

// All rows of one layer, from top to bottom.
export function layerRows(stage, cell, layer) {
  const wished = heatWish(stage.model, stage.compact);
  const context = { stage, cell, layer, wished };
  const rows = [nodeRow(context)];
  for (const row of layer.rows) rows.push(heatRow(context, row));
  if (!layer.backward) return rows;
  rows.push(laneRow(context), factorRow(context));
  for (const row of layer.backward.rows) {
    rows.push(gradientRow(context, row, false), gradientRow(context, row, true));
  }
  rows.push(sumRow(context));
  return rows;
}

// The more pictures stand below one another, the lower each of them.
function heatWish(model, compact) {
  const bands = model.cells.reduce((sum, cell) => sum + cell.layers.length, 0);
  if (compact) return 64;
  return bands <= 1 ? 128 : bands <= 3 ? 96 : 64;
}

function track(context, options) {
  const { cell, layer } = context;
  const canvas = make("canvas", { "aria-hidden": "true" });
  const veil = make("div", { class: "veil" });
  const picture = make("div", { class: "picture", style: `height:${options.height}px`, role: "img", "aria-label": options.title }, canvas, veil);
  if (options.svg) picture.append(options.svg);
  if (options.grid) picture.append(make("div", { class: "grid", style: gridStyle(options.height, options.units) }));
  const line = make(
    "div",
    { class: `line ${options.className}`, style: `--height:${options.height}px` },
    make("div", { class: "gutter" }, ...options.gutter),
    make("div", { class: "track" }, picture),
  );
  return { cell: cell.index, layer: layer.index, veil, canvas, picture, line, units: layer.units, optional: false, ...options };
}

function gridStyle(height, units) {
  return height / units >= 5 ? `--unit:${height / units}px` : "--unit:0px";
}

function label(text, symbol, ...details) {
  const name = make("span", { class: "row-name" }, text);
  const sign = symbol ? make("span", { class: "row-symbol" }, ...withSubscripts(symbol)) : null;
  return [make("span", { class: "row-label" }, name, sign), ...details.map((detail) => make("span", { class: "row-scale" }, detail))];
}

function described(context, text) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  return say("{cell}, {layer}, {what}: {units} units, {steps} steps", { cell: cell.name, layer: layer.label, what: text, units: layer.units, steps: stage.model.steps });
}

function nodeRow(context) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  const height = Math.max(32, heatHeight(layer.units, stage.compact ? 48 : NODE));
  const overlay = nodeOverlay(height, layer.reverse);
  const state = layer.rows[0];
  const several = cell.layers.length > 1;
  const gutter = [
    layer.index === 0 ? make("span", { class: "cell-name" }, make("span", { class: "chip", style: `background:${cell.colour}` }), cell.name) : null,
    several ? make("span", { class: "row-scale" }, layer.label) : null,
  ];
  return track(context, {
    className: "nodes", name: state.name, kind: state.kind, values: state.values, height, gutter,
    svg: overlay.svg, resize: overlay.resize, node: true,
    title: described(context, say("unrolled over time")),
    paint: (canvas, look) => paintHeat(canvas, state.values, layer.units, stage.model.steps, () => stage.limits[state.name], look),
  });
}

function paintHeat(canvas, values, units, steps, limitAt, look) {
  paintPixels(canvas, heatPixels(values, steps, units, limitAt, look.table), steps, units);
}

function heatRow(context, row) {
  const { stage, layer, wished } = context;
  const limit = row.kind === "gate" ? stage.limits.gates : stage.limits[row.name];
  const height = heatHeight(layer.units, row.name === "h" ? wished : Math.min(wished, 64));
  return track(context, {
    className: "heat forward-only", name: row.name, kind: row.kind, values: row.values, height, grid: true,
    optional: row.name !== "h", optionLabel: row.label,
    gutter: label(row.label, row.symbol, scaleText(row, limit, stage.say)),
    title: described(context, row.label),
    paint: (canvas, look) => paintHeat(canvas, row.values, layer.units, stage.model.steps, () => limit, look),
  });
}

// A gate that only opens and closes has no negative half.
function scaleText(row, limit, say) {
  return row.kind === "gate" && row.values.every((value) => value >= 0) ? say("0 to 1") : `±${formatNumber(limit)}`;
}

function laneRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const overlay = gradientOverlay(LANE, layer.reverse);
  return track(context, {
    className: "lane backward-only", name: "h", kind: "norm", values: null, height: LANE,
    gutter: label(say("size"), "|∂L/∂h_t|"), svg: overlay.svg, resize: overlay.resize,
    title: described(context, say("size of the gradient")),
    paint: (canvas, look) => paintPixels(canvas, normPixels(layer.backward.norms, stage.limits.norms, look.sequential), stage.model.steps, 1),
  });
}

// Text, not a picture: the factor from the step after, under each node.
function factorRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const veil = make("div", { class: "veil" });
  const marks = Array.from(layer.backward.factors, (factor) => make("span", { class: factor < 1 ? "factor lost" : "factor gained" }, formatFactor(factor)));
  const line = make(
    "div",
    { class: "line factors backward-only", style: "--height:20px" },
    make("div", { class: "gutter" }, ...label(say("factor per step"), "")),
    make("div", { class: "track", "aria-hidden": "true" }, make("div", { class: "picture marks" }, ...marks, veil)),
  );
  return { cell: context.cell.index, layer: layer.index, kind: "factor", line, veil, optional: false };
}

function gradientRow(context, row, relative) {
  const { stage, layer, wished } = context;
  const { say } = stage;
  const height = heatHeight(layer.units, Math.min(wished, 52));
  const limits = columnLimits(row.values, stage.model.steps, layer.units);
  const limit = stage.limits.gradient[row.name];
  const text = relative ? say("each step by itself") : say("one scale for all");
  return track(context, {
    className: "heat backward-only", name: row.name, kind: "gradient", values: row.values, height, grid: true,
    optional: row.name !== "h", optionLabel: namedLabel(layer, row.name),
    gutter: label("", `∂L/∂${row.name}_t`, relative ? text : `${text} ±${formatNumber(limit)}`),
    title: described(context, `∂L/∂${row.name}, ${text}`),
    paint: (canvas, look) => paintHeat(canvas, row.values, layer.units, stage.model.steps, relative ? (step) => limits[step] : () => limit, look),
  });
}

function namedLabel(layer, name) {
  return layer.rows.find((row) => row.name === name)?.label ?? name;
}

function sumRow(context) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  const { weightSum, weightSteps } = layer.backward;
  const most = Math.max(largest(weightSum), largest(weightSteps));
  return track(context, {
    className: "bars backward-only", name: "h", kind: "sum", values: null, height: BARS,
    gutter: label(say("running sum"), "∂L/∂W", say("up to {number}", { number: formatNumber(most) }), say("inner bar: this step")),
    title: described(context, say("running sum of the weight gradient")),
    paint: (canvas, look) => paintPixels(canvas, barPixels(weightSum, weightSteps, BARS, parseColour(cell.colour), mixColours(parseColour(cell.colour), look.ink, 0.62)), stage.model.steps, BARS),
  });
}

